"""What a durable step costs: 1,000 commands that do nothing, beside a shell loop and ansible-playbook, in one run."""

import os
import pathlib
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
import time

from world import BUILD, Failed

PLAN = """davy: 1
services:
  nothing: { command: "true", stop: "true", status: "false" }
environments: { bench: {} }
rollout:
"""
BOOK = """- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
"""


def seconds(*argv, **more):
    begun = time.monotonic()
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **more)
    if done.returncode != 0:
        raise Failed(f"{argv[0]}: {done.stdout.strip()[-200:]}")
    return time.monotonic() - begun


def sync_seconds(folder):
    """One fdatasync of 4 KiB in place, as the journal's write-ahead log pays it; the median of 500."""
    file = os.open(folder / "sync", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(file, b"." * (4 << 20))
    os.fsync(file)
    took = []
    for i in range(500):
        begun = time.monotonic()
        os.pwrite(file, b"x" * 4096, i * 4096)
        os.fdatasync(file)
        took.append(time.monotonic() - begun)
    os.close(file)
    return statistics.median(took)


def davy_steps(folder, count):
    """(seconds for each step, commits for each step), from the journal: starting and attaching are not steps."""
    (folder / "davy.yaml").write_text(PLAN + '  - run: "true"\n    undo: nothing\n' * count)
    state = folder / f"state-{time.monotonic_ns()}"
    seconds(BUILD / "davy", "deploy", "1", "--to", "bench", "--state", state, cwd=folder)
    with sqlite3.connect(f"file:{state}/davy.db?mode=ro", uri=True) as journal:
        at = [row[0] for row in journal.execute("SELECT at FROM journal WHERE kind LIKE 'attempt%' ORDER BY seq")]
    return (at[-1] - at[0]) / 1e9 / count, len(set(at)) / count


def ansible_task(folder, count):
    """Seconds for each task, without what the program takes to start."""
    if not shutil.which("ansible-playbook"):
        raise Failed("ansible-playbook is not here: tools/setup bench")

    def play(tasks):
        book = folder / "play.yaml"
        book.write_text(BOOK + "    - command: /bin/true\n" * tasks)
        return seconds("ansible-playbook", "-i", "localhost,", book, cwd=folder,
                       env={**os.environ, "HOME": str(folder), "ANSIBLE_LOCALHOST_WARNING": "false"})

    return (play(count) - play(1)) / (count - 1)


def measure(quick=False):
    steps, tasks, times = (200, 20, 1) if quick else (1000, 100, 3)
    # On the disk that the build is on: /tmp may be memory, where a sync costs nothing.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench.", dir=BUILD))
    try:
        sync = sync_seconds(folder)
        runs = sorted(davy_steps(folder, steps) for _ in range(times))
        davy, commits = runs[len(runs) // 2]
        shell = statistics.median(
            seconds("sh", "-c", f"for i in $(seq {steps}); do sh -c true; done") / steps for _ in range(times))
        version = statistics.median(seconds(BUILD / "davy", "version") for _ in range(20))
        beyond = davy - commits * sync

        def row(what, each, note=""):
            return {"what": what, "ms": f"{each * 1e3:.2f}", "times a shell's": f"{each / shell:.1f}", "note": note}

        each = " ".join(f"{r[0] * 1e3:.2f}" for r in runs)
        yield row("davy, a step", davy, f"{commits:.1f} commits a step; runs: {each}")
        syncs = f"{commits:.1f} × {sync * 1e3:.2f} ms for fdatasync of 4 KiB"
        yield row("  beyond the disk's own syncs", beyond, syncs)
        yield row("shell loop, sh -c true", shell)
        try:
            yield row("ansible-playbook, a local command task", ansible_task(folder, tasks))
        except Failed as failed:
            yield {"what": "ansible-playbook", "note": str(failed)}
        yield row("davy version", version)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
