"""A stage of one's own: HAProxy, a plan, users, and a state directory, in one folder under /tmp.

Every process that belongs to a stage has the folder's path in its command line; that is how all of them are found,
also those that a killed Davy left behind, and ended one by one, by pid.
"""
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
sys.path.append(os.path.join(ROOT, "tests"))
from ending import end_at_once  # noqa: E402
BUILD = os.path.realpath(os.environ.get("DAVY_BUILD", os.path.join(ROOT, "build", "release")))
DAVY = os.path.join(BUILD, "davy")
LOAD = os.path.join(BUILD, "bench", "load", "load")
EXAMPLE = os.path.join(ROOT, "examples", "storefront")

PLAN = """\
davy: 1
services:
  storefront:
    process: {dir}/bin/storefront --port "$port" --version "$version" --db "{dir}/shop.db" --versions {dir}/versions.conf --settle 0.1
    instances: 2
    ports: {first}-{last}
    health: /health
    up-within: {health_within}
    stop-within: 5s
    router: {{ haproxy: {dir}/haproxy.sock, backend: storefront, slots: davy, state-file: {dir}/haproxy.state }}
environments:
  stage: {{ url: "{url}" }}
{secrets}maintenance: {{ router: on, page: {dir}/page.html }}
signals:
  traffic:
    haproxy: {dir}/log.sock
    stats: {dir}/haproxy.sock
    client: x-forwarded-for
    ignore: [/health, /health/*, /metrics]
checks:
  people:
    Owner agrees: {{ approve: owner, expires: 1s }}
rollout:
{rollout}
judge:
  roll-back: [error_rate > 5%]
"""

PAGE = "<h1>The storefront is being rebuilt</h1>"


given_ports, giving_ports = set(), threading.Lock()


def free_ports(how_many):
    """The first of so many ports in a row, below those that the kernel hands out, and no other stage's of ours."""
    with giving_ports:
        return find_ports(how_many)


def find_ports(how_many):
    start = 12000 + os.getpid() * 97 % 18000
    for first in list(range(start, 30000, how_many)) + list(range(12000, start, how_many)):
        taken = []
        if first in given_ports:
            continue
        try:
            for port in range(first, first + how_many):
                s = socket.socket()
                taken.append(s)
                s.bind(("127.0.0.1", port))
            given_ports.add(first)
            return first
        except OSError:
            pass
        finally:
            for s in taken:
                s.close()
    raise RuntimeError("no free ports")


def until(within, what, look, pause=0.02):
    """What look() answers as soon as that is true; an AssertionError when it is not within so many seconds."""
    end = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {what}")
        time.sleep(pause)


def closed(schema, defs):
    """The same without references, and without room for a key that it does not describe."""
    if "$ref" in schema:
        return closed(defs[schema["$ref"].rsplit("/", 1)[1]], defs)
    out = {key: value for key, value in schema.items() if key != "allOf"}
    for part in (closed(one, defs) for one in schema.get("allOf", [])):
        out = {**part, **out, "properties": {**part["properties"], **out.get("properties", {})},
               "required": part.get("required", []) + out.get("required", [])}
    if "anyOf" in out:
        out["anyOf"] = [closed(one, defs) for one in out["anyOf"]]
    if "items" in out:
        out["items"] = closed(out["items"], defs)
    if "object" in out.get("type", "") or "properties" in out:
        out["properties"] = {key: closed(value, defs) for key, value in out.get("properties", {}).items()}
        out.setdefault("additionalProperties", False)
    return out


def fits_the_schema(what, text):
    """What `davy WHAT --json` printed is as docs/output.schema.json says, and all that is in it is described there."""
    import jsonschema
    with open(os.path.join(ROOT, "docs", "output.schema.json")) as f:
        schema = json.load(f)
    shown = json.loads(text)
    name = "error" if isinstance(shown, dict) and "error" in shown else what
    jsonschema.validate(shown, closed(schema["$defs"][name], schema["$defs"]))
    return shown


