"""A PostgreSQL of the test's own, and `davy work migrate` against databases in it."""
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = os.path.realpath(os.path.dirname(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
DAVY = os.path.join(os.path.realpath(os.environ.get("DAVY_BUILD", os.path.join(ROOT, "build", "release"))), "davy")
BIN = "/usr/lib/postgresql/15/bin/"
PASSWORD = "open-sesame-17"
DONE, FAILED, REFUSED = 0, 1, 6
CASES = {}


def case(body):
    CASES[body.__name__] = body
    return body


def expect(what, is_so):
    if not is_so:
        raise AssertionError(what)


def until(what, holds, seconds=60):  # on a busy machine all takes longer
    for _ in range(seconds * 20):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Cluster:
    """PostgreSQL will not run as root, so then it runs as its own user."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="davy-migrations-")
        os.chmod(self.dir, 0o711)
        self.own, self.port = self.dir + "/own", free_port()
        os.mkdir(self.own)
        with open(self.own + "/password", "w") as out:
            out.write(PASSWORD)
        self.log = open(self.dir + "/log", "a")
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "postgres", self.own], check=True)
        self.as_user("initdb", "-D", self.own + "/data", "-U", "davy", "-A", "scram-sha-256", "--no-sync", "--pwfile",
                     self.own + "/password")
        self.server, self.made = None, 0
        self.start()

    def words(self, program, *words):
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        return ["setpriv", "--pdeathsig", "INT", *user, BIN + program, *words]

    def as_user(self, program, *words):
        subprocess.run(self.words(program, *words), check=True, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)

    def start(self):
        self.server = subprocess.Popen(
            self.words("postgres", "-D", self.own + "/data", "-p", str(self.port), "-c", "listen_addresses=127.0.0.1", "-c",
                       "unix_socket_directories=" + self.own, "-c", "fsync=off", "-c", "max_connections=60"),
            stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        until("PostgreSQL answers", lambda: self.psql("postgres", "select 1", check=False) == "1")

    def stop(self):
        self.as_user("pg_ctl", "-D", self.own + "/data", "-m", "immediate", "stop")
        self.server.wait(60)

    def close(self):
        self.stop()
        shutil.rmtree(self.dir)

    def url(self, database, port=None, user="davy", password=PASSWORD):
        return f"postgres://{user}:{password}@127.0.0.1:{port or self.port}/{database}"

    def psql(self, database, text, check=True):
        went = subprocess.run([BIN + "psql", "-qAtX", "-v", "ON_ERROR_STOP=1", self.url(database), "-c", text], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and went.returncode != 0:
            raise AssertionError(f"{text}\n{went.stdout}")
        return went.stdout.strip()

    def session(self, database, text):
        """Carries this out and stays."""
        held = subprocess.Popen([BIN + "psql", "-qAtX", self.url(database)], text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        held.stdin.write(text + ";\n\\echo ready\n")
        held.stdin.flush()
        while "ready" not in held.stdout.readline():
            pass
        return held

    def stands(self, database):
        """Columns, indexes, how many rows each table has, and what is recorded."""
        return self.psql(database, """
            select c.relname || '.' || a.attname || ' ' || a.atttypid::regtype || ' ' || a.attnotnull from pg_attribute a
              join pg_class c on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and
              a.attnum > 0 and not a.attisdropped and c.relname <> 'davy_migrations'
            union all select 'index ' || i.indexrelid::regclass || ' ' || i.indisvalid from pg_index i join pg_class c on
              c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace
            union all select 'rows ' || relname || ' ' || (xpath('//count/text()', query_to_xml(format('select count(*) from %I',
              relname), false, true, '')))[1]::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
            union all select 'record ' || version || ' ' || (ended is not null) from davy_migrations order by 1""")

    def record(self, database):
        return self.psql(database, "select version || ' ' || (ended is not null)::text from davy_migrations order by 1")


class Place:
    """A database and a folder of its own."""

    def __init__(self, cluster, files=None, like="template1"):
        cluster.made += 1
        self.cluster, self.database = cluster, f"d{cluster.made}"
        cluster.psql("postgres", f"create database {self.database} template {like}")
        self.dir = f"{cluster.dir}/{self.database}"
        self.folder = self.dir + "/migrations"
        os.makedirs(self.folder)
        self.write(files or {})

    def write(self, files):
        for name, text in files.items():
            path = os.path.join(self.folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as out:
                out.write(text)

    def sql(self, text):
        return self.cluster.psql(self.database, text)

    def begin(self, *words, port=None, url=None, run="r1"):
        environment = {**os.environ, "DAVY_DATABASE": url or self.cluster.url(self.database, port)}
        return subprocess.Popen([DAVY, "work", "migrate", *words, "--folder", self.folder, "--run", run, "--lock-wait", "50ms",
                                 "--lock-wait-most", "200ms"], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, env=environment)

    def migrate(self, *words, code=DONE, **how):
        went = self.begin(*words, **how)
        said = went.communicate(timeout=120)[0]
        expect(f"migrate {' '.join(words)}: exit {went.returncode}, expected {code}\n{said}", went.returncode == code)
        expect(f"the password is shown: {said}", PASSWORD not in said)
        return said

    def drop(self):
        self.cluster.psql("postgres", f"drop database {self.database} with (force)")
        shutil.rmtree(self.dir)


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()
