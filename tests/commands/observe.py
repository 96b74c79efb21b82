"""A release that something else ships: its log as it is written, its numbers, and who is told."""
import http.client
import http.server
import json
import os
import socket
import subprocess
import threading
import time

from checks import DONE, HELD, ROLLED_BACK, SIDES, WRONG, check, free_port, line


class Traffic:
    """Writes a log as it happens until it is ended; in its middle the log is renamed and begun anew."""

    def __init__(self, log, bad, rotated_after=150, keep=lambda n: True):
        self.log, self.bad, self.rotated_after, self.rotated, self.keep = log, bad, rotated_after, False, keep
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.write)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def write(self):
        n, out = 0, open(self.log, "a")
        while not self.ended.wait(0.01):
            for n in range(n + 1, n + 6):
                if self.keep(n):
                    out.write(line(n, int(time.time() * 1000), self.bad))
            out.flush()
            if not self.rotated and n >= self.rotated_after:
                out.close()
                os.rename(self.log, f"{self.log}.1")
                out, self.rotated = open(self.log, "a"), True
        out.close()


class Hook(http.server.BaseHTTPRequestHandler):
    """What is posted to it, with its content type."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append((self.headers["Content-Type"], body))
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *_):
        pass


class Webhook:
    def __init__(self, answer=204):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
        self.server.told, self.server.answer = [], answer
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def verdicts(self):
        assert all(kind == "application/json" for kind, _ in self.server.told), self.server.told
        return [json.loads(body)["verdict"] for _, body in self.server.told]


@check
def good_release(f):
    """A good release passes, though its log is renamed while it is read."""
    with Traffic(f.log, bad=False) as traffic:
        f.expect(DONE, ["meets users", "pass, to the end"], "observe", *SIDES, "--for", "3s")
    assert traffic.rotated


@check
def share_that_is_not_the_plans(f):
    """The plan gives the candidate a quarter of the users, and whoever routes here a thirtieth."""
    f.plan(bake="2s")
    with Traffic(f.log, bad=False, keep=lambda n: n % 4 or n % 40 == 0):
        f.expect(DONE, [r"it met [34](\.\d)?% of the requests, where the plan gives it 25%", "pass, to the end"],
                 "observe", *SIDES)
    with Traffic(f.log, bad=False):
        said = f.expect(DONE, ["pass, to the end"], "observe", *SIDES)
    assert "where the plan gives it 25%" not in said, said


@check
def bad_release(f):
    """It turns bad only behind the rotation."""
    f.log.write_text("")
    with Traffic(f.log, bad=False, rotated_after=50) as traffic:
        davy = subprocess.Popen(f.command("observe", *SIDES, "--for", "60s"), stdout=subprocess.PIPE, text=True)
        assert "meets users" in davy.stdout.readline()
        while not traffic.rotated:
            time.sleep(0.01)
        traffic.bad = True
        said, _ = davy.communicate(timeout=60)
    assert davy.returncode == ROLLED_BACK, f"exit {davy.returncode}: {said}"
    assert "roll back: shop candidate: " in said, said


@check
def webhook(f):
    """Each verdict is posted as JSON; a webhook that is away or does not want it changes nothing."""
    with Webhook() as hook, Traffic(f.log, bad=True):
        out = f.expect(ROLLED_BACK, "", "observe", *SIDES, "--for", "60s", "--json", "--webhook", hook.url)
        printed = [json.loads(one)["verdict"] for one in out.splitlines()]
        assert printed == hook.verdicts(), (printed, hook.verdicts())
        printed = [one for one in printed if one != "told"]  # the first proof may ask for that
        assert printed == ["the candidate meets users", "roll back"], printed
    with Webhook(answer=500) as hook, Traffic(f.log, bad=True):
        f.expect(ROLLED_BACK, "webhook was not told: it answered 500", "observe", *SIDES, "--webhook", hook.url)
    with Traffic(f.log, bad=True):
        f.expect(ROLLED_BACK, "webhook was not told", "observe", *SIDES, "--webhook", hook.url)


@check
def number_over_its_threshold(f):
    """A plan that counts no requests watches from the beginning."""
    f.plan("  load: { command: cat load, every: 100ms }".replace("cat load", f"cat {f.path}/load"), bake="1s",
           passing=", pass: load < 5", rule="load > 5")
    (f.path / "load").write_text("3\n")
    f.expect(DONE, ["meets users", "pass, to the end"], "observe")
    (f.path / "load").write_text("7\n")
    f.expect(ROLLED_BACK, "roll back: shop: load is 7", "observe")


@check
def a_length_keeps_the_gates(f):
    """--for is another length, and asks what the plan's last gate asks."""
    f.plan("  load: { command: cat load, every: 100ms }".replace("cat load", f"cat {f.path}/load"), bake="60s",
           passing=", pass: load < 5", rule="load > 50")
    (f.path / "load").write_text("7\n")
    f.expect(HELD, "asked for: load < 5", "observe", "--for", "1s")


