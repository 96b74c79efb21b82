"""What the checks of commands share: a folder with a plan, made-up logs, and how checks are carried out."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = pathlib.Path(os.environ.get("DAVY_BUILD", ROOT / "build/release"))
DONE, FAILED, WRONG, ROLLED_BACK, HELD = range(5)
SIDES = ("--candidate", "green*", "--previous", "blue*")
PLAN = """\
davy: 1
services:
  shop:
    process: ./shop --port $port
    instances: 2
    ports: 18100-18199
    health: /health
    router: {{ command: ./shift, read: ./shares }}
environments:
  production: {{ url: "http://127.0.0.1:1" }}
signals:
{signals}
rollout:
  - canary:
      - {{ traffic: 25%, bake: {bake}{passing} }}
      - {{ traffic: 100%, bake: {bake}{passing} }}
judge:
  roll-back: ["{rule}"]
"""
CHECKS = {}


def check(body):
    CHECKS[body.__name__] = body
    return body


class Folder:
    """A plan, logs, and a state directory of their own."""

    def __init__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="davy-commands.")
        self.path = pathlib.Path(self.temporary.name)
        self.log = self.path / "access.log"
        self.plan()

    def plan(self, signals=None, bake="20s", passing=", pass: error_rate < 1%", rule="error_rate over 5s > 5%"):
        signals = signals or f"  traffic: {{ access-log: {self.log}, format: haproxy, ignore: [/health] }}"
        (self.path / "davy.yaml").write_text(PLAN.format(signals=signals, bake=bake, passing=passing, rule=rule))

    def command(self, name, *more):
        return [BUILD / "davy", name, self.path / "davy.yaml", "--state", self.path / "state", *more]

    def expect(self, code, words, name, *more):
        """Of a command whose first word is the plan. Answers the standard output."""
        return self.run(code, words, name, self.path / "davy.yaml", *more)

    def run(self, code, words, name, *more):
        done = subprocess.run([BUILD / "davy", name, *more, "--state", self.path / "state"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=100)
        said = done.stdout + done.stderr
        assert done.returncode == code, f"davy {name}: exit {done.returncode}, not {code}: {said}"
        for one in [words] if isinstance(words, str) else words:
            assert re.search(one, said), f"davy {name} does not say `{one}`: {said}"
        return done.stdout

    def rehearse(self, code, words, log, *more):
        return self.expect(code, words, "rehearse", "--recorded", self.path / log, *more)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def line(n, at_ms, bad, candidate_from=0):
    """Every fourth request is the candidate's; of those every third fails where it is bad."""
    own = n % 4 == 0 and n >= candidate_from
    server = f"green{n // 4 % 2}" if own else f"blue{n % 2}"
    status = 500 if own and bad and n % 12 == 0 else 200
    return (f"davy1 {at_ms} 127.0.0.1 10.0.{n % 7}.{n % 200} shop storefront {server} 0/0/0/12/12 {status} 512 -- 0 "
            f'12/12/3/1/0/0 GET "/item/{n % 10}"\n')


def minute(bad):
    """100 requests a second; the candidate comes after five of them."""
    return "".join(line(n, 1795225844000 + n * 10, bad, 500) for n in range(6000))


def carry_out(name):
    folder = Folder()
    try:
        CHECKS[name](folder)
        print(f"ok     {name}")
        return True
    except Exception:
        print(f"FAILED {name}")
        traceback.print_exc(file=sys.stdout)
        return False
    finally:
        folder.temporary.cleanup()
