"""A copy of a PostgreSQL under writers and its proof, beside PostgreSQL's own programs on the same server."""
import os
import shutil
import subprocess
import sys
import time

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(__file__))), "tests", "backups"))
from place import BIN, DAVY, Server  # noqa: E402

MEGABYTES = None  # of the database; without a word 1000, 100 with --quick
A_SCALE = 15  # of pgbench, in MB


def timed(words, env=None):
    """Seconds, and the most memory that one process of it had, in MB."""
    began = time.monotonic()
    child = subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    if status != 0:
        raise SystemExit(f"{' '.join(words)}: {said}")
    return time.monotonic() - began, used.ru_maxrss / 1024


def size_of(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def row(what, took, bytes=None):
    seconds, memory = took
    return {"what": what, "s": f"{seconds:.1f}", "largest process, MB": f"{memory:.0f}",
            "copy, MB": f"{bytes / 1e6:.1f}" if bytes else ""}


class Bench:
    def __init__(self, server, megabytes):
        self.server, self.into = server, server.dir + "/copies"
        self.environment = {**os.environ, "DAVY_SOURCE": server.url("bench")}
        server.sql("postgres", "create database bench")
        scale = str(max(1, megabytes // A_SCALE))
        subprocess.run([BIN + "pgbench", "-i", "-q", "-s", scale, server.url("bench")], check=True, capture_output=True)
        # What pgbench makes packs to nothing; people's data does not.
        server.sql("bench", "update pgbench_accounts set filler = md5(aid::text) || md5(bid::text || aid::text)", "vacuum full pgbench_accounts")
        self.writers = subprocess.Popen([BIN + "pgbench", "-n", "-c", "2", "-R", "200", "-T", "100000", server.url("bench")],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def work(self, verb, id, *more):
        return timed([DAVY, "work", verb, "--name", "database", "--into", self.into, "--id", id, *more], self.environment)

    def davy(self, id, what, *more):
        yield row(f"davy: copy, {what}", self.work("dump", id, *more), size_of(f"{self.into}/database.{id}"))
        yield row("davy: proof in a cluster of its own", self.work("prove", id))

    def own_programs(self):
        folder = self.server.dir + "/dump"
        took = timed([BIN + "pg_dump", "-Fd", "-j2", "-Z1", "-f", folder, self.server.url("bench")])
        yield row("pg_dump -Fd -j2 -Z1", took, size_of(folder))
        self.server.sql("postgres", "create database again")
        yield row("pg_restore -j2, compared with nothing", timed([BIN + "pg_restore", "-j2", "-d", self.server.url("again"), folder]))
        shutil.rmtree(folder)
        self.server.sql("postgres", "drop database again")

    def close(self):
        self.writers.kill()
        self.writers.wait()


def measure(quick):
    if not os.path.exists(BIN + "pgbench"):
        yield {"what": "left out: PostgreSQL 15 is not here"}
        return
    server = Server()
    bench = None
    try:
        bench = Bench(server, MEGABYTES or (100 if quick else 1000))
        size = int(server.sql("bench", "select pg_database_size('bench')"))
        yield {"what": f"the database: {size / 1e6:.0f} MB, 200 transactions a second"}
        yield from bench.own_programs()
        yield from bench.davy("counted", "rows counted")
        yield from bench.davy("summed", "rows counted and summed", "--contents")
        yield from bench.davy("jobs", "by two jobs (format: directory)", "--format", "directory")
    finally:
        if bench:
            bench.close()
        server.close()