def command_lines():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/cmdline", "rb") as f:
                    words = f.read().decode(errors="replace").split("\0")
            except OSError:
                continue
            if words[0]:  # else a zombie, or the kernel's
                yield int(name), words


def end_pid(pid, how=signal.SIGKILL):
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        pass


MADE, AT_LAST = [], []  # stages; and what else is to be taken away when all is ended early


def end_all(*_):
    """For SIGTERM and Ctrl-C: nothing that was begun here is left."""
    ending.set()
    for _ in range(3):  # a thread may have been in the middle of beginning something
        for stage in list(MADE):
            stage.down()
        for take_away in list(AT_LAST):
            take_away()
        time.sleep(0.2)
    os._exit(1)


ending = threading.Event()


def stop_on_signals():
    for one in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(one, end_all)


class Stage:
    def __init__(self, state=None, health_within="3s"):
        assert not ending.is_set(), "it is all being ended"
        self.dir = tempfile.mkdtemp(prefix="davy-stage-")
        self.state = state or os.path.join(self.dir, "state")
        self.health_within = health_within
        first = free_ports(48)
        self.port, self.first, self.last = first, first + 1, first + 47
        self.url = f"http://127.0.0.1:{self.port}"
        self.plan = os.path.join(self.dir, "davy.yaml")
        self.log = os.path.join(self.dir, "done.log")
        self.env = dict(os.environ, DAVY_STATE=self.state, DAVY_HTTP_PORT=str(self.port), DAVY_RUN_DIR=self.dir,
                        NO_COLOR="1", LC_ALL="C.UTF-8")
        self.children = []
        self.haproxy = None
        MADE.append(self)

    def path(self, name):
        return os.path.join(self.dir, name)

    # --- up and down

    def up(self):
        os.mkdir(self.path("bin"))
        shutil.copy(os.path.join(BUILD, "examples", "storefront", "storefront"), self.path("bin"))
        shutil.copy(os.path.join(EXAMPLE, "versions.conf"), self.dir)
        shutil.copy(os.path.join(EXAMPLE, "haproxy.cfg"), self.dir)
        for name, text in (("davy.map", ""), ("haproxy.state", ""), ("done.log", ""), ("page.html", PAGE)):
            with open(self.path(name), "w") as f:
                f.write(text)
        self.haproxy_up()
        return self

    def haproxy_up(self):
        assert not ending.is_set(), "it is all being ended"
        with open(self.path("haproxy.log"), "a") as log:
            self.haproxy = subprocess.Popen(["haproxy", "-q", "-W", "-S", self.path("master.sock") + ",level,operator",
                                             "-f", self.path("haproxy.cfg")], env=self.env, stdout=log, stderr=log)
        until(10, "HAProxy answers", lambda: self.haproxy.poll() is None and self.answers())

    def haproxy_kill(self):
        for pid, words in command_lines():
            if words[0].endswith("haproxy") and self.path("haproxy.cfg") in words:
                end_pid(pid)
        self.haproxy.wait()

    def answers(self):
        try:
            return "Pid:" in self.ask("show info")
        except OSError:
            return False

    def mine(self):
        return [(pid, words) for pid, words in command_lines()
                if pid != os.getpid() and any(self.dir in w or self.state in w for w in words)]

    def down(self, keep=False):
        """Ends all that was begun here. Whoever could start another goes first."""
        rank = {"engine": 0, "keep": 1}
        for _ in range(50):
            left = self.mine()
            if not left:
                break
            for pid, words in sorted(left, key=lambda p: rank.get(p[1][1] if len(p[1]) > 1 else "", 2)):
                end_pid(pid)
            time.sleep(0.05)
        for child in self.children + [self.haproxy]:
            if child:
                child.kill()
                child.wait()
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    # --- Davy

    def write_plan(self, rollout, secrets=""):
        with open(self.plan, "w") as f:
            f.write(PLAN.format(dir=self.dir, first=self.first, last=self.last, url=self.url, rollout=rollout.rstrip(),
                                health_within=self.health_within, secrets=secrets))

    def davy(self, *words, env=None, within=90, errors=subprocess.STDOUT):
        """Runs a command to its end: exit code, and all that it said. errors=DEVNULL: on standard output alone."""
        assert not ending.is_set(), "it is all being ended"
        done = subprocess.run([DAVY, *words], env={**self.env, **(env or {})}, cwd=self.dir, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, timeout=within)
        return done.returncode, done.stdout

    def begin(self, *words, env=None):
        assert not ending.is_set(), "it is all being ended"
        child = subprocess.Popen([DAVY, *words], env={**self.env, **(env or {})}, cwd=self.dir, text=True,
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.children.append(child)
        return child

    def holder(self, run, name):
        """The living process that has a lock of the run: its pid, or None."""
        try:
            with open(os.path.join(self.state, "runs", run, name)) as f:
                words = f.read().split()
        except OSError:
            return None
        pid = next((int(w) for w in words if w.isdigit()), None)
        if pid is None:
            return None
        for other, line in command_lines():
            if other == pid and any(self.state in w for w in line):
                return pid
        return None

    def engine(self, run):
        return self.holder(run, "engine.lock")

    def keeper(self, run):
        return self.holder(run, "keeper.lock")

    def end_drivers(self, run):
        end_at_once([self.engine(run), self.keeper(run)])

    def engines(self, run):
        return [pid for pid, words in self.mine() if words[1:3] == ["engine", run]]

    # --- the world

    def ask(self, text):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(3)
            s.connect(self.path("haproxy.sock"))
            s.sendall(text.encode() + b"\n")
            answer = b""
            while block := s.recv(65536):
                answer += block
        return answer.decode()

    def servers(self):
        """What HAProxy says: address → (weight, in service, up), slots that are free left out."""
        lines = self.ask("show servers state storefront").splitlines()
        names = next(line for line in lines if line.startswith("# ")).split()[1:]
        out = {}
        for line in lines:
            one = dict(zip(names, line.split()))
            if len(one) < len(names) or line.startswith("#") or one["srv_port"] == "1":
                continue
            admin = int(one["srv_admin_state"])
            out[int(one["srv_port"])] = (int(one["srv_uweight"]), not admin & 0x09, one["srv_op_state"] == "2")
        return out

    def instances(self):
        """The storefronts that live: port → version, by the process table and not by Davy's word."""
        out = {}
        for pid, words in self.mine():
            if words[0] == self.path("bin/storefront"):
                at = dict(zip(words, words[1:]))
                out[int(at["--port"])] = at["--version"]
        return out

    def get(self, path="/"):
        """Status, version, and body of one answer, without a retry."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
            s.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while block := s.recv(65536):
                answer += block
        head, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
        version = [l.split(":")[1].strip() for l in head.split("\r\n") if l.lower().startswith("x-version:")]
        return int(head.split()[1]), version[0] if version else "", body

    def users(self, rate, paths="/"):
        """Starts the public; users_leave() answers its account."""
        child = subprocess.Popen([LOAD, "--url", self.url, "--rate", str(rate), "--seconds", "0", "--clients", "5000",
                                  "--connections", "60", "--paths", paths], env=self.env, text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.children.append(child)
        self.users_since = time.monotonic()
        return child

    def users_leave(self, child):
        time.sleep(max(0.0, 0.5 - (time.monotonic() - self.users_since)))  # before that it has no handler
        child.send_signal(signal.SIGINT)
        text, _ = child.communicate(timeout=15)
        self.children.remove(child)
        return json.loads(text)

    def end_one_of(self, version):
        """TERM to one instance, as somebody might who does not ask Davy."""
        for pid, words in self.mine():
            if words[0] == self.path("bin/storefront") and dict(zip(words, words[1:]))["--version"] == version:
                return os.kill(pid, signal.SIGTERM)

    def kill_instances(self, version=None):
        for pid, words in self.mine():
            of = dict(zip(words, words[1:])).get("--version")
            if words[0] == self.path("bin/storefront") and version in (None, of):
                end_pid(pid)

    # --- the journal, from outside

    def db(self):
        return sqlite3.connect(f"file:{self.state}/davy.db?mode=ro", uri=True, timeout=5)
