"""A deployment that a real Prometheus recorded: promtool writes its history, so every number is known."""
import http.server
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request

from checks import DONE, FAILED, HELD, ROLLED_BACK, WRONG, check, free_port

BEGIN = 1795219200  # 2026-11-21T00:00:00Z
STRETCH = ("--since", "2026-11-21T00:00:00Z", "--until", "2026-11-21T01:00:00Z")
SIDES = ("--candidate", "2*", "--previous", "1")
MOMENTS, ARRIVES = 241, 40  # every 15 s; when the candidate comes
BOUNDS = ("0.1", "1", "+Inf")  # of seconds; all answers take less than the first, or than the second


def history(bad=False, hole=(), queue=None, slow=False):
    """An hour of two targets that answer 30 requests each between two moments. The first is restarted in the middle."""
    out, total = {}, {}

    def count(name, labels, k, grown):
        total[name, labels] = total.get((name, labels), 0) + grown
        out.setdefault(name, {}).setdefault(labels, []).append((total[name, labels], k))

    for k in range(MOMENTS):
        for version, target in (("1", "blue"), ("2.0", "green")):
            own, labels = version == "2.0", f'version="{version}",instance="{target}",job="shop"'
            if own and k < ARRIVES or own and k in hole:
                continue
            if not own and k == MOMENTS // 2:
                total = {key: 0 if 'instance="blue"' in key[1] else n for key, n in total.items()}
            failed = 3 if own and bad else 0
            count("http_requests_total", labels + ',status="200"', k, 30 - failed)
            count("http_requests_total", labels + ',status="500"', k, failed)
            for le in BOUNDS:
                below = 0 if own and slow and le == "0.1" else 30
                count("http_request_duration_seconds_bucket", f'{labels},le="{le}"', k, below)
            if queue:
                out.setdefault("queue", {}).setdefault(labels, []).append((queue if own else 1, k))
    return "".join(f"{name}{{{labels}}} {n} {BEGIN + 15 * k}\n" for name, by_labels in out.items()
                   for labels, numbers in by_labels.items() for n, k in numbers) + "# EOF\n"


class Prometheus:
    """One that knows this history and nothing else."""

    def __init__(self, folder, text, web=""):
        self.path = folder.path
        (self.path / "history").write_text(text)
        (self.path / "prometheus.yml").write_text("")
        (self.path / "web.yml").write_text(web)
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", self.path / "history",
                        self.path / "data"], check=True, stdout=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{free_port()}"

    def __enter__(self):
        with open(self.path / "prometheus.log", "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.path}/prometheus.yml", f"--storage.tsdb.path={self.path}/data",
                 "--storage.tsdb.retention.time=100y", f"--web.config.file={self.path}/web.yml",
                 f"--web.listen-address={self.url[7:]}"], stdout=log, stderr=log)
        for _ in range(600):
            try:
                urllib.request.urlopen(self.url + "/-/ready", timeout=5).read()
                return self
            except urllib.error.HTTPError as e:
                if e.code == 401:
                    return self
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError((self.path / "prometheus.log").read_text())

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def recorded(f, code, words, url, *more, sides=SIDES, stretch=STRETCH):
    return f.expect(code, words, "rehearse", "--recorded", url, *sides, *stretch, *more)


def needs_prometheus(body):
    def skipped(_):
        print("       (no prometheus or promtool here: skipped)")
    skipped.__name__ = body.__name__
    return check(body if shutil.which("prometheus") and shutil.which("promtool") else skipped)


@needs_prometheus
def recorded_good(f):
    """All its requests are counted, through the gates and through a reset of the other release's counters."""
    f.plan(bake="5m")
    with Prometheus(f, history()) as p:
        told = json.loads(recorded(f, DONE, "", p.url, "--json"))
        assert told["requests"] == 30 * (MOMENTS - ARRIVES), told
        gates = [(d["what"], d["after_seconds"]) for d in told["decisions"]]
        assert gates == [("the candidate meets users", 0), ("promoted", 300), ("passed the last gate", 600)], gates


@needs_prometheus
def recorded_bad(f):
    """Every tenth answer is an error; and where none is, every answer is slow."""
    f.plan(bake="5m")
    with Prometheus(f, history(bad=True)) as p:
        recorded(f, ROLLED_BACK, r"rolled back: shop of 2\*: ", p.url)
    f.plan(bake="5m", rule="latency.p95 > 500ms")
    shutil.rmtree(f.path / "data")
    with Prometheus(f, history(slow=True)) as p:
        recorded(f, ROLLED_BACK, r"latency\.p95 is 9\d\d", p.url)


@needs_prometheus
def recorded_in_portions(f):
    """14,401 moments are more than Prometheus gives at once, and no request is lost between two portions."""
    f.plan(bake="5m")
    with Prometheus(f, history()) as p:
        told = json.loads(recorded(f, DONE, "", p.url, "--json", "--step", "1s", stretch=(
            "--since", "2026-11-20T22:00:00Z", "--until", "2026-11-21T02:00:00Z")))
        assert told["requests"] == 30 * (MOMENTS - ARRIVES), told
        recorded(f, WRONG, ["--step 10ms: not a number of whole seconds"], p.url, "--step", "10ms")
        recorded(f, WRONG, "100,000|100000", p.url, "--step", "1s", stretch=("--since", "2020-01-01T00:00:00Z"))


@needs_prometheus
def recorded_hole(f):
    """Ten minutes in which nobody saw the candidate are not baked."""
    f.plan(bake="10m")
    with Prometheus(f, history(hole=range(60, 100))) as p:
        told = json.loads(recorded(f, DONE, "", p.url, "--json"))
        first, last = [d["after_seconds"] for d in told["decisions"][1:] if d["what"] != "told"]
        assert "has been blind for 5m" in str(told["decisions"]), told
        # Prometheus itself goes on with the newest number for five minutes: only the previous release had requests then.
        assert 1200 <= first <= 1230 and 1800 <= last <= 1830, told
        assert told["requests"] == 30 * (MOMENTS - ARRIVES - 40), told


