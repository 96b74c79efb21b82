"""What all cases of tests/backups have: a PostgreSQL of their own, a place for one case, and words to ask Davy with."""
import hashlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time

HERE = os.path.realpath(os.path.dirname(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DAVY = os.path.join(os.path.realpath(os.environ.get("DAVY_BUILD", os.path.join(ROOT, "build", "release"))), "davy")
BIN = "/usr/lib/postgresql/15/bin/"
DONE, FAILED, ROLLED_BACK, HELD, NEEDS_PEOPLE, REFUSED, DETACHED, SKIPPED = 0, 1, 3, 4, 5, 6, 7, 77
CASES = {}


def case(function):
    CASES[function.__name__] = function
    return function


def expect(what, holds):
    if not holds:
        raise AssertionError(what)


def until(what, holds, seconds=60):
    end = time.monotonic() + seconds
    while not holds():
        expect(f"in {seconds} s: {what}", time.monotonic() < end)
        time.sleep(0.02)


class Server:
    """A PostgreSQL of the test's own."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="davy-backups-")
        os.chmod(self.dir, 0o711)
        self.data, self.socket = self.dir + "/data", self.dir + "/socket"
        self.become = []
        for folder, mode in ((self.data, 0o700), (self.socket, 0o755)):
            os.mkdir(folder, mode)
        if os.geteuid() == 0:
            them = pwd.getpwnam("postgres")
            for folder in (self.data, self.socket):
                os.chown(folder, them.pw_uid, them.pw_gid)
            self.become = ["runuser", "-u", "postgres", "--"]
        self.run(BIN + "initdb", "-D", self.data, "-U", "davy", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8")
        with open(self.data + "/pg_hba.conf", "w") as rules:
            rules.write("local all locked scram-sha-256\nlocal all all trust\n")
        self.process = None
        self.start()
        self.sql("postgres", "create role locked superuser login password 'sesame'", "create role plain login")

    def run(self, *words):
        went = subprocess.run([*self.become, *words], cwd="/", capture_output=True, text=True)
        expect(f"{words[0]}: {went.stdout}{went.stderr}", went.returncode == 0)

    def start(self):
        self.process = subprocess.Popen(
            [*self.become, BIN + "postgres", "-D", self.data, "-k", self.socket, "-c", "listen_addresses=", "-c", "fsync=off"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("the server answers", lambda: subprocess.run(
            [BIN + "pg_isready", "-q", "-h", self.socket, "-d", "postgres"]).returncode == 0)

    def stop(self):
        with open(self.data + "/postmaster.pid") as pid:
            os.kill(int(pid.readline()), signal.SIGQUIT)  # at once, as a server that dies
        self.process.wait()

    def url(self, database, user="davy", password=None):
        secret = f":{password}" if password else ""
        return f"postgresql://{user}{secret}@/{database}?host={self.socket}"

    def sql(self, database, *texts):
        words = [w for text in texts for w in ("-c", text)]
        went = subprocess.run([BIN + "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *words],
                              capture_output=True, text=True)
        expect(f"{texts}: {went.stderr}", went.returncode == 0)
        return went.stdout.strip()

    def databases(self):
        return self.sql("postgres", "select datname from pg_database order by 1").split()

    def close(self):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


class Place:
    """Of one case: a database, a folder for copies, one for scratches."""

    def __init__(self, server, name):
        self.server, self.database = server, name
        self.dir = tempfile.mkdtemp(prefix="davy-backups-case-")
        os.chmod(self.dir, 0o711)  # the scratch's server passes through
        self.into, self.scratch = self.dir + "/copies", self.dir + "/scratch"
        os.mkdir(self.scratch, 0o711)
        server.sql("postgres", f"drop database if exists {name} with (force)", f"create database {name}")

    def sql(self, *texts):
        return self.server.sql(self.database, *texts)

    def shop(self, rows=20000):
        """Some of everything that a copy could lose."""
        self.sql("create table orders (id serial primary key, at timestamptz default now(), price float8 default random(),"
                 " t int default 1, state varchar(9) check (state in ('paid', 'open')), what bytea default sha256(random()::text::bytea))",
                 f"insert into orders (state) select 'paid' from generate_series(1, {rows})",
                 "create table nothing (x int)", 'create schema "Odd"', 'create table "Odd"."A ""b" (x int)',
                 'insert into "Odd"."A ""b" values (1), (2)', "create sequence unused",
                 "create view paid as select count(*) from orders where state = 'paid'",
                 "create function one() returns int language sql as $$\n-- a comment\n\nselect 1 $$", "select lo_create(4711)")
        return self

    def words(self, verb, id="run-a1", *more, kind="postgres", name="database"):
        return [DAVY, "work", verb, "--kind", kind, "--name", name, "--into", self.into, "--id", id, "--scratch", self.scratch,
                *more]

    def environment(self, url=None):
        return {**os.environ, "DAVY_SOURCE": url or self.server.url(self.database)}

    def work(self, verb, *more, id="run-a1", code=DONE, url=None, kind="postgres", name="database"):
        """Its last line."""
        went = subprocess.run(self.words(verb, id, *more, kind=kind, name=name), env=self.environment(url),
                              capture_output=True, text=True, cwd=self.dir)
        expect(f"davy work {verb} {' '.join(more)}: exit {went.returncode}, expected {code}\n{went.stdout}{went.stderr}",
               went.returncode == code)
        self.said = went.stdout + went.stderr
        return json.loads(went.stdout.splitlines()[-1])

    def killed_at(self, verb, stage, *more, id="run-a1", url=None, kind="postgres", name="database"):
        """Killed when it says that stage; whether it was still there to be killed."""
        child = subprocess.Popen(self.words(verb, id, *more, kind=kind, name=name), env=self.environment(url),
                                 stdout=subprocess.PIPE, text=True, cwd=self.dir)
        for line in child.stdout:
            if json.loads(line).get("stage") == stage:
                child.kill()
                break
        else:
            raise AssertionError(f"{verb} said no stage {stage}")
        return child.wait() == -signal.SIGKILL

    def copy(self, id="run-a1", name="database"):
        return f"{self.into}/{name}.{id}"

    def manifest(self, id="run-a1", name="database"):
        with open(self.copy(id, name) + "/manifest.json") as text:
            return json.load(text)

    def write_manifest(self, manifest, id="run-a1", name="database"):
        with open(self.copy(id, name) + "/manifest.json", "w") as text:
            json.dump(manifest, text)

    def replace(self, file, content, id="run-a1", name="database"):
        """As somebody would who knows how sums are made."""
        path, manifest = f"{self.copy(id, name)}/{file}", self.manifest(id, name)
        with open(path, "wb") as to:
            to.write(content)
        for one in manifest["files"]:
            if one["name"] == file:
                one["bytes"], one["sha256"] = len(content), hashlib.sha256(content).hexdigest()
        self.write_manifest(manifest, id, name)

    def unpacked(self, file, id="run-a1", name="database"):
        return subprocess.run(["zstd", "-dcq", f"{self.copy(id, name)}/{file}"], capture_output=True, check=True).stdout

    def nothing_is_left(self):
        """No scratch, no server of one, no half copy, no database of ours."""
        expect(f"scratches: {os.listdir(self.scratch)}", not os.listdir(self.scratch))
        expect(f"servers: {servers_in(self.scratch)}", not servers_in(self.scratch))
        if os.path.isdir(self.into):
            half = [one for one in os.listdir(self.into) if one.endswith((".part", ".gone"))]
            expect(f"half copies: {half}", not half)
        ours = [one for one in self.server.databases() if "davy_proof" in one or "restoring" in one or "reference" in one]
        expect(f"databases: {ours}", not ours)

    def close(self):
        for pid in servers_in(self.scratch) + processes("redis-server", self.scratch):
            os.kill(pid, signal.SIGKILL)
        for pid in processes("--state", self.dir + "/state"):
            os.kill(pid, signal.SIGKILL)
        shutil.rmtree(self.dir, ignore_errors=True)


def processes(*words):
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline") as line:
                said = line.read().split("\0")
        except OSError:
            continue
        if all(any(word in one for one in said) for word in words):
            out.append(int(pid))
    return out


def servers_in(folder):
    return processes("postgres", folder)


def flipped(content, at):
    return content[:at] + bytes([content[at] ^ 4]) + content[at + 1:]


def repacked(content):
    return subprocess.run(["zstd", "-q", "-c"], input=content, capture_output=True, check=True).stdout
