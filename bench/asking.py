"""What a router of the user's own commands is asked while a candidate bakes, and what that leaves on the disk."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from world import BUILD, Failed

PLAN = """davy: 1
services:
  shop:
    process: exec sleep 1000
    healthy-for: 200ms
    router: { command: ./router shift, read: ./router read }
environments: { production: }
rollout:
  - canary: [{ traffic: 50%, bake: SECONDSs, on-trouble: hold }, { traffic: 100% }]
"""
ROUTER = """#!/bin/sh
echo "$(date +%s.%N) $1" >>calls
case $1 in
  shift) echo "$release $share" >shares; test -z "$rest" || echo "$rest $((100 - share))" >>shares ;;
  read) cat shares 2>/dev/null || true ;;
esac
"""


def calls_in(folder):
    """(when, what) of each call of the user's command."""
    return [(float(at), what) for at, what in map(str.split, (folder / "calls").read_text().splitlines())]


def folders_in(state):
    """What is left beside the journal: steps keep theirs, with what their commands said."""
    return sorted(entry.name for run in (state / "runs").iterdir() for entry in run.iterdir() if entry.is_dir())


def measure(quick=False):
    bake = 3 if quick else 60
    folder = pathlib.Path(tempfile.mkdtemp(prefix="davy-asking."))
    state = folder / "state"
    davy = [BUILD / "davy"]
    try:
        (folder / "davy.yaml").write_text(PLAN.replace("SECONDS", str(bake)))
        (folder / "router").write_text(ROUTER)
        (folder / "router").chmod(0o755)
        # Nothing tells of requests, so it holds when the bake is over.
        went = subprocess.run([*davy, "deploy", "1", "--state", state], cwd=folder, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        held = time.time()
        calls = calls_in(folder)
        shifts = [at for at, what in calls if what == "shift"]
        if went.returncode != 4 or not shifts:
            raise Failed(f"davy deploy: exit {went.returncode}: {went.stdout[-300:]}")
        left = folders_in(state)
        within = [what for at, what in calls if max(shifts) + 1 < at < held - 1]
        yield {"bake, s": bake, "from shift to the end, s": f"{held - max(shifts):.0f}", "shifts": len(shifts),
               "questions in all": len(calls) - len(shifts), "calls within the bake": len(within),
               "folders left": len(left), "which": " ".join(left)[:100]}
    finally:
        status = subprocess.run([*davy, "status", "--json", "--state", state], cwd=folder, text=True, capture_output=True)
        if status.stdout.startswith("{"):
            run = json.loads(status.stdout)
            subprocess.run([*davy, "abort", run.get("id") or run["run"], "--state", state], cwd=folder, capture_output=True)
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                if os.readlink(f"/proc/{pid}/cwd") == str(folder):
                    os.kill(int(pid), 9)
            except OSError:
                pass
        shutil.rmtree(folder, ignore_errors=True)
