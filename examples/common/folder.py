"""A folder of an example: ports, what is written into it, the team's repository, and the plan with the places and times of here."""
import contextlib
import json
import os
import subprocess
import socket


def free_ports(count):
    """So many free ones side by side, below those that the kernel gives to anybody who asks for any."""
    for first in range(20000 + os.getpid() % 500 * 20, 32000, count):
        with contextlib.ExitStack() as held, contextlib.suppress(OSError):
            for port in range(first, first + count):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return list(range(first, first + count))
    raise AssertionError("no free ports")


class Folder:
    def __init__(self, here, folder, ports):
        self.here, self.folder = here, folder
        self.ports = dict(zip(ports, free_ports(len(ports))))

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
        with open(os.path.join(self.here, name)) as text:
            return self.places(text.read())

    def places(self, text):
        for name in sorted(self.ports, key=len, reverse=True):  # HTTPS before HTTP
            text = text.replace("PORT_" + name, str(self.ports[name]))
        return text

    def plan(self, name, others, all_of_them=True):
        """Production's own, but for these places and times; all of them must stand in it."""
        with open(os.path.join(self.here, name)) as text:
            plan = text.read()
        for written, here in others.items():
            assert written in plan or not all_of_them, f"{name} has no `{written}` any more"
            plan = plan.replace(written, here)
        return self.places(plan)

    def make_certificate(self, certificate, key):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", self.path(key), "-out", self.path(certificate), "-days", "45", "-subj", "/CN=127.0.0.1",
                        "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"], check=True, stderr=subprocess.DEVNULL)

    # ---- the team's repository

    def git(self, folder, *words):
        return subprocess.run(["git", "-c", "user.name=team", "-c", "user.email=team@example.com",
                               "-c", "advice.detachedHead=false", *words], cwd=self.path(folder), check=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "HOME": self.folder}, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout

    def change(self, name, old, new):
        text = self.read(name)
        assert text.count(old) == 1, f"{name} has changed: {old}"
        self.write(name, text.replace(old, new))

    def tag(self, folder, version):
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "-m", version)
        self.git(folder, "tag", version)
