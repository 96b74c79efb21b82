"""The benches that are programs of their own: what they print is what stands in the table."""

import subprocess
import tempfile

from world import BUILD, Failed


def lines(*argv, folder):
    done = subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failed(f"{argv[0]}: ended with {done.returncode}: {done.stdout.strip()[-200:]}")
    return done.stdout.splitlines()


def run(*argv):
    # Beside the build, for the store: /tmp may be memory, where a sync costs nothing.
    with tempfile.TemporaryDirectory(prefix="bench.", dir=BUILD) as folder:
        yield from lines(*argv, folder=folder)


def judge(quick):
    # 100,000 canaries, the figure that is promised, take ten minutes: judge_bench --canaries 100000
    yield from run(BUILD / "bench/judge_bench", "--canaries", "500" if quick else "10000")


def rules(quick):
    yield from run(BUILD / "bench/rules_bench", *(("10000",) if quick else ()))


def parsers(quick):
    rounds = ("--rounds", "3" if quick else "30")
    yield from run(BUILD / "bench/exposition_bench", *rounds)
    yield from run(BUILD / "bench/patterns_bench", *rounds)


def store(quick):
    least = f"--benchmark_min_time={0.2 if quick else 2}"
    yield from run(BUILD / "bench/store_bench", least, "--benchmark_color=false")


def simulate(quick):
    yield from run("bash", "-c", 'time "$0" --seeds "$1"', BUILD / "simulate", "200" if quick else "2000")