@check
def number_beside_traffic(f):
    f.plan(f"  traffic: {{ access-log: {f.log}, format: haproxy }}\n  load: {{ command: echo 7, every: 100ms }}",
           rule="load > 5")
    with Traffic(f.log, bad=False):
        f.expect(ROLLED_BACK, "roll back: shop: load is 7", "observe", *SIDES)


class Pages:
    """Users who leave pages of two releases, one every few milliseconds, and tell Davy's port of it."""

    def __init__(self, port, lcp, most=None):
        self.port, self.lcp, self.most, self.answers = port, lcp, most, set()
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.leave)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()

    def leave(self):
        n = 0
        while not self.ended.wait(0.005):
            if n == self.most:
                continue
            body = json.dumps([{"name": "LCP", "value": self.lcp if own else 1000, "id": f"{own}{n}",
                                "version": "2" if own else "1", "rating": "good"} for own in (True, False)])
            page = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            try:
                page.request("POST", "/vitals", body, {"Content-Type": "text/plain;charset=UTF-8"})
                self.answers.add(page.getresponse().status)
                n += 1
            except (OSError, http.client.HTTPException):
                pass  # nobody listens yet, or any more
            finally:
                page.close()


@check
def web_vitals(f):
    """What browsers measured, by release: good, slow, and too little of it."""
    port = free_port()
    f.plan(f"  vitals: {{ vitals: 127.0.0.1:{port}, every: 100ms }}", bake="5s", passing=", pass: vitals.lcp < 2.5s",
           rule="vitals.lcp > 4s")
    sides = ("--candidate", "2", "--previous", "1")
    with Pages(port, 2000) as pages:
        f.expect(DONE, ["vitals.lcp was 2s over", "pass, to the end"], "observe", *sides)
        assert pages.answers == {204}, pages.answers
    with Pages(port, 3000):
        f.expect(HELD, "vitals.lcp was 3s over .*asked for: vitals.lcp < 2.5s", "observe", *sides)
    with Pages(port, 5000):
        f.expect(ROLLED_BACK, "roll back: shop candidate: vitals.lcp is 5s", "observe", *sides)
    with Pages(port, 5000, most=19):
        f.expect(HELD, "vitals.lcp < 2.5s cannot be told: no vitals", "observe", *sides)


@check
def web_vitals_cannot_listen(f):
    """Another process has the address: nothing is known, and why is said."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        f.plan(f"  vitals: {{ vitals: 127.0.0.1:{other.getsockname()[1]} }}", bake="1s",
               passing=", pass: vitals.lcp < 2.5s", rule="vitals.lcp > 4s")
        f.expect(HELD, "ended in canary/100%.*; vitals: listening on .*: Address already in use; away since", "observe",
                 "--within", "3s")


@check
def no_log(f):
    """Nothing is seen, and there is an end to waiting; why is said."""
    f.expect(HELD, ["the candidate met no user", f"there is no file {f.log} since"], "observe", *SIDES, "--within", "1s")


@check
def mistakes_of_observe(f):
    f.expect(WRONG, ["--within soon: not a duration", "such as 30m"], "observe", "--within", "soon")
    f.expect(WRONG, "no environment `moon`", "observe", "--to", "moon")
    (f.path / "davy.yaml").write_text("davy: 1\n")
    f.expect(WRONG, "davy.yaml:", "observe")
