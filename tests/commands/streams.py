"""What every command does with its words, its output and its errors."""
import os
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "crash"))
from stage import fits_the_schema  # noqa: E402
from checks import BUILD, DONE, FAILED, WRONG, check, line  # noqa: E402

REFUSED = 6
# A command that fails, and what its error says.
ERRORS = [(("status",), "there is no run yet", WRONG),
          (("status", "20261121-015443-k3f"), "there is no run", WRONG),
          (("resume",), "there is no run yet", WRONG),
          (("waive", "r", "x", "--why", "y"), "there is no run", WRONG),
          (("promote", "--why", "y"), "there is no run yet", WRONG),
          (("logs", "shop"), "no instance of", REFUSED),
          (("deploy", "2", "--file", "/nonexistent"), "cannot read the plan", WRONG),
          (("deploy", "2", "--file", "/nonexistent"), "No such file", WRONG),
          (("validate", "/tmp"), "Is a directory", WRONG),
          (("deploy", "2", "--urgent"), "--urgent needs --why", WRONG),
          (("statsu",), "there is no command", WRONG),
          (("status", "--attahc"), "has no option `--attahc`", WRONG)]


def davy(f, *words, out=subprocess.PIPE, **more):
    return subprocess.run([BUILD / "davy", *words], stdout=out, stderr=subprocess.PIPE, text=True, timeout=60,
                          env={**os.environ, "DAVY_STATE": str(f.path / "state")}, **more)


@check
def errors_are_json(f):
    for words, says, code in ERRORS:
        done = davy(f, *words, "--json")
        error = fits_the_schema("error", done.stdout)["error"]
        assert done.returncode == code == error["code"], (words, done.returncode, error)
        assert says in error["message"] and says in done.stderr, (words, error, done.stderr)


@check
def mistakes_of_a_plan_are_json(f):
    f.plan(rule="error_rate > 5")
    done = davy(f, "validate", f.path / "davy.yaml", "--json")
    mistakes = fits_the_schema("validate", done.stdout)["error"]["mistakes"]
    assert done.returncode == WRONG and mistakes[0]["line"] > 1 and "error_rate > 5" in mistakes[0]["found"], mistakes


@check
def what_nothing_finds_is_a_mistake(f):
    """A check of it would never hold, and the first to say so would be the deployment."""
    plan = f.path / "finds.yaml"
    text = (f.path / "davy.yaml").read_text()
    for look, says in (("disk: /, expect: fre > 10 GB", "did you mean `free`?"),
                       ("http: 'http://x', expect: count = 2", "which `http` does not find here"),
                       ("http: 'http://x', expect: value is up", ""),
                       ("http: 'http://x', json: state, expect: value is up", "")):
        plan.write_text(text + f"checks:\n  machine:\n    One: {{ {look} }}\n")
        said = davy(f, "validate", plan).stderr
        assert says in said and ("expect:" in said) == bool(says), said


@check
def a_rule_that_never_speaks_is_told(f):
    """A candidate's first half minute says nothing of its latency: where all bakes are over by then, `plan` says so."""
    plan = f.path / "davy.yaml"
    for bake, silent in (("5s", True), ("40s", False)):
        f.plan(bake=bake, rule="latency.p95 > 100ms")
        said = davy(f, "plan", "2", "-f", plan).stdout
        assert ("latency.p95 > 100ms: says nothing for 30s" in said) == silent, said
        assert bool(fits_the_schema("plan", davy(f, "plan", "2", "-f", plan, "--json").stdout)["silent"]) == silent
    f.plan(bake="5s")
    assert "says nothing" not in davy(f, "plan", "2", "-f", plan).stdout


