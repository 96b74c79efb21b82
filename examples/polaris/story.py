"""What is expected and what is seen, and Davy as people call it."""
import contextlib
import json
import os
import re
import subprocess
import time

from stage import until

DONE = 0
WIDEST = 64  # letters of a cell


class Story:
    """One stage; chapters add to it."""

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
        return [self.stage.davy_program, *words, "--state", self.stage.path("state")]

    def davy(self, *words):
        """Exit code, and all that it printed."""
        went = subprocess.run(self.command(words), cwd=self.stage.folder, env=self.stage.environment, text=True, timeout=120,
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

    def begin(self, version, why):
        log = open(self.stage.path("log", f"deploy-{version}.log"), "w")
        running = subprocess.Popen(self.command(["deploy", version, "--why", why]), cwd=self.stage.folder,
                                   env=self.stage.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        told = until(f"the run of {version}", lambda: self.of(version, running))
        return running, told["run"]

    def of(self, version, running):
        told = self.status()
        if told.get("version") == version and (told.get("waits") or told.get("ended")):
            return told
        if running.poll() is not None:
            raise AssertionError(f"it ended with {running.returncode}:\n" + self.stage.read("log", f"deploy-{version}.log"))
        return None

    def answer_all(self, run, running, within=150):
        """Everybody confirms what the run asks of them, by the name of the item, until it has ended."""
        end = time.monotonic() + within
        answered = set()
        while running.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"{run} has no end after {within} s:\n{self.davy('status', run)[1]}")
            for asked in re.findall(r"^(.*): confirmation by (\S+),", "\n".join(self.status(run).get("waits", [])), re.M):
                if asked not in answered:
                    item, who = asked
                    code, said = self.davy("confirm", run, item, "--as", who, "--note", "looked at it")
                    self.see(f"{who} confirm: {item}", "noted", "noted" if code == DONE else said)
                    answered.add(asked)
            time.sleep(0.3)

    def history(self):
        return [one["version"] for one in json.loads(self.davy("history", "--json")[1])]

    def tell(self):
        rows = [("what", "expected", "seen", True), *self.table]
        widths = [min(WIDEST, max(len(row[column]) for row in rows)) for column in (0, 1)]
        self.say("")
        for what, expected, seen, is_so in rows:
            cells = [text[:width].ljust(width) for text, width in zip((what, expected), widths)]
            self.say("  ".join([*cells, ("" if is_so else "NOT SO: ") + seen.replace("\n", " ")[:WIDEST]]))
