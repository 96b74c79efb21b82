"""A made-up log through the gates of a plan."""
import gzip
import json
import subprocess

from checks import DONE, FAILED, HELD, ROLLED_BACK, SIDES, WRONG, check, minute


@check
def good_log(f):
    """A good candidate passes both gates."""
    (f.path / "good.log").write_text(minute(bad=False))
    f.rehearse(DONE, ["canary/25% +promoted", "canary/100% +passed the last gate"], "good.log", *SIDES)


@check
def bad_log(f):
    """A third of its answers are errors: taken back, with the numbers of both sides."""
    (f.path / "bad.log").write_text(minute(bad=True))
    f.rehearse(ROLLED_BACK, r"rolled back: shop of green\*: .*\d+ in \d+.* against 0", "bad.log",
               *SIDES)


@check
def gzipped_log(f):
    (f.path / "bad.log").write_text(minute(bad=True))
    (f.path / "bad.log.gz").write_bytes(gzip.compress(minute(bad=True).encode()))
    plain, packed = (f.rehearse(ROLLED_BACK, "rolled back", log, *SIDES, "--json") for log in ("bad.log", "bad.log.gz"))
    assert json.loads(plain)["decisions"] == json.loads(packed)["decisions"]
    (f.path / "cut.log.gz").write_bytes((f.path / "bad.log.gz").read_bytes()[:2000])
    f.rehearse(FAILED, "gzip ends in the middle", "cut.log.gz", *SIDES)


@check
def log_by_the_plans_release(f):
    """The plan's signal says which field names the release: the recording is read as it would be live."""
    f.plan(f"  traffic: {{ access-log: {f.log}, format: json, release-by: version }}")
    lines = ""
    for n in range(6000):
        own = n % 4 == 0 and n >= 500
        status = 500 if own and n % 12 == 0 else 200
        lines += json.dumps({"time": 1795225844000 + n * 10, "status": status, "method": "GET", "path": f"/item/{n % 10}",
                             "version": "v2" if own else "v1", "client": f"10.0.{n % 7}.{n % 200}"}) + "\n"
    (f.path / "app.log").write_text(lines)
    f.rehearse(ROLLED_BACK, r"rolled back: shop of v2: .*\d+ in \d+.* against 0", "app.log", "--candidate", "v2",
               "--previous", "v1")
    f.plan(f"  traffic: {{ access-log: {f.log}, format: json }}")
    f.rehearse(WRONG, "no request in it has a server; `release-by:`", "app.log", "--candidate", "v2")
    f.run(WRONG, "no line names a server: --release FIELD", "analyze", f.path / "app.log", "--baseline", "v1",
          "--candidate", "v2")


@check
def log_with_a_line_of_another_year(f):
    """It is one lost line, not as many seconds."""
    lines = minute(bad=False).splitlines(keepends=True)
    lines.insert(3000, lines[3000].replace("davy1 17952", "davy1 40952"))
    (f.path / "good.log").write_text("".join(lines))
    f.rehearse(DONE, "canary/100% +passed the last gate", "good.log", *SIDES)


@check
def rehearsal_as_json(f):
    (f.path / "bad.log").write_text(minute(bad=True))
    told = json.loads(f.rehearse(ROLLED_BACK, "", "bad.log", *SIDES, "--json"))
    assert [d["what"] for d in told["decisions"]] == ["the candidate meets users", "rolled back"], told
    assert told["requests"] > 0 and told["decisions"][1]["gate"] == "canary/25%", told


@check
def short_log(f):
    """It ends before the gates do: nobody can tell, and how far it came is said."""
    f.plan(bake="1m")
    (f.path / "good.log").write_text(minute(bad=False))
    f.rehearse(HELD, "ended in canary/25%, 55s of 1m watched", "good.log", *SIDES)


@check
def wrong_words(f):
    """Each says what to do instead."""
    (f.path / "good.log").write_text(minute(bad=False))
    (f.path / "empty.log").write_text("")
    (f.path / "other.log").write_text("this is no traffic log\n" * 10)
    f.rehearse(WRONG, ["which of the log's servers", "--candidate, such as"], "good.log")
    f.rehearse(WRONG, ["no request reached purple", "storefront/blue0, .*storefront/green1"], "good.log", "--candidate",
               "purple*")
    f.rehearse(WRONG, "there is no file .*/none.log", "none.log", *SIDES)
    f.rehearse(WRONG, "is empty", "empty.log", *SIDES)
    f.rehearse(WRONG, "format cannot be told", "other.log", *SIDES)
    f.rehearse(FAILED, "it is a directory", "", *SIDES)
    f.expect(WRONG, ["there is no run 20200101-000000-xxx", "--state"], "rehearse", "--recorded",
             "20200101-000000-xxx")
    f.expect(WRONG, "there is no run yet", "rehearse")


@check
def hostile_log(f):
    """What a log says reaches the terminal only in a harmless form."""
    text = minute(bad=True).replace("green0", "green\x1b[2J")
    (f.path / "bad.log").write_text(text)
    out = f.rehearse(WRONG, "no request reached", "bad.log", "--candidate", "purple")
    assert "\x1b" not in out
    done = subprocess.run(f.command("rehearse", "--recorded", f.path / "bad.log", "--candidate", "purple"),
                          stderr=subprocess.PIPE)
    assert b"\x1b" not in done.stderr and rb"\x1b[2J" in done.stderr, done.stderr


@check
def looking_leaves_nothing_behind(f):
    """Commands that only look make no store where no run began."""
    f.rehearse(WRONG, "there is no run 20200101-000000-xxx|there is no file", "20200101-000000-xxx")
    f.expect(WRONG, "there is no run 20200101-000000-xxx", "rehearse", "--recorded", "20200101-000000-xxx")
    f.run(WRONG, "there is no run yet", "status")
    f.run(DONE, "no run yet", "history")
    assert not (f.path / "state").exists()
