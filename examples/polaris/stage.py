"""The machine of the example, in a folder of its own: git with three versions, supervisord, nginx, users, stand-ins, and who is
told. All of it listens on loopback, on ports that were free, and is ended by its pid."""
import contextlib
import ctypes
import getpass
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
PORTS = ("HTTP", "HTTPS", "BACKEND", "FRONTEND", "MONGODB", "STRIPE", "LLM", "MAIL", "HOOKS", "VITALS")
PYTHON = ["/usr/bin/python3", "-B"]  # Debian's own: that has python3-mockupdb and python3-aiosmtpd
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
    "/var/lib/polaris/": "FOLDER/",
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


def until(what, look, within=60):
    end = time.monotonic() + within
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {within} s in vain for: {what}")


def ends_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: also when this one is killed


class Stage:
    def __init__(self, davy):
        self.davy_program = davy
        self.folder = tempfile.mkdtemp(prefix="davy-polaris-")
        self.ports = dict(zip(PORTS, free_ports(len(PORTS))))
        self.secrets = {name: secrets.token_hex(16) for name in
                        ("STRIPE_API_KEY", "EMERGENT_LLM_KEY", "QA_PASSWORD", "SMTP_PASSWORD", "HOOK_KEY")}
        self.secrets["MONGO_URL"] = f"mongodb://127.0.0.1:{self.ports['MONGODB']}/polaris"
        self.secrets["HOOK_URL"] = f"http://127.0.0.1:{self.ports['HOOKS']}/davy"
        self.secrets["REACT_APP_BACKEND_URL"] = self.url = f"https://127.0.0.1:{self.ports['HTTPS']}"
        self.running = {}  # name → process
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
        return text.replace("FOLDER", self.folder).replace("WHO;", getpass.getuser() + ";")

    # ---- what lies in the folder

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

    # ---- what runs

    def start(self, name, argv, more=None):
        with open(self.path("log", name + ".log"), "a") as log:
            self.running[name] = subprocess.Popen(argv, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=subprocess.STDOUT, preexec_fn=ends_with_us,
                                                  env={**self.environment, **(more or {})})

    def standin(self, name, *words, more=None):
        self.start(name, [*PYTHON, os.path.join(HERE, "standins", name + ".py"), *words], more)

    def begin(self):
        """The machine as it was before Davy came: 1.0.0 serves, users are there."""
        port = {name: str(port) for name, port in self.ports.items()}
        self.standin("mongodb", "--port", port["MONGODB"], "--data", self.path("mongodb.json"))
        self.standin("stripe", "--port", port["STRIPE"], "--key", self.secrets["STRIPE_API_KEY"])
        self.standin("llm", "--port", port["LLM"], "--key", self.secrets["EMERGENT_LLM_KEY"])
        self.standin("receivers", "--mail-port", port["MAIL"], "--hook-port", port["HOOKS"], "--certificate",
                     self.path("cert.pem"), "--key", self.path("key.pem"), "--mail", self.path("mail.jsonl"), "--hooks",
                     self.path("hooks.jsonl"), more={name: self.secrets[name] for name in ("SMTP_PASSWORD", "HOOK_KEY")})
        for name in ("MONGODB", "STRIPE", "LLM", "MAIL", "HOOKS"):
            until(f"the stand-in at {name}", lambda: self.listens(name))
        self.start("supervisord", ["supervisord", "-c", self.path("supervisord.conf")])
        self.start("nginx", ["nginx", "-p", self.folder, "-c", self.path("nginx.conf"), "-e", self.path("log", "nginx.error.log")])
        until("1.0.0 serves", lambda: self.serves() == ("1.0.0", "1.0.0"))
        self.start("users", [*PYTHON, os.path.join(HERE, "users.py"), "--url", self.url, "--ca", self.path("cert.pem"),
                             "--people", self.path("users.json"), "--out", self.path("users.jsonl")])
        until("users pay", lambda: self.paid())

    def listens(self, name):
        for process, ended in ((one, self.running[one].poll()) for one in self.running):
            if ended is not None:
                raise AssertionError(f"{process} ended with {ended}: {self.read('log', process + '.log')[-500:]}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.ports[name]), 1):
            return True
        return False

    def ask(self, path):
        """Status and text, as a user gets them; 0: no answer."""
        context = ssl.create_default_context(cafile=self.path("cert.pem"))
        line = http.client.HTTPSConnection("127.0.0.1", self.ports["HTTPS"], timeout=5, context=context)
        try:
            line.request("GET", path)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            line.close()

    def serves(self):
        """The versions that users meet: backend's and frontend's, asked now."""
        out = []
        for path in ("/api/health/system", "/version.json"):
            status, text = self.ask(path)
            out.append(json.loads(text).get("version") if status == 200 else None)
        return tuple(out)

    def paid(self, since=0.0):
        """Of the payments that users made since then: (well, failed)."""
        well = failed = 0
        for second in self.lines("users.jsonl"):
            for what, count in second.items():
                if second["at"] >= since and what.startswith("payment "):
                    well, failed = (well + count, failed) if what == "payment 201" else (well, failed + count)
        return (well, failed) if well + failed else None

    # ---- its end

    def leftovers(self):
        """Pids of what names the folder in its arguments: keepers, engines, programs whose supervisord was killed."""
        out = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as words:
                if self.folder.encode() in words.read() and int(pid) != os.getpid():
                    out.append(int(pid))
        return out

    def end(self, keep):
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
        for _ in range(20):
            for pid in (left := self.leftovers()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if not left:
                break
            time.sleep(0.1)
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)
