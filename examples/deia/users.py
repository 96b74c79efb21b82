"""The users: each launches a bot and chats with it, over and over, on a connection that is kept.

  users.py --port 8000 --out users.jsonl

Writes what each request came to, a line of JSON each: when, kind, status (0: no answer), how long. Ends at SIGTERM.
"""
import argparse
import http.client
import json
import signal
import threading
import time

USERS = 24
PAUSE = 0.8  # of each, between two requests
lock = threading.Lock()


class User:
    def __init__(self, number, port, out):
        self.name, self.port, self.out, self.line = f"bot-{number}", port, out, None

    def ask(self, kind, document):
        begun = time.time()
        try:
            if not self.line:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            self.line.request("POST", f"/api/bot/{kind}", json.dumps(document), {"Content-Type": "application/json"})
            answer = self.line.getresponse()
            status = answer.status
            answer.read()
            if answer.will_close:
                self.line = None
        except (OSError, http.client.HTTPException):
            self.line, status = None, 0
        with lock:
            self.out.write(json.dumps({"at": begun, "kind": kind, "status": status, "took": time.time() - begun}) + "\n")
            self.out.flush()

    def live(self):
        said = 0
        while True:
            self.ask("launch", {"bot_id": self.name})
            for _ in range(5):
                time.sleep(PAUSE)
                said += 1
                self.ask("chat", {"bot_id": self.name, "text": f"question {said}"})
            time.sleep(PAUSE)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--out", required=True)
    given = options.parse_args()
    with open(given.out, "a") as out:
        for number in range(USERS):
            threading.Thread(target=User(number, given.port, out).live, daemon=True).start()
        signal.sigwait({signal.SIGTERM, signal.SIGINT})


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
main()