@needs_prometheus
def recorded_queries(f):
    """The plan's own queries are asked of the same stretch."""
    signals = ("  queue: {{ prometheus: '{0}', query: queue, release-by: version }}\n"
               "  site: {{ prometheus: '{0}', queries: {{ share: 'vector(0.5)', none: absent_metric }}, unit: {{ share: share }} }}")
    with Prometheus(f, history(queue=70)) as p:
        f.plan(signals.format(p.url), bake="5m", passing="", rule="queue > 50")
        recorded(f, ROLLED_BACK, "queue is 70", p.url)
        f.plan(signals.format(p.url), bake="5m", passing=", pass: site.share < 50.1%", rule="queue > 90")
        recorded(f, DONE, "site.share was 50%|site.share was 0.5", p.url)
        f.plan(signals.format(p.url), bake="5m", passing=", pass: site.none < 5", rule="queue > 90")
        recorded(f, HELD, "site.none < 5 cannot be told", p.url)
        f.plan(f"  queue: {{ prometheus: '{p.url}', query: queue }}", bake="5m", passing="", rule="queue > 50")
        recorded(f, WRONG, ["the query gives several series", "release-by"], p.url)
        f.plan(f"  queue: {{ prometheus: '{p.url}', query: 'queue[' }}", bake="5m", passing="", rule="queue > 50")
        recorded(f, WRONG, "bad_data", p.url)


@needs_prometheus
def recorded_as_the_plan_scrapes(f):
    """Its signal `scrape` says which metrics are meant, and its own series are those of then."""
    f.plan("  app: { scrape: 'http://127.0.0.1:1/metrics', requests: 'http_requests_total{status=\"200\"}', "
           "release-by: version, series: { waiting: queue } }", bake="5m", passing="", rule="app.waiting > 50")
    with Prometheus(f, history(queue=70)) as p:
        recorded(f, ROLLED_BACK, "app.waiting is 70", p.url)
        recorded(f, WRONG, ["no request reached 2", "no request in it has a colour"], p.url, "--release-by", "colour")
        recorded(f, WRONG, "no request reached 2", p.url, "--only", 'job="other"')
        f.plan("  traffic: { scrape: 'http://127.0.0.1:1/metrics', release-by: version }\n"
               "  more: { scrape: 'http://127.0.0.1:2/metrics', release-by: version, series: { waiting: queue } }",
               bake="5m", rule="more.waiting > 50")
        recorded(f, ROLLED_BACK, "more.waiting is 70", p.url)
        f.plan("  traffic: { scrape: 'http://127.0.0.1:1/metrics', release-by: version }\n"
               "  more: { scrape: 'http://127.0.0.1:2/metrics', release-by: version }", bake="5m")
        told = json.loads(recorded(f, DONE, "", p.url, "--json"))
        assert told["requests"] == 30 * (MOMENTS - ARRIVES), told


@needs_prometheus
def recorded_behind_a_password(f):
    web = "basic_auth_users:\n  davy: $2b$04$vKGg1UmjRM6qzlqFiuJElOtVaPWeeLpnzHW0YCVxEoGd5bomcvg/6\n"
    f.plan(bake="5m")
    login = ("--user", "davy", "--password-from", "SHOP_PROMETHEUS")
    with Prometheus(f, history(), web) as p:
        recorded(f, WRONG, ["Prometheus answered 401: not allowed in", "--password-from"], p.url)
        recorded(f, WRONG, "the secret SHOP_PROMETHEUS is not set", p.url, *login)
        os.environ["SHOP_PROMETHEUS"] = "hunter2"
        recorded(f, WRONG, "401", p.url, *login)
        os.environ["SHOP_PROMETHEUS"] = "open sesame"
        recorded(f, DONE, "passed the last gate", p.url, *login)
        signal = f"  queue: {{ prometheus: '{p.url}', query: vector(1), user: davy, password: $SHOP_PROMETHEUS }}"
        f.plan(signal + "\nsecrets: [SHOP_PROMETHEUS]", bake="5m")
        text = (f.path / "davy.yaml").read_text().replace("error_rate over 5s > 5%", "queue > 5")
        (f.path / "davy.yaml").write_text(text.replace(", pass: error_rate < 1%", ""))
        recorded(f, DONE, "passed the last gate", p.url)


class Garbage(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "success", "data": {"resultType": "matrix", "result": [{"values": [[1e999, 2]]}]}}')

    def log_message(self, *_):
        pass


@check
def recorded_nowhere(f):
    """Gone, garbage, and what is missing on the command line."""
    url = f"http://127.0.0.1:{free_port()}"
    recorded(f, FAILED, ["Connection refused", url[7:]], url)
    for ago in ("2d", "1h30m", "90s"):
        recorded(f, FAILED, "Connection refused", url, stretch=("--since", ago))
    recorded(f, WRONG, ["from when on", "--since"], url, stretch=())
    recorded(f, WRONG, "--since yesterday: that is no time", url, stretch=("--since", "yesterday"))
    recorded(f, WRONG, "--until is not after --since", url, stretch=STRETCH[:2] + ("--until", "2026-11-21T00:00:00Z"))
    recorded(f, WRONG, ["which release was the candidate", "--candidate"], url, sides=())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Garbage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    recorded(f, WRONG, "not one of Prometheus's API", f"http://127.0.0.1:{server.server_address[1]}")
    server.shutdown()
    server.server_close()
