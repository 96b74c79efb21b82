"""Requests lost while releases come and go, at 2,000 req/s."""

import contextlib
import threading

from world import CANARY, PLANS, Failed, Stage

NAMES = {"canary": CANARY, "blue-green": PLANS / "blue-green.yaml", "rolling": PLANS / "rolling.yaml"}


def losses(account):
    """(lost, answers of the router's own): what users missed, however it came to them."""
    own = account["versions"].get("(none)", {"5xx": 0})["5xx"]
    return account["lost"]["total"], own


def row(what, account, run, expected):
    lost, own = losses(account)
    told = "" if run.status == expected else f"ended with {run.status}: {run.last_line}"
    if account["unsent"]:
        told += f" ({account['unsent']} unsent by the generator)"
    bad = sum(v["bad_answers_served"] for name, v in account["versions"].items() if name != "(none)")
    return {"what": what, "requests": account["requests"], "rate": round(account["rate"]), "lost": lost,
            "router's own 5xx": own, "bad answers": bad, "p99 ms": p99(account), "note": told.strip()}


def p99(account):
    return round(max((v["p99_ms"] for v in account["versions"].values() if v["requests"] > 1000), default=0), 1)


def side_by_side(quick):
    for name, plan in NAMES.items():
        with Stage() as stage:
            stage.first()
            with stage.users() as account:
                run = stage.deploy("2", plan)
            yield row(f"{name}, good", account, run, 0)
            with stage.users() as account:
                run = stage.deploy("3", plan)
            yield row(f"{name}, taken back", account, run, 3)


@contextlib.contextmanager
def newcomers(stage, accounts):
    """Users who come, stay for a second and go, so that a share has somebody to move."""
    gone = threading.Event()

    def come():
        while not gone.is_set():
            with stage.users(rate=1300, sticky=True) as account:
                pass
            accounts.append(account)

    thread = threading.Thread(target=come)
    thread.start()
    try:
        yield
    finally:
        gone.set()
        thread.join()


def summed(accounts):
    total = accounts[0]
    for one in accounts[1:]:
        for key in ("requests", "unsent", "clean_503"):
            total[key] += one[key]
        total["lost"]["total"] += one["lost"]["total"]
        for version, had in one["versions"].items():
            mine = total["versions"].setdefault(version, dict.fromkeys(had, 0))
            for key in ("requests", "bad_answers_served", "5xx"):
                mine[key] += had[key]
            mine["p99_ms"] = max(mine["p99_ms"], had["p99_ms"])
    return total


def sticky(quick):
    with Stage("haproxy-sticky.cfg") as stage:
        stage.first()
        for version, what, expected in (("2", "sticky canary, good", 0), ("3", "sticky canary, taken back", 3)):
            accounts = []
            with stage.users(rate=1300, sticky=True) as stay:
                with newcomers(stage, accounts):
                    run = stage.deploy(version, PLANS / "sticky.yaml")
            total = summed([stay, *accounts])
            total["rate"] = total["requests"] / stay["seconds"]
            yield row(what, total, run, expected)


def maintenance(quick):
    with Stage() as stage:
        stage.first()
        with stage.users(trace=True) as account:
            run = stage.deploy("2", PLANS / "maintenance.yaml")
        one = row("in place, maintenance", account, run, 0)
        closed, opens = min(run.ends("apply", "maintenance on")), min(run.begins("apply", "maintenance off"))
        within = [r["status"] for r in stage.trace() if r["sent"] > closed and r["done"] < opens]
        other = len(within) - within.count(503)
        clean = f"{account['clean_503']} clean 503s; of {len(within)} answers while it was on {other} were others"
        one["note"] = f"{clean} {one['note']}".strip()
        yield one


def measure(quick=False):
    for part in (side_by_side, sticky, maintenance):
        try:
            yield from part(quick)
        except Failed as failed:
            yield {"what": part.__name__, "note": str(failed)}
