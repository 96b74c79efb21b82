"""The machine of the example: a systemd of its own as PID 1 (tests/systemd), and as its units the controller, PostgreSQL, Redis,
Prometheus, stand-ins and users, all where production has them. Nothing of it is left when the machine ends."""
import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from booted import Machine, NoMachine
from folder import Folder
from play import PATH, Skipped
from things import HERE, PORTS, Things
from until import until

KEPT = ("var/lib/davy", "var/log/deia", "etc/deia", "var/backups/deia")
SCRIPTS = ("users.py", "standins/ollama.py", "standins/grafana.py", "../common/standins/web.py", "../common/standins/receivers.py")


class Stage(Things):
    environment = {"PATH": PATH}  # of what enters the machine; what runs there has its own
    mail, home, state_there = "var/log/deia/mail.jsonl", "/", "/var/lib/davy"

    def __init__(self, davy):
        Folder.__init__(self, HERE, tempfile.mkdtemp(prefix="davy-deia-"), PORTS)
        self.kept, self.program, self.machine = self.folder, davy, None
        self.record = os.path.join(self.kept, "recorded.tsv")

    def log(self, version):
        return os.path.join(self.kept, f"deploy-{version}.log")

    def told(self):
        """Files of what Davy told, but for its state."""
        return [self.path("var/log/deia", name) for name in ("mail.jsonl", "slack.jsonl")] + [
            os.path.join(self.kept, name) for name in os.listdir(self.kept) if name.endswith(".log")]

    @property
    def state(self):
        return self.path("var/lib/davy")

    @property
    def davy(self):
        return [*self.machine.enter, "--chdir=/etc/deia", *self.machine.environment, "TERM=xterm", "USER=" + self.user,
                "SSL_CERT_FILE=/etc/ssl/certs/port8000.crt", "/usr/local/bin/davy"]

    # ---- its beginning

    def set_up(self):
        if os.geteuid() != 0:
            raise Skipped("a machine of its own takes root")
        units = os.path.join(self.kept, "units")
        os.mkdir(units)
        names = sorted(os.listdir(os.path.join(HERE, "units")))
        for name in names:
            with open(os.path.join(units, name), "w") as out:
                out.write(self.filled_in(os.path.join("units", name)))
        try:
            self.machine = Machine(*(os.path.join(units, name) for name in names))
        except NoMachine as why:
            raise Skipped(why) from None
        self.folder = self.machine.root
        shutil.copy(self.program, self.path("usr/local/bin/davy"))
        os.makedirs(self.path("usr/local/lib/deia"))
        for name in SCRIPTS:
            shutil.copy(os.path.join(HERE, name), self.path("usr/local/lib/deia"))
        self.make_all()
        self.make_database()

    def make_database(self):
        """A cluster with the database of production and its owner, who may create databases (docs/backups.md)."""
        self.machine.run("install", "-d", "-o", "postgres", "-m", "700", "/var/lib/postgresql/deia")
        self.machine.run("runuser", "-u", "postgres", "--", "/usr/lib/postgresql/15/bin/initdb", "-D", "/var/lib/postgresql/deia",
                         "--no-sync", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", "--auth-local=peer",
                         f"--pwfile={self.password_file()}")
        self.machine.run("systemctl", "start", "postgresql")
        self.sql("postgres", f"create role deia login createdb password '{self.secrets['PASSWORD']}'")
        self.sql("postgres", "create database deia_prod owner deia")

    def password_file(self):
        self.write("var/tmp/password", self.secrets["PASSWORD"] + "\n")
        return "/var/tmp/password"

    def sql(self, database, text):
        psql = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-p", str(self.ports["POSTGRES"]), "-d", database]
        went = subprocess.run([*self.machine.enter, *self.machine.environment, "runuser", "-u", "postgres", "--", *psql], input=text,
                              text=True, capture_output=True, timeout=60)
        assert went.returncode == 0, f"{text}: {went.stderr}"
        return went.stdout.strip()

    def begin(self):
        """The machine as it was before Davy came: 1.0.0 serves, users are there."""
        environment = [f"{name}={value}" for name, value in self.secrets.items()]
        for words in ("ci --omit=dev", "run --silent db:migrate", "run --silent build"):
            self.machine.run("env", *environment, "npm", *words.split(), cwd="/home/deia/app")
        self.machine.run("systemctl", "start", "redis-server", "ollama", "grafana-server", "prometheus", "receivers",
                         "deia-bot-controller")
        for name in ("OLLAMA", "GRAFANA", "PROMETHEUS", "MAIL", "SLACK"):
            until(f"who listens at {name}", lambda: self.listens(name))
        until("1.0.0 serves", lambda: self.serves() == "1.0.0")
        self.machine.run("systemctl", "start", "users")
        until("users chat", lambda: len(self.lines("var/log/deia/users.jsonl")) > 20)

    # ---- what is seen of it

    def ask(self, path):
        """Status and document, as whoever is outside gets them; 0: no answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.ports['CONTROLLER']}{path}", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, {}
        except (OSError, ValueError):
            return 0, {}

    def listens(self, name):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[name]), 1):
            return True
        return False

    def serves(self):
        return self.ask("/health")[1].get("version")

    def asked(self, since=0.0):
        """What users met since then, as they began to ask."""
        return sorted((one for one in self.lines("var/log/deia/users.jsonl") if one["at"] >= since), key=lambda one: one["at"])

    def head(self):
        return self.machine.run("git", "describe", "--tags", cwd="/home/deia/app").stdout.strip()

    def current(self):
        """The version of the folder that `current` leads to."""
        return os.path.basename(self.machine.run("readlink", "/srv/deia/current").stdout.strip()).split("~")[0]

    def runs_from(self, folder):
        """Somebody changes the line of the unit that Davy named."""
        name = "etc/systemd/system/deia-bot-controller.service"
        self.change(name, "WorkingDirectory=/home/deia/app", f"WorkingDirectory={folder}")
        self.machine.run("systemctl", "daemon-reload")

    # ---- its end

    def end(self, keep):
        if keep and self.machine:
            for name in KEPT:
                self.machine.run("cp", "-r", "--parents", "--no-dereference", f"/{name}", "/var/kept/", check=False)
            self.machine.run("find", "/var/kept", "!", "-type", "f", "!", "-type", "d", "!", "-type", "l", "-delete", check=False)
            shutil.copytree(self.path("var/kept"), self.kept, dirs_exist_ok=True, symlinks=True)
        if self.machine:
            self.machine.close()
        if not keep:
            shutil.rmtree(self.kept, ignore_errors=True)
        return self.kept
