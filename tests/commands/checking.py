"""`davy check`: what it shows, its formats, and the proof that a check can fail."""
import json
import os
import subprocess
import time
import xml.etree.ElementTree as xml

from checks import BUILD, DONE, WRONG, check

REFUSED = 6
SERVICES = """\
davy: 1
services:
  shop: { process: ./shop --port $port }
environments:
  production: { url: "http://127.0.0.1:1" }
rollout: [ restart ]
"""
BAD = """\
checks:
  machine:
    Room: { disk: /, expect: free > 1 B }
    Too little: { disk: /, expect: free > 900 TB, timeout: 5s }
    Closed: { tcp: "127.0.0.1:1" }
    Unknown: { postgres: "postgres://127.0.0.1:1/x", timeout: 5s }
    Spare: { command: "exit 3", optional: true }
  people:
    Lead: { confirm: lead }
"""
GOOD = """\
checks:
  machine:
    Room: { disk: /, expect: [free > 1 B, used < 101%] }
    Prints: { command: echo 7, expect: value < 10 }
    Nothing expected: { command: "true" }
"""


def plan(f, checks):
    (f.path / "davy.yaml").write_text(SERVICES + checks)


def davy(f, *words):
    return subprocess.run([BUILD / "davy", "check", "-f", f.path / "davy.yaml", "--state", f.path / "state", *words],
                          capture_output=True, text=True, timeout=60)


def results(f, *words):
    done = davy(f, "--json", *words)
    return done.returncode, {one["item"]: one for one in json.loads(done.stdout)}


@check
def each_check_has_its_end_and_its_state(f):
    plan(f, BAD)
    code, got = results(f)
    assert code == REFUSED
    assert {name: one["result"] for name, one in got.items()} == {
        "machine/Room": "ok", "machine/Too little": "failed", "machine/Closed": "failed",
        "machine/Unknown": "cannot tell", "machine/Spare": "skipped", "people/Lead": "asked"}, got
    little = got["machine/Too little"]
    assert little["expected"] == "free > 900 TB" and little["raw"].isdigit() and "B" in little["found"], little
    assert got["machine/Spare"]["optional"], got


@check
def a_failing_check_shows_what_was_expected_and_what_was_found(f):
    plan(f, BAD)
    said = davy(f).stdout
    for words in ("expected free > 900 TB", "(raw: ", "1 ok, 2 failed, 1 cannot tell, 1 skipped, 1 asked"):
        assert words in said, (words, said)
    assert "\x1b" not in said


@check
def formats_are_read_by_those_whose_they_are(f):
    plan(f, BAD)
    suites = xml.fromstring(davy(f, "--format", "junit").stdout)
    assert suites.attrib["failures"] == "2" and suites.attrib["errors"] == "1", suites.attrib
    assert [s.attrib["name"] for s in suites] == ["machine", "people"]
    tap = davy(f, "--format", "tap").stdout.splitlines()
    assert tap[:2] == ["TAP version 14", "1..6"], tap
    assert len([one for one in tap if one.startswith("not ok ")]) == 3, tap
    plugin = davy(f, "--format", "nagios")
    assert plugin.returncode == 2 and plugin.stdout.startswith("DAVY CRITICAL - 1 of 5 checks are well"), plugin
    samples = [one for one in davy(f, "--format", "prometheus").stdout.splitlines() if not one.startswith("#")]
    assert sum(one.startswith("davy_check_state{") and one.endswith(" 1") for one in samples) == 5, samples
    assert davy(f, "--format", "yaml").returncode == WRONG
    assert davy(f, "--format", "junit", "--watch").returncode == WRONG


@check
def every_expectation_can_fail_when_it_is_turned_round(f):
    plan(f, GOOD)
    done = davy(f, "--mutate", "--json")
    got = json.loads(done.stdout)
    assert done.returncode == DONE, done
    assert [one["result"] for one in got] == ["ok", "ok", "ok", "skipped"], got
    assert "`used < 101%` turned round, `used >= 101%`, is failed" in got[1]["says"], got


