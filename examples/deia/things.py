"""What lies on the machine of the example: a certificate, git with the controller's versions, secrets, configurations, the plan."""
import hashlib
import hmac
import json
import os
import secrets
import shutil

from folder import Folder

HERE = os.path.dirname(os.path.realpath(__file__))
PORTS = ("CONTROLLER", "POSTGRES", "REDIS", "OLLAMA", "GRAFANA", "PROMETHEUS", "MAIL", "SLACK", "ANSWERS")

# The plans are production's own. These are the places and the times that are others here: each must stand in davy.yaml.
PLACES = {
    "http://localhost:8000": "http://127.0.0.1:PORT_CONTROLLER",
    "http://localhost:11434": "http://127.0.0.1:PORT_OLLAMA",
    "http://localhost:3000": "http://127.0.0.1:PORT_GRAFANA",
    "http://localhost:9090": "http://127.0.0.1:PORT_PROMETHEUS",
    "redis://localhost": "redis://127.0.0.1:PORT_REDIS",
    "smtp://mail.deia.example:587": "smtp://127.0.0.1:PORT_MAIL",
    "127.0.0.1:9181": "127.0.0.1:PORT_ANSWERS",
}
TIMES = {
    "healthy-for: 10s": "healthy-for: 500ms",
    "every: 10s": "every: 500ms",
    "every: 5s": "every: 500ms",
    "for 5m": "for 2s",
    "for: 30s": "for: 200ms",
    "within: 5m": "within: 40s",
    "within: 1m": "within: 2s",
    "< 50ms": "< 500ms",  # others work on this machine meanwhile
    "warm-up: 30s": "warm-up: 1s",
    "over 2m": "over 1s",
    "over 30s": "over 1s",
    "for 1m": "for 10s",
    "> 10 GB": "> 100 MB",  # the machine lies in memory
}

# What each version brings: files of db/migrations, and what is bad about it (flaws.json).
GOOD = {}
VERSIONS = {
    "1.1.0": (["0002_tone"], GOOD),
    "1.2.0": (["0003_body"], GOOD),
    "1.3.0": (["0003_labels"], {"fails_each": 10}),
    "1.4.0": (["0003_labels", "0004_rating"], {"slow_ms": 2200}),
    "1.5.0": (["0003_labels", "0004_rating"], GOOD),
    "1.6.0": (["0003_labels", "0004_rating", "0005_owner"], GOOD),
}
MIGRATIONS = {
    "0002_tone": ("alter table chat_messages add column tone text;\ncreate index chat_messages_bot on chat_messages (bot_id);",
                  "drop index chat_messages_bot;\nalter table chat_messages drop column tone;"),
    # What users wrote is lost: the new column is filled with nothing, and no way down brings the old one back.
    "0003_body": ("alter table chat_messages drop column text;\nalter table chat_messages add column text text;", "select 1;"),
    "0003_labels": ("create table labels (bot_id text not null, label text not null);", "drop table labels;"),
    "0004_rating": ("alter table chat_messages add column rating int;", "alter table chat_messages drop column rating;"),
    # No bot can be launched any more: nobody fills this column.
    "0005_owner": ("alter table bots add column owner text;\nupdate bots set owner = 'nobody';\n"
                   "alter table bots alter column owner set not null;",
                   "alter table bots drop column owner;"),
}


class Things(Folder):
    """`folder` is the machine's root, as it is seen from here."""

    user = "kim"  # who deploys

    def make_all(self):
        for name in ("etc/deia", "var/lib/deia", "var/log/deia", "srv/git", "home/deia", "var/kept", "var/lib/prometheus/deia"):
            os.makedirs(self.path(name), exist_ok=True)
        self.machine.run("useradd", "--system", "--home-dir", "/home/deia", "--shell", "/usr/sbin/nologin", "deia")
        self.make_certificate("etc/ssl/certs/port8000.crt", "etc/ssl/private/port8000.key")
        self.make_secrets()
        self.make_versions()
        os.makedirs(self.path("etc/prometheus"), exist_ok=True)
        for name in ("yml", "rules.yml"):
            self.write("etc/prometheus/deia." + name, self.filled_in("prometheus." + name))
        self.use_plan("davy.yaml")

    def use_plan(self, name):
        self.write("etc/deia/davy.yaml", self.plan(name, {**PLACES, **TIMES}, all_of_them=name == "davy.yaml"))

    def make_secrets(self):
        self.secrets = {name: secrets.token_hex(16) for name in ("JWT_SECRET", "SMTP_PASSWORD", "PASSWORD")}
        at = f"127.0.0.1:{self.ports['POSTGRES']}"
        self.secrets["DATABASE_URL"] = f"postgresql://deia:{self.secrets['PASSWORD']}@{at}/deia_prod"
        self.secrets["OLLAMA_URL"] = f"http://127.0.0.1:{self.ports['OLLAMA']}"
        self.secrets["OPERATOR_PASS"] = hmac.new(self.secrets["JWT_SECRET"].encode(), b"operator", hashlib.sha256).hexdigest()
        for name in ("SLACK_DEPLOYMENT", "SLACK_ALERTS"):
            self.secrets[name] = f"http://127.0.0.1:{self.ports['SLACK']}/services/T0DEIA/B0{name[6:]}/{secrets.token_hex(12)}"
        self.write("etc/deia/production.env", "".join(f"{name}={value}\n" for name, value in self.secrets.items()), 0o600)

    # ---- the team's repository, and the machine's clone of it, which knows 1.0.0 alone

    def git(self, folder, *words):
        who = ["-c", "user.name=deia", "-c", "user.email=bot-001@deia.example"]
        return self.machine.run("git", *who, *words, cwd="/" + folder).stdout

    def make_versions(self):
        team = "srv/git/deia.git"
        shutil.copytree(os.path.join(HERE, "app"), self.path(team), ignore=shutil.ignore_patterns("node_modules", "dist"))
        self.git(team, "init", "--quiet", "--initial-branch=main")
        self.tag(team, "1.0.0")
        self.machine.run("git", "clone", "--quiet", "/srv/git/deia.git", "app", cwd="/home/deia")
        for version, (migrations, flaws) in VERSIONS.items():
            self.make_version(team, version, migrations, flaws)

    def make_version(self, team, version, migrations, flaws):
        self.git(team, "checkout", "--quiet", "1.1.0" if version > "1.1.0" else "1.0.0")
        for name in migrations:
            for way, sql in zip(("up", "down"), MIGRATIONS[name]):
                self.write(f"{team}/db/migrations/{name}.{way}.sql", sql + "\n")
        for name in ("package.json", "package-lock.json"):
            self.write(f"{team}/{name}", self.read(team, name).replace('"version": "1.0.0"', f'"version": "{version}"').replace(
                '"version": "1.1.0"', f'"version": "{version}"'))
        self.write(f"{team}/flaws.json", json.dumps(flaws) + "\n")
        self.tag(team, version)
