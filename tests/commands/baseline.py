"""Baselines of other days and other judges, through `davy baseline`, `davy plan` and `davy rehearse`."""
import json

from checks import DONE, HELD, ROLLED_BACK, SIDES, WRONG, check, line, minute

DAY = 24 * 3600 * 1000
NOON = 1795225844000  # of the log that is rehearsed
KAYENTA = {"name": "shop", "metrics": [
    {"name": "failures", "groups": ["errors"], "analysisConfigurations": {"canary": {"direction": "increase"}}},
    {"name": "latency.p95", "groups": ["speed"], "analysisConfigurations": {"canary": {"direction": "increase"}}}],
    "classifier": {"groupWeights": {"errors": 70, "speed": 30}}}


DEAF = "  alpha: 0.%s1%%\n" % ("0" * 200)  # the test of errors would say it first


def somewhat_bad():
    """One in seven of the candidate's answers is an error, one in fifty of the others'."""
    def failing(n):
        return n % 28 == 0 and n >= 500 or n % 50 == 1
    return "".join(line(n, NOON + n * 10, False, 500).replace(" 200 512", " 500 512") if failing(n)
                   else line(n, NOON + n * 10, False, 500) for n in range(6000))


def slower(text, taken):
    return text.replace("0/0/0/12/12", f"0/0/0/{taken}/{taken}")


def judged(f, judge, passing=""):
    """The plan, with this under `judge:`."""
    f.plan(passing=passing, rule="error_rate over 5s > 50%")
    plan = f.path / "davy.yaml"
    plan.write_text(plan.read_text() + judge)


@check
def baseline_of_a_log(f):
    """What a log says becomes a file; a plan compares with it, and davy plan says so."""
    (f.path / "before.log").write_text(minute(bad=False))
    (f.path / "slow.log").write_text(slower(minute(bad=False), 30))
    out = f.run(DONE, ["p95 12", "release-4.json was written"], "baseline", "--recorded", f.path / "before.log", "-o",
                f.path / "release-4.json")
    assert "6,000 requests" in out, out
    window = json.loads((f.path / "release-4.json").read_text())
    assert window["releases"][""]["n"] == 6000, window
    judged(f, '  hold: ["latency.p95 over 5s > 150% of release-4"]\n  baselines: { release-4: release-4.json }\n')
    f.run(DONE, ["150% of release-4 +hold", "against release-4, as recorded in release-4.json"], "plan", "2",
          "--file", f.path / "davy.yaml")
    f.rehearse(HELD, r"held: shop of green\*: latency.p95 is 30.*release-4 12", "slow.log", *SIDES)
    f.rehearse(DONE, "passed the last gate", "before.log", *SIDES)


@check
def the_same_hour_of_yesterday(f):
    """Compared with the log of 24 hours before, which was quicker; the day before that was not."""
    times = [(1, 10), (2, 29)]
    for days, taken in times:
        text = "".join(line(n, NOON - days * DAY + n * 10, False) for n in range(6000))
        (f.path / f"{days}.log").write_text(slower(text, taken))
    (f.path / "slow.log").write_text(slower(minute(bad=False), 30))
    for days, code in ((1, ROLLED_BACK), (2, DONE)):
        (f.path / "davy.yaml").unlink()
        f.plan(passing="", rule="latency.p95 over 5s > 150% of then")
        plan = f.path / "davy.yaml"
        plan.write_text(plan.read_text() + f"  baselines: {{ then: {{ recorded: {days}.log, ago: {days}d, over: 1m }} }}\n")
        f.rehearse(code, "then 10" if code == ROLLED_BACK else "passed", "slow.log", *SIDES)
    plan.write_text(plan.read_text().replace("2.log, ago: 2d", "2.log, ago: 3d"))
    f.rehearse(WRONG, ["the baseline `then` cannot be read: it has nothing of 3d before", "name another recording"],
               "slow.log", *SIDES)


@check
def wrong_baselines(f):
    (f.path / "good.log").write_text(minute(bad=False))
    (f.path / "other.json").write_text("{}")
    for recorded, says in (("none/at/all.log", "there is no file"), ("20200101-000000-xxx", "there is no run"),
                           ("other.json", "no file of `davy baseline`")):
        judged(f, f"  baselines: {{ then: {recorded} }}\n")
        f.run(WRONG, ["the baseline `then` cannot be read", says], "plan", "2", "--file", f.path / "davy.yaml")
    f.run(WRONG, "no request reached purple", "baseline", "--recorded", f.path / "good.log", "--servers", "purple*")


@check
def kayentas_configuration(f):
    """Its score takes a bad candidate back, and passes a good one, at the plan's own names for its metrics."""
    (f.path / "canary.json").write_text(json.dumps(KAYENTA))
    (f.path / "good.log").write_text(minute(bad=False))
    (f.path / "bad.log").write_text(somewhat_bad())
    judged(f, DEAF + "  kayenta: { config: canary.json, metrics: { failures: error_rate }, every: 1s, interval: 10s }\n")
    text = (f.path / "davy.yaml").read_text()
    f.rehearse(DONE, "passed the last gate", "good.log", *SIDES)
    f.rehearse(ROLLED_BACK, r"rolled back: shop of green\*: score 30: fail .* not passed: failures \(High\)", "bad.log", *SIDES)
    (f.path / "davy.yaml").write_text(text.replace("metrics: { failures: error_rate }, ", ""))
    (f.path / "canary.json").write_text(json.dumps(KAYENTA).replace("failures", "how many failed"))
    f.rehearse(WRONG, ["canary.json: the configuration's metric `how many failed` is no series", "kayenta: { metrics"],
               "good.log", *SIDES)
    (f.path / "canary.json").unlink()
    f.rehearse(WRONG, "canary.json", "good.log", *SIDES)


@check
def planned_looks(f):
    """The errors of both sides at two looks; what it comes to is the plan's word."""
    (f.path / "bad.log").write_text(somewhat_bad())
    judged(f, DEAF + "  planned-looks: { looks: 2, every: 15s, then: hold }\n")
    f.rehearse(HELD, r"held: .* at look \d of 2: z", "bad.log", *SIDES)
