"""What lies in the folder of the example: a certificate, git with three versions, accounts, configurations, the plan."""
import contextlib
import hashlib
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
PORTS = ("HTTP", "HTTPS", "BACKEND", "FRONTEND", "MONGODB", "STRIPE", "LLM", "MAIL", "HOOKS", "VITALS")
QA = "client.qa@polaris.example.com"

# What is otherwise in 1.2.0: it rounds as floats do, so 19.99 is 1998.9999999999998 cents, which Stripe does not take.
GOOD_CENTS = "return str(int(Decimal(amount) * 100))"
BAD_CENTS = 'return str(float(amount) * 100).removesuffix(".0")'

# The plan is production's own. These are the places and the times that are others here: each must stand in it.
PLACES = {
    "https://polaris.example.com": "https://127.0.0.1:PORT_HTTPS",
    "http://polaris.example.com": "http://127.0.0.1:PORT_HTTP",
    "smtp://mail.polaris.example.com:587": "smtp://127.0.0.1:PORT_MAIL",
    "127.0.0.1:9180": "127.0.0.1:PORT_VITALS",
    "/var/run/supervisor.sock": "FOLDER/supervisor.sock",
    "/var/log/nginx/access.log": "FOLDER/log/access.log",
    "/app/": "FOLDER/app/",
    "cwd: /app": "cwd: FOLDER/app",
    "git: /app ": "git: FOLDER/app ",
}
TIMES = {
    "healthy-for: 10s": "healthy-for: 1s",
    "every: 30s": "every: 1s",
    "wait: 31m": "wait: 20s",
    "over 30m": "over 15s",
    "for 10m": "for 20s",
    "for 5m": "for 20s",
    "for 2m": "for 10s",
    "for 1m": "for 5s",
}


def free_ports(count):
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


class Folder:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="davy-polaris-")
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.secrets = {name: secrets.token_hex(16) for name in
                        ("STRIPE_API_KEY", "EMERGENT_LLM_KEY", "QA_PASSWORD", "SMTP_PASSWORD", "HOOK_KEY")}
        self.secrets["MONGO_URL"] = f"mongodb://127.0.0.1:{self.ports['MONGODB']}/polaris"
        self.secrets["HOOK_URL"] = f"http://127.0.0.1:{self.ports['HOOKS']}/davy"
        self.secrets["REACT_APP_BACKEND_URL"] = self.url = f"https://127.0.0.1:{self.ports['HTTPS']}"
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.folder, "LANG": "C.UTF-8",
                            "SSL_CERT_FILE": self.path("cert.pem"), "USER": os.environ.get("USER", "root")}

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def read(self, *names):
        with open(self.path(*names)) as text:
            return text.read()

    def write(self, name, text, mode=0o644):
        with open(self.path(name), "w") as out:
            out.write(text)
        os.chmod(self.path(name), mode)

    def lines(self, name):
        """What a receiver or the users wrote: a line of JSON each."""
        with contextlib.suppress(FileNotFoundError):
            return [json.loads(line) for line in self.read(name).splitlines()]
        return []

    def filled_in(self, name):
        with open(os.path.join(HERE, name)) as text:
            return self.places(text.read())

    def places(self, text):
        for name in sorted(self.ports, key=len, reverse=True):  # HTTPS before HTTP
            text = text.replace("PORT_" + name, str(self.ports[name]))
        return text.replace("FOLDER", self.folder).replace("WHO;", pwd.getpwuid(os.getuid()).pw_name + ";")

    def set_up(self):
        for name in ("log", "nginx", "git"):
            os.mkdir(self.path(name))
        self.make_certificate()
        self.make_versions()
        self.write("app/backend/.env", "".join(f"{name}={value}\n" for name, value in self.secrets.items()), 0o600)
        self.write("supervisord.conf", self.filled_in("supervisord.conf"))
        self.write("nginx.conf", self.filled_in("nginx.conf"))
        self.make_people()
        self.make_plan()
        shutil.copy(os.path.join(HERE, "is-rate-limited"), self.folder)

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.path("key.pem"), "-out",
                        self.path("cert.pem"), "-days", "2", "-subj", "/CN=127.0.0.1", "-addext",
                        "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, stderr=subprocess.DEVNULL)

    def git(self, folder, *words):
        return subprocess.run(["git", "-c", "user.name=polaris", "-c", "user.email=dev@polaris.example.com",
                               "-c", "advice.detachedHead=false", *words], cwd=self.path(folder), check=True, text=True,
                              env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def make_versions(self):
        """The team's repository with the tags 1.0.0, 1.1.0 and 1.2.0; the machine's clone knows 1.0.0 alone."""
        shutil.copytree(os.path.join(HERE, "app"), self.path("git", "app"), ignore=shutil.ignore_patterns("__pycache__", ".env"))
        self.git("git/app", "init", "--quiet", "--initial-branch=main")
        worker = self.path("git", "app", "frontend", "public", "service-worker.js")
        os.rename(worker, self.path("git", "service-worker.js"))
        self.tag("1.0.0")
        self.git("", "clone", "--quiet", "git/app", "app")
        os.rename(self.path("git", "service-worker.js"), worker)
        self.tag("1.1.0")
        self.change("git/app/backend/outside.py", GOOD_CENTS, BAD_CENTS)
        self.tag("1.2.0")

    def change(self, name, old, new):
        text = self.read(name)
        assert text.count(old) == 1, f"{name} has changed: {old}"
        self.write(name, text.replace(old, new))

    def tag(self, version):
        self.write("git/app/VERSION", version + "\n")
        self.git("git/app", "add", "--all")
        self.git("git/app", "commit", "--quiet", "-m", version)
        self.git("git/app", "tag", version)

    def make_people(self):
        """Accounts: what MongoDB holds, and what the users type."""
        users = [(f"user{number}@example.com", secrets.token_hex(8), "client") for number in range(20)]
        everybody = users + [(QA, self.secrets["QA_PASSWORD"], "client"), ("admin@polaris.example.com", secrets.token_hex(8), "admin")]
        accounts = []
        for email, password, role in everybody:
            salt = secrets.token_hex(8)
            hashed = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 2000).hex()
            accounts.append({"email": email, "password": hashed, "salt": salt, "role": role})
        self.write("mongodb.json", json.dumps({"users": accounts, "assessments": [], "payments": []}), 0o600)
        self.write("users.json", json.dumps([{"email": email, "password": password} for email, password, _ in users]), 0o600)

    def make_plan(self):
        with open(os.path.join(HERE, "davy.yaml")) as text:
            plan = text.read()
        for written, here in {**PLACES, **TIMES}.items():
            assert written in plan, f"davy.yaml has no `{written}` any more"
            plan = plan.replace(written, here)
        self.write("davy.yaml", self.places(plan))
