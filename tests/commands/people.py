"""Who is asked, and answers by a token from where they were told; what waits for whom; environments that somebody froze."""
import http.server
import json
import os
import re
import subprocess
import threading
import time

from checks import BUILD, DONE, WRONG, check

REFUSED, DETACHED = 6, 7
PLAN = """\
davy: 1
services:
  shop: {{ command: "echo $version > {folder}/serves", stop: "rm -f {folder}/serves",
          status: 'test "$(cat {folder}/serves)" = "$version"' }}
environments:
  production: {{ url: "http://127.0.0.1:1" }}
people:
  ana: {{ command: "cat > {folder}/ana" }}
  bo: {{ command: "cat > {folder}/bo" }}
  owners: {{ turns: [bo], every: week, from: 2026-01-05 }}
rollout:
  - confirm: ana
  - approve: owners
    by-another: on
  - restart
"""


def plan(f):
    (f.path / "davy.yaml").write_text(PLAN.format(folder=f.path))


def deploy(f, code, words, *more):
    return f.run(code, words, "deploy", "1", "-f", f.path / "davy.yaml", "--serves", "nothing", *more)


def token_of(f, who):
    for _ in range(200):
        if (f.path / who).exists() and (found := re.search(r"davy answer (\S+)", (f.path / who).read_text())):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"{who} was not told: {(f.path / who).read_text() if (f.path / who).exists() else ''}")


@check
def who_is_asked_answers_from_where_they_were_told(f):
    plan(f)
    run = deploy(f, DETACHED, "", "--detach").split()[-1]
    token = token_of(f, "ana")
    told = (f.path / "ana").read_text()
    assert "confirmation of rollout/1/confirm ana" in told or "confirm ana by ana" in told, told
    waits = json.loads(f.run(DONE, "", "status", "--as", "ana", "--json"))
    assert [(q["run"], q["asked"], q["who"]) for q in waits] == [(run, "confirm", "ana")], waits
    f.run(DONE, "nothing waits for nobody-else", "status", "--as", "nobody-else")
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    f.run(WRONG, "no token of this state directory", "answer", forged)
    f.run(DONE, "noted", "answer", token, "-m", "seen")
    f.run(REFUSED, "answered already", "answer", token)
    bos = token_of(f, "bo")
    f.run(DONE, "davy approve", "status", "--as", "bo")  # it is bo's turn
    f.run(REFUSED, "nobody but another", "approve", run, "owners", "--as", "owners")
    f.run(DONE, "noted", "answer", bos)
    for _ in range(100):
        if (f.path / "serves").exists():
            break
        time.sleep(0.1)
    f.run(DONE, "by bo as owners", "status", run, "--attach")
    f.run(REFUSED, "has ended", "answer", bos)


@check
def a_frozen_environment_refuses_whatever_plan_with_the_reason(f):
    plan(f)
    f.run(DONE, "nothing is frozen", "freeze")
    f.run(WRONG, "--until and --why", "freeze", "production")
    f.run(WRONG, "which environment", "freeze", "", "--until", "2h", "--why", "x")
    f.run(WRONG, "which environment", "freeze", "--until", "2h", "--why", "x")
    f.run(WRONG, "`2h30m` as an end", "freeze", "production", "--until", "2h30m", "--why", "x")
    f.run(WRONG, "that time is over", "freeze", "production", "--until", "2020-01-01T00:00:00Z", "--why", "x")
    f.run(DONE, "production is frozen until", "freeze", "production", "--until", "2h", "--why", "we are on television")
    deploy(f, REFUSED, ["production is frozen until", "we are on television", "--now --why"])
    f.run(DONE, "refused today\n +production is frozen", "plan", "1", "-f", f.path / "davy.yaml")
    frozen = json.loads(f.run(DONE, "", "freeze", "--json"))
    assert [one["environment"] for one in frozen] == ["production"], frozen
    f.run(DONE, "production is frozen no more", "freeze", "production", "--lift")
    f.run(REFUSED, "is not frozen", "freeze", "production", "--lift")
    run = deploy(f, DETACHED, "", "--detach").split()[-1]
    f.run(REFUSED, "it has changed nothing", "rollback", run, "--why", "not today")