@check
def a_check_may_warn_wait_and_be_elsewhere(f):
    plan(f, f"""\
checks:
  machine:
    Room: {{ disk: /, expect: free > 1 B, degraded: free < 900 TB }}
    Comes: {{ command: "test -e {f.path}/there || {{ touch {f.path}/there; exit 1; }}", within: 30s }}
    Never: {{ tcp: "127.0.0.1:1", within: 2s }}
    Replica: {{ tcp: "127.0.0.1:1", only-in: production }}
""")
    text = (f.path / "davy.yaml").read_text().replace("environments:\n", "environments:\n  staging: {}\n")
    (f.path / "davy.yaml").write_text(text)
    code, got = results(f, "--to", "staging")
    assert code == REFUSED
    assert {name: one["result"] for name, one in got.items()} == {
        "machine/Room": "degraded", "machine/Comes": "ok", "machine/Never": "failed", "machine/Replica": "not here"}, got
    assert "(asked " in got["machine/Never"]["says"], got
    assert got["machine/Room"]["says"].startswith("degraded: free is "), got
    assert davy(f, "--to", "staging", "--format", "nagios").returncode == 2


@check
def a_warning_stops_nothing_and_can_be_proven(f):
    plan(f, "checks:\n  machine:\n    Room: { disk: /, degraded: free < 900 TB }\n")
    assert davy(f).returncode == DONE
    assert davy(f, "--format", "nagios").returncode == 1
    assert "# WARNING machine/Room" in davy(f, "--format", "tap").stdout
    assert davy(f, "--mutate").returncode == REFUSED, "it warns as it is"
    plan(f, "checks:\n  machine:\n    Room: { disk: /, degraded: free < 1 B }\n")
    assert davy(f, "--mutate").returncode == DONE


@check
def a_condition_reads_the_signals_of_the_plan(f):
    (f.path / "queue").write_text("7")
    plan(f, f"""\
signals:
  queue: {{ command: "cat {f.path}/queue", every: 200ms }}
checks:
  after:
    Short: queue < 10
    Long: [queue > 5, queue > 10]
    Stretch: queue over 15m < 10
    Waits: {{ expect: queue over 2s < 10, within: 30s }}
""")
    code, got = results(f)
    assert code == REFUSED
    assert {name: one["result"] for name, one in got.items()} == {
        "after/Short": "ok", "after/Long": "failed", "after/Stretch": "cannot tell", "after/Waits": "ok"}, got
    assert got["after/Short"]["says"] == "queue is 7", got
    assert got["after/Long"]["expected"] == "queue > 10" and got["after/Long"]["found"] == "7", got
    assert got["after/Stretch"]["says"].endswith(" of 15m seen"), got


@check
def what_is_red_as_it_is_proves_nothing(f):
    plan(f, "checks:\n  machine:\n    Too little: { disk: /, expect: free > 900 TB }\n")
    done = davy(f, "--mutate", "--json")
    assert done.returncode == REFUSED and "not proven" in json.loads(done.stdout)[0]["says"], done


@check
def a_check_is_watched(f):
    plan(f, f"checks:\n  machine:\n    There: {{ file: {f.path}/there }}\n")
    words = [BUILD / "davy", "check", "-f", f.path / "davy.yaml", "--state", f.path / "state", "--watch", "--every",
             "200ms", "--json"]
    watching = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert json.loads(watching.stdout.readline())[0]["result"] == "failed"
        (f.path / "there").write_text("")
        until = time.monotonic() + 30
        while json.loads(watching.stdout.readline())[0]["result"] != "ok":
            assert time.monotonic() < until
    finally:
        watching.kill()
        watching.wait()


@check
def a_state_directory_is_for_its_owner_alone(f):
    plan(f, "checks: { machine: { Room: { disk: /, expect: free > 1 B } } }\n")
    before = os.umask(0)
    try:
        davy(f)
    finally:
        os.umask(before)
    folders = [f.path / "state", *(one for one in (f.path / "state").rglob("*") if one.is_dir())]
    assert len(folders) > 1, "the look left nothing to look at"
    assert {oct(one.stat().st_mode & 0o777) for one in folders} == {"0o700"}, [(str(o), oct(o.stat().st_mode)) for o in folders]
