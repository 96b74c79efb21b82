"""A machine of its own with a real systemd as PID 1 (tests/systemd/machine), and what is done in it."""
import os
import subprocess
import tempfile

HERE = os.path.realpath(os.path.dirname(__file__))


class NoMachine(Exception):
    """None can be booted here: why."""


class Machine:
    def __init__(self, *units):
        self.console = tempfile.TemporaryFile("w+")
        self.boots = subprocess.Popen([os.path.join(HERE, "machine"), *units], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      stderr=self.console, text=True)
        said = self.boots.stdout.readline()
        if not said.startswith("pid "):
            self.console.seek(0)
            raise NoMachine("no machine of its own can be booted here: " + self.console.read().strip())
        self.pid = said.split()[1]
        self.root = f"/proc/{self.pid}/root"
        self.enter = ["nsenter", "--target", self.pid, "--mount", "--pid", "--ipc", "--uts", "--root", "--wdns=/", "env",
                      "-i"]
        self.environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8"]

    def run(self, *words, cwd="/", check=True, within=150):
        went = subprocess.run([*self.enter, "--chdir=" + cwd, *self.environment, *words], text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=within)
        if check and went.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: exit {went.returncode}\n{went.stdout}")
        return went

    def pids(self, *words):
        """Of processes in it whose command lines have these words, as they are seen from here."""
        found = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    line = f.read().decode(errors="replace").split("\0")
                if all(word in line for word in words) and os.readlink(f"/proc/{pid}/ns/pid") == os.readlink(
                        f"/proc/{self.pid}/ns/pid"):
                    found.append(int(pid))
            except OSError:
                continue
        return found

    def close(self):
        self.boots.stdin.close()
        self.boots.wait(60)