@check
def secrets_reach_only_what_names_them(f):
    (f.path / "davy.yaml").write_text(f"""\
davy: 1
services:
  shop: {{ command: "env > {f.path}/service; echo 1 > {f.path}/serves", stop: "rm -f {f.path}/serves", secrets: [ONE],
          status: 'test "$(cat {f.path}/serves)" = "$version"' }}
environments:
  production: {{ url: "http://127.0.0.1:1", env-file: {f.path}/secrets.env }}
secrets: [ONE, TWO, THREE]
checks:
  before:
    None: {{ command: "env > {f.path}/check", secrets: [] }}
rollout:
  - check: before
  - run: "env > {f.path}/run"
    undo: nothing
    secrets: [TWO]
  - run: "env > {f.path}/all"
    undo: nothing
  - restart
""")
    (f.path / "secrets.env").write_text("ONE=first-value\nTWO=second-value\nTHREE=third-value\n")
    (f.path / "secrets.env").chmod(0o600)
    deploy(f, DONE, "1 serves")
    values = {"first-value": "ONE", "second-value": "TWO", "third-value": "THREE"}
    got = {name: {values[v] for v in values if v in (f.path / name).read_text()}
           for name in ("check", "run", "all", "service")}
    assert got == {"check": set(), "run": {"TWO"}, "all": {"ONE", "TWO", "THREE"}, "service": {"ONE"}}, got


@check
def what_a_server_repeats_of_a_secret_is_shown_nowhere(f):
    """A login that echoes what it was sent, in a header and in JSON; a file that holds the value."""
    class Echo(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            Echo.got.append((said, self.headers["X-Key"]))
            body = json.dumps({"error": "wrong password: " + said["password"], "key": self.headers["X-Key"]}).encode()
            self.send_response(400)
            self.send_header("X-Echo", self.headers["X-Key"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    Echo.got = []
    server = http.server.HTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    login = f"http: 'http://127.0.0.1:{server.server_port}/', post: {{ password: $QA }}, headers: {{ X-Key: $QA }}"
    (f.path / "held.json").write_text('{"pw": "the-secret-of-qa"}')
    (f.path / "davy.yaml").write_text(f"""\
davy: 1
services: {{ shop: {{ command: "true", stop: "true", status: "true" }} }}
environments: {{ production: {{ env-file: {f.path}/secrets.env }} }}
secrets: [QA]
checks:
  all:
    Login: {{ {login} }}
    Header: {{ {login}, expect: header.x-echo is other }}
    Word: {{ {login}, json: key, expect: value is other }}
    File: {{ file: {f.path}/held.json, json: pw, expect: value is other }}
rollout: [ check: all, restart ]
""")
    (f.path / "secrets.env").write_text("QA=the-secret-of-qa\n")
    (f.path / "secrets.env").chmod(0o600)
    said = ""
    for form in ("text", "json", "junit", "tap", "nagios"):
        done = subprocess.run([BUILD / "davy", "check", "-f", f.path / "davy.yaml", "--format", form, "--state",
                               f.path / "state"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60)
        said += done.stdout
    said += deploy(f, REFUSED, "")
    run = json.loads(f.run(DONE, "", "history", "--json"))[0]["run"]
    f.run(DONE, "", "report", run, "-o", f.path / "report.html")
    server.shutdown()
    assert Echo.got and Echo.got[0] == ({"password": "the-secret-of-qa"}, "the-secret-of-qa"), Echo.got[:1]
    assert "[QA]" in said, said
    held = {f.path / "held.json", f.path / "secrets.env"}
    for file in f.path.rglob("*"):
        if file.is_file() and file not in held:
            assert b"the-secret-of-qa" not in file.read_bytes(), file
    assert "the-secret-of-qa" not in said, said


@check
def so_do_those_of_davys_own_environment(f):
    (f.path / "davy.yaml").write_text(f"""\
davy: 1
services:
  shop: {{ command: "env > {f.path}/service; echo 1 > {f.path}/serves", stop: "rm -f {f.path}/serves", secrets: [ONE],
          status: 'env > {f.path}/status; test "$(cat {f.path}/serves)" = "$version"' }}
environments: {{ production: }}
secrets: [ONE, TWO]
people: {{ ana: {{ command: "env > {f.path}/told" }} }}
notify: {{ started: {{ to: ana }} }}
checks:
  before:
    None: {{ command: "env > {f.path}/check", secrets: [] }}
rollout:
  - check: before
  - restart
""")
    done = subprocess.run([BUILD / "davy", "deploy", "1", "-f", f.path / "davy.yaml", "--serves", "nothing", "--state",
                           f.path / "state"], env={**os.environ, "ONE": "first-value", "TWO": "second-value"},
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100)
    assert done.returncode == DONE, done.stdout
    until = time.time() + 20
    while not (f.path / "told").exists() and time.time() < until:
        time.sleep(0.1)
    values = {"first-value": "ONE", "second-value": "TWO"}
    got = {name: {values[v] for v in values if v in (f.path / name).read_text()}
           for name in ("check", "service", "status", "told")}
    assert got == {"check": set(), "service": {"ONE"}, "status": {"ONE"}, "told": set()}, got