@check
def what_was_meant(f):
    for words, says in ((("stauts",), "did you mean `status`?"), (("status", "--attahc"), "did you mean `--attach`?"),
                        (("deploy", "2", "--fiel", "x"), "did you mean `--file`?"),
                        (("--env", "production", "status"), "`--env` before the command")):
        done = davy(f, *words)
        assert done.returncode == WRONG and says in done.stderr, done.stderr
    for words in (("--version",), ("-V",), ("version",)):
        assert davy(f, *words).stdout.startswith("davy "), words
    for words in (("help",), ("help", "deploy"), ("deploy", "--help"), ("help", "--json"), ("--json", "help", "deploy")):
        done = davy(f, *words)
        assert done.returncode == DONE and "Usage" in done.stdout, (words, done)
    for words, says in ((("deploy", "2", "--replace", "--urgent", "--why", "x"), "`--replace` has no value: `--urgent` stands"),
                        (("abort", "r", "-m", "--as", "lead"), "`-m` has no value: `--as` stands there")):
        done = davy(f, *words)
        assert done.returncode == WRONG and says in done.stderr, done.stderr
    assert davy(f, "--color", "never", "version").returncode == DONE
    assert davy(f, "validate", f.path / "davy.yaml").returncode == DONE


@check
def output_that_cannot_be_written(f):
    for words in (("version",), ("schema",), ("history",), ("history", "--json"), ("validate", f.path / "davy.yaml"),
                  ("plan", "2", "-f", f.path / "davy.yaml")):
        with open("/dev/full", "w") as full:
            done = davy(f, *words, out=full)
        assert done.returncode == FAILED and "No space left" in done.stderr, (words, done)
        done = davy(f, *words, out=None, preexec_fn=lambda: os.close(1))
        assert done.returncode == FAILED and "Bad file descriptor" in done.stderr, (words, done)


@check
def helps_are_their_own(f):
    """A command's help is about that command: all its words, and no way to begin."""
    for command, usage in (("confirm", "[RUN] ITEM"), ("approve", "[RUN] ITEM"), ("waive", "[RUN] ITEM-OR-RULE"),
                           ("history", "history [OPTIONS]"), ("deploy", "VERSION")):
        said = davy(f, command, "--help").stdout
        assert next(line for line in said.splitlines() if line.startswith("Usage")).endswith(usage), said
        assert "To begin" not in said and ("Exit codes" in said) == (command == "deploy"), said
    assert "To begin" in davy(f, "--help").stdout


@check
def a_plan_from_a_pipe(f):
    with open(f.path / "davy.yaml") as plan:
        done = davy(f, "validate", "-", stdin=plan)
    assert done.returncode == DONE and done.stdout.startswith("standard input is valid"), done
    done = davy(f, "validate", "-", input="davy: 1\nservcies: {}\n")
    assert done.returncode == WRONG and "standard input:2:1" in done.stderr, done.stderr


@check
def a_page_replaces_no_device(f):
    f.log.write_text("".join(line(n, 1795225844000 + n * 10, False) for n in range(200)))
    fifo, link, target = f.path / "fifo", f.path / "link", f.path / "target"
    os.mkfifo(fifo)
    os.symlink(target, link)
    target.write_text("old")
    done = davy(f, "analyze", f.log, "--html", link)
    assert done.returncode == DONE and link.is_symlink() and "<html" in target.read_text(), done.stderr
    done = davy(f, "analyze", f.log, "--html", fifo)
    assert done.returncode == FAILED and stat.S_ISFIFO(fifo.stat().st_mode), done
    done = davy(f, "analyze", f.log, "--html", "/dev/full")
    assert done.returncode == FAILED and stat.S_ISCHR(os.stat("/dev/full").st_mode), done


@check
def a_group_without_requests_is_no_pass(f):
    f.log.write_text("".join(line(n, 1795225844000 + n * 10, False) for n in range(200)))
    done = davy(f, "analyze", f.log, "--baseline", "blue*", "--candidate", "green*")
    assert done.returncode == DONE, done
    done = davy(f, "analyze", f.log, "--baseline", "blue*", "--candidate", "gren*")
    assert done.returncode == WRONG and "no request in these logs" in done.stderr and "green0" in done.stderr, done
