"""The users: each opens the page, logs in, pays, assesses and asks for advice, over and over, as fast as is asked for.

  users.py --url https://127.0.0.1:8443 --ca cert.pem --people users.json --out users.jsonl [--journeys 3]

Writes a line of JSON for each second: what was answered, by kind of request and status. Ends at SIGTERM.
"""
import argparse
import collections
import http.client
import itertools
import json
import random
import re
import signal
import ssl
import threading
import time
import uuid
from urllib.parse import urlsplit

USERS = 6
PACKAGES = ("starter", "growth", "team", "audit", "report")
seen, lock = collections.Counter(), threading.Lock()


class User:
    """One browser, at an address of its own."""

    def __init__(self, number, place, context, people):
        self.place, self.context, self.people = place, context, people
        self.address = f"127.0.1.{number + 1}"
        self.packages = itertools.islice(itertools.cycle(PACKAGES), number, None)
        self.line = None
        self.token, self.errors = "", 0

    def ask(self, kind, path, document=None, gzip=False):
        """Status and body; 0 where there was no answer."""
        headers = {"Host": self.place.netloc, "Authorization": "Bearer " + self.token}
        if gzip:
            headers["Accept-Encoding"] = "gzip"
        body = None if document is None else json.dumps(document)
        if body:
            headers["Content-Type"] = "application/json"
        try:
            if not self.line:
                self.line = http.client.HTTPSConnection(self.place.hostname, self.place.port, timeout=10,
                                                        context=self.context, source_address=(self.address, 0))
            self.line.request("POST" if body else "GET", path, body, headers)
            answer = self.line.getresponse()
            status, text = answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            self.line, status, text = None, 0, b""
        with lock:
            seen[f"{kind} {status}"] += 1
        self.errors += status == 0 or status >= 500  # a page's script does not catch that
        return status, text

    def journey(self):
        begun, self.errors = time.monotonic(), 0
        status, page = self.ask("page", "/")
        self.ask("script", "/static/js/main.js", gzip=True)
        loaded = (time.monotonic() - begun) * 1000
        version = re.search(rb'data-version="([^"]*)"', page)
        status, answer = self.ask("login", "/api/auth/login", random.choice(self.people))
        self.token = json.loads(answer)["token"] if status == 200 else ""
        if self.token:
            for _ in range(2):
                self.ask("payment", "/api/payments", {"package": next(self.packages)})
            self.ask("assessment", "/api/assessments", {"tier": random.choice(("free", "paid")), "answers": "2,3,1"})
            self.ask("advice", "/api/ai/advice", {"question": "What is next?"})
        if version:  # there was a page, which tells of itself
            view = {"id": str(uuid.uuid4()), "version": version[1].decode()}
            told = {"page_load": loaded, "errors": self.errors}
            self.ask("beacon", "/vitals", [{"name": name, "value": value, **view} for name, value in told.items()])

    def live(self, pause):
        while True:
            begun = time.monotonic()
            self.journey()
            time.sleep(max(0.05, pause - (time.monotonic() - begun)))


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--url", "--ca", "--people", "--out"):
        options.add_argument(name, required=True)
    options.add_argument("--journeys", type=float, default=3, help="a second, of all together")
    given = options.parse_args()
    with open(given.people) as people:
        people = json.load(people)
    context = ssl.create_default_context(cafile=given.ca)
    for number in range(USERS):
        user = User(number, urlsplit(given.url), context, people)
        threading.Thread(target=user.live, args=(USERS / given.journeys,), daemon=True).start()
    while not signal.sigtimedwait({signal.SIGTERM, signal.SIGINT}, 1):
        with lock, open(given.out, "a") as out:
            out.write(json.dumps({"at": time.time(), **seen}) + "\n")
            seen.clear()


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
main()
