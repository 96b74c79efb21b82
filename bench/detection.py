"""How soon a bad candidate is off, at 5 % of 2,000 req/s, and what caught it.

Time runs from the first bad answer (for one that hangs: from when the first request went in that never came out; for
one that crashes: from the first of its crashes; for one that is slow: from its first user) until the last request that
went to the candidate; `until away`: until its users were taken away for the first time, since a first proof takes them for
half a minute, and what it does then decides. `off`: the last request that went to the candidate after the verdict. `undone`: the end of the
undo in the journal, for which requests inside the candidate get a second.
"""

import pathlib
import statistics

from world import Failed, Stage

PLAN = pathlib.Path(__file__).with_name("detection.yaml")
CASES = [  # what, candidate, previous release, repetitions, further lines of versions.conf
    ("fails 20 %", "3", "2", 5, ()),
    ("fails 2 %", "3-subtle", "2", 3, ()),
    ("one endpoint only", "3-orders", "2", 3, ()),
    ("hangs, 10 %", "3-hangs", "2", 3, ()),
    ("crashes after 2 s", "3-crashes", "2", 3, ()),
    ("p95 +50 % (20 ms → 30 ms)", "3-later", "2-at-20ms", 3,
     ("2-at-20ms latency=20ms", "3-later latency=20ms slow=+50%")),
    ("twice a baseline of 0.1 %", "3-doubled", "3-noisy", 1, ()),
]


def trouble_begins(requests, candidate, version):
    """When the candidate's trouble was first felt by a user."""
    if version == "3-later":
        return min(r["sent"] for r in candidate)
    if version == "3-hangs":
        return min((r["sent"] for r in requests if r["status"] == 504 or r["lost"]), default=None)
    if version == "3-crashes":
        return min(r["sent"] for r in candidate) + 2
    return min((r["done"] for r in requests if r["status"] >= 500), default=None)


def plan_for(stage, version):
    """Thresholds as people write them; for the slow one the rule that a watched latency would have."""
    if version != "3-later":
        return PLAN
    plan = stage.dir / "slow.yaml"
    rule = "latency.p95 over 2s > 130% of baseline for 1s"
    plan.write_text(PLAN.read_text().replace("latency.p95 > 1s for 2s", rule))
    return plan


def away_first(run):
    """When users were first taken away from the candidate, to try it again or for good."""
    for at, kind, body in run.events:
        if kind == "stepped aside" or (kind == "verdict" and body["then"] == "roll-back"):
            return at
    return None


def once(stage, version):
    with stage.users(trace=True) as account:
        run = stage.deploy(version, plan_for(stage, version), timeout=1800)
    requests = list(stage.trace())
    # With a noisy previous release only the candidate's own bad answers count, and those that came from nowhere.
    theirs = [r for r in requests if r["version"] in (version, "-")]
    candidate = [r for r in theirs if r["version"] == version]
    if not candidate:
        raise Failed(f"no user ever came to {version}: {run.last_line}")
    begins = trouble_begins(theirs, candidate, version)
    bad = [r for r in theirs if r["status"] >= 500 or r["lost"]]
    last = max(r["sent"] for r in [*candidate, *bad])
    away = away_first(run) or last
    early = [r for r in candidate if r["sent"] <= away + 5]  # it comes back after half a minute
    verdict = run.verdict()
    return {
        "bad until away": sum(r["status"] >= 500 or r["lost"] for r in early),
        "until away": max(r["sent"] for r in early) - begins if begins else None,
        "bad": len(bad),
        "requests": len(candidate),
        "seconds": last - begins if begins else None,
        "verdict": verdict[0] - begins if verdict and begins else None,
        "off": max(0, last - verdict[0]) if verdict else None,
        "undone": run.switch_seconds(),
        "caught by": verdict[1]["rule"] if verdict else f"nothing: {run.last_line}",
        "lost": account["lost"]["total"],
    }


def median(values, form):
    known = [v for v in values if v is not None]
    return form.format(statistics.median(known)) if known else "-"


def measure(quick=False):
    for what, version, previous, times, more in CASES:
        if quick and version == "3-doubled":
            continue
        try:
            with Stage(versions=more) as stage:
                stage.first(previous)
                runs = [once(stage, version) for _ in range(1 if quick else times)]
        except Failed as failed:
            yield {"what": what, "note": str(failed)}
            continue
        yield {
            "what": what,
            "runs": len(runs),
            "bad until away": median([r["bad until away"] for r in runs], "{:.0f}"),
            "seconds until away": median([r["until away"] for r in runs], "{:.2f}"),
            "each until away": " ".join("-" if r["until away"] is None else f"{r['until away']:.2f}" for r in runs),
            "bad in all": median([r["bad"] for r in runs], "{:.0f}"),
            "its requests": median([r["requests"] for r in runs], "{:.0f}"),
            "seconds": median([r["seconds"] for r in runs], "{:.2f}"),
            "each": " ".join("-" if r["seconds"] is None else f"{r['seconds']:.2f}" for r in runs),
            "to verdict": median([r["verdict"] for r in runs], "{:.2f}"),
            "verdict → off, ms": median([r["off"] and r["off"] * 1e3 for r in runs], "{:.0f}"),
            "→ undone, ms": median([r["undone"] and r["undone"] * 1e3 for r in runs], "{:.0f}"),
            "lost": sum(r["lost"] for r in runs),
            "caught by": ", ".join(sorted({r["caught by"] for r in runs})),
        }
