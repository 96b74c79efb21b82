"""The stage of examples/storefront as Python sees it: HAProxy, deployments, traffic, and what the journal says."""

import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("DAVY_BUILD", ROOT / "build/release"))
PLANS = ROOT / "examples/storefront/plans"
CANARY = ROOT / "examples/storefront/davy.yaml"

# Keeps the stage up until its standard input ends; each line there is a plan to make the stage's own.
STAGE = """
. "$1"
stage_up "$2" "$3" || exit 1
printf '%s\\n' "$url" "$plan"
while IFS= read -r file; do stage_plan "$file" && echo made; done
stage_down
"""


class Failed(Exception):
    """A measurement that could not be made. What it says stands in the table."""


class Stage:
    def __init__(self, configuration="haproxy.cfg", versions=()):
        """versions: more lines for versions.conf."""
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="davy-bench."))
        self.env = {**os.environ, "STAGE_PORT": "19080", "STAGE_INSTANCES": "19100",
                    "DAVY_STATE": str(self.dir / "state")}
        self.shell = subprocess.Popen(
            ["bash", "-c", STAGE, "stage", ROOT / "examples/storefront/stage", self.dir, configuration],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.env, start_new_session=True)
        self.url, self.plan = (self.shell.stdout.readline().strip() for _ in range(2))
        if not self.plan:
            raise Failed(f"no stage in {self.dir}")
        with open(self.dir / "versions.conf", "a") as file:
            file.writelines(line + "\n" for line in versions)

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        for run in self.query("SELECT id FROM runs WHERE ended IS NULL"):
            self.davy("abort", run[0])
        self.shell.stdin.close()
        self.shell.wait(timeout=60)
        if failure[0] is None:
            shutil.rmtree(self.dir, ignore_errors=True)
        else:
            print(f"  (the stage is kept: {self.dir})", flush=True)

    def davy(self, *arguments, timeout=600):
        return subprocess.run([BUILD / "davy", *arguments], cwd=self.dir, env=self.env, text=True, timeout=timeout,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def deploy(self, version, plan=CANARY, timeout=600):
        self.shell.stdin.write(f"{plan}\n")
        self.shell.stdin.flush()
        if self.shell.stdout.readline() != "made\n":
            raise Failed(f"{plan} could not be staged")
        done = self.davy("deploy", version, "--file", self.plan, "--to", "demo", "--again", timeout=timeout)
        return Run(self, done.returncode, done.stdout)

    def query(self, sql, *values):
        database = self.dir / "state/davy.db"
        if not database.exists():
            return []
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def first(self, version="1", plan=PLANS / "blue-green.yaml", rate=500):
        """Something that serves. Bakes want users, also those of a first release."""
        with self.users(rate=rate):
            done = self.deploy(version, plan)
        if done.status != 0:
            raise Failed(f"the first release: {done.last_line}")
        return self

    @contextlib.contextmanager
    def users(self, rate=2000, clients=2000, sticky=False, trace=False):
        """Traffic around a block. The account is filled in when the block has ended."""
        account = {}
        argv = [BUILD / "bench/load/load", "--url", self.url, "--rate", str(rate), "--clients", str(clients),
                "--seconds", "0", "--paths", "/,/api/orders", "--post-share", "0.1", "--connections", "400"]
        argv += ["--sticky"] if sticky else []
        argv += ["--trace", self.dir / "trace"] if trace else []
        load = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            time.sleep(1)
            yield account
            time.sleep(1)
        finally:
            load.send_signal(signal.SIGTERM)
            said, wrong = load.communicate(timeout=30)
        if load.returncode != 0:
            raise Failed(f"load: {wrong.strip()}")
        account.update(json.loads(said))

    def trace(self):
        """One dictionary for each request of the last users(trace=True), in the order in which they ended."""
        with open(self.dir / "trace") as file:
            for line in file:
                if line.startswith("#"):
                    continue
                due, sent, done, status, version, _, path, client, outcome, _ = line.split()
                yield {"sent": float(sent) / 1e3, "done": float(done) / 1e3, "status": int(status), "version": version,
                       "path": path, "lost": outcome in ("refused", "reset", "timed_out", "garbled")}


class Run:
    """One deployment, as its exit status and its journal have it. Times are seconds since 1970."""

    def __init__(self, stage, status, said):
        self.status, self.said = status, said
        self.last_line = said.strip().splitlines()[-1] if said.strip() else "(nothing)"
        newest = stage.query("SELECT id FROM runs ORDER BY number DESC LIMIT 1")
        self.id = newest[0][0] if newest else ""
        journal = stage.query("SELECT at, kind, body FROM journal WHERE stream=? ORDER BY seq", self.id)
        self.events = [(at / 1e9, kind, json.loads(body)) for at, kind, body in journal
                       if kind not in ("run opened", "run closed")]
        self.steps = self.events[0][2]["runbook"]["steps"] if self.events else []

    def verdict(self):
        """(time, event) of the first that takes the release back; None when there was none."""
        for at, kind, body in self.events:
            if kind == "verdict" and body["then"] == "roll-back":
                return at, body
        return None

    def attempts(self, kind, way, path):
        """When attempts began or ended, of the steps whose path ends so."""
        begun = {body["id"]: body for _, what, body in self.events if what == "attempt started"}
        for at, what, body in self.events:
            if what == kind and (attempt := begun[body["id"]])["way"] == way:
                if self.steps[attempt["step"]]["path"].endswith(path):
                    yield at

    def begins(self, way, path):
        return self.attempts("attempt started", way, path)

    def ends(self, way, path):
        return self.attempts("attempt ended", way, path)

    def switch_seconds(self):
        """From the verdict to the end of the undo that moves users."""
        if not (verdict := self.verdict()):
            return None
        undone = [at for at in self.ends("undo", "traffic") if at >= verdict[0]]
        return max(undone) - verdict[0] if undone else None
