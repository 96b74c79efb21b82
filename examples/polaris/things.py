"""What lies in the folder of the example: a certificate, git with three versions, accounts, configurations, the plan."""
import hashlib
import json
import os
import pwd
import secrets
import shutil
import tempfile

from folder import Folder

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


class Things(Folder):
    def __init__(self):
        super().__init__(HERE, tempfile.mkdtemp(prefix="davy-polaris-"), PORTS)
        self.secrets = {name: secrets.token_hex(16) for name in
                        ("STRIPE_API_KEY", "EMERGENT_LLM_KEY", "QA_PASSWORD", "SMTP_PASSWORD", "HOOK_KEY")}
        self.secrets["MONGO_URL"] = f"mongodb://127.0.0.1:{self.ports['MONGODB']}/polaris"
        self.secrets["HOOK_URL"] = f"http://127.0.0.1:{self.ports['HOOKS']}/davy"
        self.secrets["REACT_APP_BACKEND_URL"] = self.url = f"https://127.0.0.1:{self.ports['HTTPS']}"
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": self.folder, "LANG": "C.UTF-8",
                            "SSL_CERT_FILE": self.path("cert.pem"), "USER": os.environ.get("USER", "root")}

    def places(self, text):
        return super().places(text).replace("FOLDER", self.folder).replace("WHO;", pwd.getpwuid(os.getuid()).pw_name + ";")

    def set_up(self):
        for name in ("log", "nginx", "git"):
            os.mkdir(self.path(name))
        self.make_certificate("cert.pem", "key.pem")
        self.make_versions()
        self.write("app/backend/.env", "".join(f"{name}={value}\n" for name, value in self.secrets.items()), 0o600)
        self.write("supervisord.conf", self.filled_in("supervisord.conf"))
        self.write("nginx.conf", self.filled_in("nginx.conf"))
        self.make_people()
        self.write("davy.yaml", self.plan("davy.yaml", {**PLACES, **TIMES}))
        shutil.copy(os.path.join(HERE, "is-rate-limited"), self.folder)

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

    def tag(self, version):
        self.write("git/app/VERSION", version + "\n")
        super().tag("git/app", version)

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
