"""The machine of the example: supervisord, nginx, users, stand-ins, and who is told, out of a folder of its own. All of it listens
on loopback, on ports that were free, and is ended by its pid."""
import contextlib
import ctypes
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time

from things import HERE, Things
from until import until

COMMON = os.path.join(os.path.dirname(HERE), "common")
PYTHON = ["/usr/bin/python3", "-B"]  # Debian's own: that has python3-mockupdb and python3-aiosmtpd


def ends_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: also when this one is killed


class Stage(Things):
    mail = "mail.jsonl"

    def __init__(self, davy):
        super().__init__()
        self.home, self.record = self.folder, self.path("recorded.tsv")
        self.state = self.state_there = self.path("state")
        self.davy = [davy]
        self.running = {}  # name → process

    def log(self, version):
        return self.path("log", f"deploy-{version}.log")

    def told(self):
        """Files of what Davy told, but for its state."""
        return [self.path(name) for name in ("mail.jsonl", "hooks.jsonl")] + [self.log(version) for version in ("1.1.0", "1.2.0")]

    def start(self, name, argv, more=None):
        with open(self.path("log", name + ".log"), "a") as log:
            self.running[name] = subprocess.Popen(argv, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log,
                                                  stderr=subprocess.STDOUT, preexec_fn=ends_with_us,
                                                  env={**self.environment, **(more or {})})

    def standin(self, name, *words, more=None, at=HERE):
        """Ours, or with `at` one of all examples."""
        self.start(name, [*PYTHON, os.path.join(at, "standins", name + ".py"), *words],
                   {"PYTHONPATH": os.path.join(COMMON, "standins"), **(more or {})})

    def begin(self):
        """The machine as it was before Davy came: 1.0.0 serves, users are there."""
        port = {name: str(port) for name, port in self.ports.items()}
        self.standin("mongodb", "--port", port["MONGODB"], "--data", self.path("mongodb.json"))
        self.standin("stripe", "--port", port["STRIPE"], "--key", self.secrets["STRIPE_API_KEY"])
        self.standin("llm", "--port", port["LLM"], "--key", self.secrets["EMERGENT_LLM_KEY"])
        self.standin("receivers", "--mail-port", port["MAIL"], "--hook-port", port["HOOKS"], "--certificate",
                     self.path("cert.pem"), "--key", self.path("key.pem"), "--mail", self.path("mail.jsonl"), "--hooks",
                     self.path("hooks.jsonl"), more={name: self.secrets[name] for name in ("SMTP_PASSWORD", "HOOK_KEY")},
                     at=COMMON)
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
        return self.folder
