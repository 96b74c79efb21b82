"""What --json prints, of each command, as docs/output.schema.json has it."""
import json
import re

from checks import DONE, HELD, ROLLED_BACK, SIDES, WRONG, check, minute
from streams import davy, fits_the_schema

# Those that need a run that goes on are looked at by tests/operating/run; `serve`, which prints a log, by tests/watch/run.
ELSEWHERE = {"exec", "deploy", "status", "confirm", "approve", "hold", "resume", "abort", "rollback", "waive", "promote", "prune",
             "logs", "report", "answer", "serve"}
HERE = {"validate", "plan", "schema", "check", "history", "instances", "observe", "rehearse", "baseline", "analyze",
        "freeze", "version", "watch"}


def prints(f, code, *words, lines=False):
    done = davy(f, *words, "--json")
    assert done.returncode == code, (words, done)
    return [fits_the_schema(words[0], one) for one in (done.stdout.splitlines() if lines else [done.stdout])]


@check
def every_command_has_a_document(f):
    listed = set(re.findall(r"^  (\w+) {2,}", davy(f, "--help").stdout.split("SUBCOMMANDS:")[-1], re.M))
    assert listed == ELSEWHERE | HERE, listed ^ (ELSEWHERE | HERE)


@check
def documents_are_as_documented(f):
    plan = f.path / "davy.yaml"
    f.log.write_text(minute(True))
    prints(f, DONE, "version")
    prints(f, DONE, "history")
    prints(f, DONE, "instances")
    assert prints(f, DONE, "freeze")[0] == []
    assert prints(f, DONE, "freeze", "production", "--until", "2h", "--why", "holidays")[0]["why"] == "holidays"
    assert prints(f, DONE, "freeze")[0][0]["environment"] == "production"
    assert prints(f, DONE, "freeze", "production", "--lift")[0]["lifted"]
    assert prints(f, DONE, "status", "--as", "ana")[0] == []
    assert prints(f, DONE, "watch")[0] == []
    prints(f, DONE, "validate", plan)
    prints(f, DONE, "schema")
    prints(f, DONE, "schema", "--markdown")
    assert prints(f, DONE, "plan", "2", "-f", plan)[0]["steps"]
    assert prints(f, ROLLED_BACK, "rehearse", plan, "--recorded", f.log, *SIDES)[0]["decisions"]
    assert prints(f, DONE, "baseline", "--recorded", f.log)[0]["releases"]
    assert prints(f, DONE, "baseline", "--recorded", f.log, "-o", f.path / "b.json")[0]["file"]
    assert prints(f, DONE, "analyze", f.log)[0]["groups"]
    assert prints(f, ROLLED_BACK, "analyze", f.log, "--baseline", "blue*", "--candidate", "green*")[0]["comparison"]
    assert prints(f, DONE, "analyze", f.log, "--lines")[0]["said"]
    with open(plan, "a") as more:
        more.write("checks:\n  before:\n    Room: { disk: /, expect: free > 1 B }\n    Lead: { confirm: lead }\n")
    assert {one["result"] for one in prints(f, DONE, "check", "-f", plan)[0]} == {"ok", "asked"}


@check
def a_watch_that_saw_too_little_says_so_in_json(f):
    f.log.write_text("")
    told = prints(f, HELD, "observe", f.path / "davy.yaml", *SIDES, "--within", "1s", lines=True)
    assert told[-1]["verdict"] == "cannot tell" and told[-1]["why"], told


@check
def lines_without_a_time_are_compared_with_nothing(f):
    """uvicorn's lines do not say when they were written; that is no missing group."""
    f.log.write_text("".join(f'INFO:     192.0.2.{n}:1 - "GET /v{1 + n % 2}/x HTTP/1.1" 200 OK\n' for n in range(60)))
    for more in [(), ("--since", "10m")]:
        f.run(WRONG, "do not say when a request was", "analyze", f.log, "--server", "path:1", "--baseline", "/v1",
              "--candidate", "/v2", *more)


@check
def every_command_fails_in_json(f):
    """Of each command: an option that it does not have, and what goes wrong inside of it."""
    plan, none = f.path / "davy.yaml", f.path / "none.yaml"
    for command in sorted(ELSEWHERE | HERE):
        error = prints(f, WRONG, command, "--no-such-option")[0]["error"]
        assert "--no-such-option" in error["message"] + error.get("hint", "") or "required" in error["message"], error
    for words in (("validate", none), ("plan", "2", "-f", none), ("plan", "2", "-f", plan, "--to", "moon"),
                  ("check", "nosuch", "-f", plan), ("rehearse", plan, "--recorded", none), ("rehearse", none),
                  ("observe", none), ("observe", plan, "--for", "long"), ("baseline", "--recorded", none),
                  ("analyze", f.path, "--baseline", "a"), ("report", "r"), ("history", "-n", "-1"),
                  ("analyze", plan, "--html", "-")):
        done = davy(f, *words, "--json")
        error = fits_the_schema(words[0], done.stdout)["error"]
        assert done.returncode == error["code"] != DONE and error["message"] in done.stderr, (words, done)
    done = davy(f, "--json")
    assert done.returncode == WRONG and json.loads(done.stdout)["error"]["message"], done
