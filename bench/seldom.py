"""Little traffic, and all the users at once: a candidate that fails everything, where no rule of the plan says so.

`until away`: until its users were taken away for the first time. Time runs from the first bad answer.
"""

from detection import PLAN, away_first
from world import Failed, Stage

CASES = [  # what, requests a second, the rollout
    ("1 req/s, 25 %", 1, "canary: [{ traffic: 25%, bake: 30m }, { traffic: 100%, bake: 1s }]"),
    ("0.2 req/s, 25 %", 0.2, "canary: [{ traffic: 25%, bake: 30m }, { traffic: 100%, bake: 1s }]"),
    ("1 req/s, all the users at once", 1, "blue-green: { bake: 10m }"),
    ("100 req/s, all the users at once", 100, "blue-green: { bake: 10m }"),
]


def plan_for(stage, rollout):
    """The plan of detection.py without a rule."""
    head, _, rest = PLAN.read_text().partition("  - canary:")
    tail = rest[rest.index("  expect:"):]
    plan = stage.dir / "seldom.yaml"
    plan.write_text(f"{head}  - {rollout}\njudge:\n{tail}")
    return plan


def once(stage, rate, rollout):
    with stage.users(rate=rate, trace=True):
        run = stage.deploy("3-dead", plan_for(stage, rollout), timeout=1800)
    bad = [r for r in stage.trace() if r["version"] == "3-dead" and r["status"] >= 500]
    if not bad:
        raise Failed(f"no bad answer: {run.said.strip()}")
    first, away = min(r["done"] for r in bad), away_first(run)
    until = [r for r in bad if away and r["sent"] <= away + 5]
    return {
        "bad until away": len(until),
        "seconds until away": f"{max(r['done'] for r in until) - first:.2f}" if until else "-",
        "bad in all": len(bad),
        "seconds in all": f"{max(r['done'] for r in bad) - first:.0f}",
        "exit": run.status,
        "caught by": (run.verdict() or (0, {"rule": f"nothing: {run.last_line}"}))[1]["rule"],
    }


def measure(quick=False):
    for what, rate, rollout in CASES[2:] if quick else CASES:
        try:
            with Stage(versions=("3-dead fail=100%",)) as stage:
                stage.first("2", rate=50)
                yield {"what": what, **once(stage, rate, rollout)}
        except Failed as failed:
            yield {"what": what, "note": str(failed)}
