"""What is expected and what is seen, and Davy as people call it."""
import contextlib
import json
import os
import re
import shutil
import stat
import subprocess
import time

from play import BUILD
from until import until

DONE, ROLLED_BACK, HELD, REFUSED = 0, 3, 4, 6
WIDEST = 64  # letters of a cell


class Story:
    """One stage; chapters add to it. The stage says how davy is called (`davy`, `environment`, `home`), where its
    state lies (`state_there`; `state` as it is seen from here), and who was told (`mail`)."""

    NOT_SECRET = ()  # names in `stage.secrets` whose values anybody may read
    HERE = ""  # the example's folder

    def __init__(self, stage):
        self.stage = stage
        self.table = []  # what, expected, seen, whether it is so
        self.runs = {}  # by what we call it: what `status --json` said of it at its end

    def see(self, what, expected, seen, is_so=None):
        is_so = expected == seen if is_so is None else bool(is_so)
        self.table.append((what, str(expected), str(seen), is_so))
        if not is_so:
            raise AssertionError(f"{what}: expected {expected}, seen {seen}")

    def say(self, text):
        print(f"{text}", flush=True)

    def command(self, words):
        return [*self.stage.davy, *words, "--state", self.stage.state_there]

    def davy(self, *words):
        """Exit code, and all that it printed."""
        went = subprocess.run(self.command(words), cwd=self.stage.home, env=self.stage.environment, text=True, timeout=120,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return went.returncode, went.stdout

    def status(self, *run):
        text = self.davy("status", *run, "--json")[1]
        with contextlib.suppress(ValueError):
            told = json.loads(text)
            return told if isinstance(told, dict) and "run" in told else {}
        return {}

    def on_another_terminal(self, *words):
        """Somebody else, who has a terminal, a name and nothing of ours but the state directory."""
        ours, theirs = os.openpty()
        try:
            went = subprocess.Popen(self.command(words), cwd="/", env={**self.stage.environment, "USER": "kim", "TERM": "xterm"},
                                    stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
            os.close(theirs)
            said = b""
            with contextlib.suppress(OSError):  # the end of a terminal is an error
                while part := os.read(ours, 4096):
                    said += part
            return went.wait(30), said.decode(errors="replace")
        finally:
            os.close(ours)

    def begin(self, version, why, *more):
        before = self.status().get("run")
        log = open(self.stage.log(version), "w")
        running = subprocess.Popen(self.command(["deploy", version, "--why", why, *more]), cwd=self.stage.folder,
                                   env=self.stage.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        told = until(f"the run of {version}", lambda: self.of(version, running, before))
        return running, told["run"]

    def of(self, version, running, before):
        told = self.status()
        if told.get("version") == version and told["run"] != before and (told.get("waits") or told.get("ended")):
            return told
        if running.poll() is not None:
            raise AssertionError(f"it ended with {running.returncode}:\n" + self.logged(version))
        return None

    def logged(self, version):
        with open(self.stage.log(version)) as text:
            return text.read()

    def answer_all(self, run, running, within=150):
        """Everybody confirms what the run asks of them, by the name of the item, until it has ended."""
        end = time.monotonic() + within
        answered = set()
        while running.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"{run} has no end after {within} s:\n{self.davy('status', run)[1]}")
            waits = self.status(run).get("waits", [])
            for asked in re.findall(r"^(.*): confirmation by (\S+),", "\n".join(waits), re.M):
                if asked not in answered:
                    item, who = asked
                    code, said = self.davy("confirm", run, item, "--as", who, "--note", "looked at it")
                    self.see(f"{who} confirm: {item}", "noted", "noted" if code == DONE else said)
                    answered.add(asked)
            with contextlib.suppress(subprocess.TimeoutExpired):
                running.wait(0.3 if waits else 1)  # each look is a program that is started

    def approved(self, run, email):
        """They type what they were mailed."""
        token = until(f"the letter to {email}", lambda: self.token(run, email))
        code, said = self.on_another_terminal("answer", token)
        self.see(f"{email} approve {self.status(run)['version']} by their token, on another terminal", DONE, code if code == DONE else said)
        return token

    def token(self, run, to):
        letters = [one["text"] for one in self.stage.lines(self.stage.mail) if one["to"] == [to] and one["id"].startswith("<" + run)]
        found = re.search(r"davy answer (\S+)", "\n".join(letters))
        return found[1] if found else None

    def waits_for(self, run, who):
        told = self.status(run)
        return told if any(who in one for one in told.get("waits", [])) else None

    def ended(self, name, run, running, version, code, ending):
        exit_code = running.wait(60)
        self.say(self.logged(version))
        told = self.runs[name] = self.status(run)
        self.see(f"deploy {version}: exit code", code, exit_code)
        self.see(f"deploy {version}: ending", ending, told.get("ending"))

    def steps(self, name):
        return {one["path"].removeprefix("rollout/"): one for one in self.runs[name]["steps"]}

    def checklists(self, *groups):
        """What `davy check` says of each item; its exit code."""
        code, text = self.davy("check", *groups, "--json")
        for one in json.loads(text):
            self.say(f"  {one['result'].ljust(7)} {one['item'].ljust(44)} {one['says']}")
        return {one["item"]: one["result"] for one in json.loads(text)}, code

    def history(self):
        return [one["version"] for one in json.loads(self.davy("history", "--json")[1])]

    def tell(self):
        rows = [("what", "expected", "seen", True), *self.table]
        widths = [min(WIDEST, max(len(row[column]) for row in rows)) for column in (0, 1)]
        self.say("")
        for what, expected, seen, is_so in rows:
            cells = [text[:width].ljust(width) for text, width in zip((what, expected), widths)]
            self.say("  ".join([*cells, ("" if is_so else "NOT SO: ") + seen.replace("\n", " ")[:WIDEST]]))

    # ---- secrets

    def secrets_stayed(self):
        values = {name: value.encode() for name, value in self.stage.secrets.items() if name not in self.NOT_SECRET}
        found = [f"{name} in {path}" for path in self.written() for name in self.inside(path, values)]
        self.see("secrets in Davy's state, its output or what people were told", [], found)

    def written(self):
        for folder, _, names in os.walk(self.stage.state):
            yield from (os.path.join(folder, name) for name in names)
        yield from self.stage.told()

    def inside(self, path, values):
        if not stat.S_ISREG(os.stat(path).st_mode):
            return []
        with open(path, "rb") as file:
            text = file.read()
        return [name for name, value in values.items() if value in text]

    # ---- the record

    def recorded(self):
        """Of each run what its steps came to, which rules spoke and who was told: what requirements.tsv may name."""
        for name, told in self.runs.items():
            yield from ((name, path, one["status"]) for path, one in self.steps(name).items())
            yield from sorted({(name, "judge/" + one["rule"], one["then"]) for one in told["verdicts"]})
            letters = [one for one in self.stage.lines(self.stage.mail) if one["id"].startswith("<" + told["run"])]
            yield from sorted((name, "notice/" + one["to"][0].split("@")[0], one["subject"].rpartition(": ")[2].replace(" ", "-")) for one in letters)

    def requirements(self, record):
        path = self.stage.record
        with open(path, "w") as out:
            out.writelines("\t".join(line) + "\n" for line in [("run", "step", "status"), *self.recorded()])
        if record:
            shutil.copy(path, os.path.join(self.HERE, "recorded.tsv"))
        went = subprocess.run([os.path.join(self.HERE, "check_requirements"), "--recorded", path], capture_output=True, text=True,
                              env={**os.environ, "DAVY_BUILD": BUILD})
        self.see("each requirement is shown, or comes later (check_requirements)", (0, ""), (went.returncode, went.stderr))
        self.say("\n" + went.stdout.strip())
