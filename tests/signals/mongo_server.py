#!/usr/bin/python3
"""A stand-in for MongoDB, by mockupdb (Debian: python3-mockupdb), on a port or a unix socket until it is ended.

It speaks the wire's format; what it answers is made up after the manual. Users `new` and `old` log in by SCRAM-SHA-256 and
SCRAM-SHA-1, both with the password `open sesame`; `app` as `new`, and may not read what the server says of itself. Each
serverStatus is a second and ten reads, of 20 ms together, later than the one before.
"""
import argparse
import base64
import datetime
import hashlib
import hmac
import os
import sys
import threading

from bson import Decimal128, Int64
import mockupdb

ROUNDS = 4096
PASSWORD = "open sesame"
HASHES = {"SCRAM-SHA-256": "sha256", "SCRAM-SHA-1": "sha1"}
USERS = {"new": "SCRAM-SHA-256", "app": "SCRAM-SHA-256", "old": "SCRAM-SHA-1"}
ORDERS = [{"state": "paid", "cents": n} for n in range(42)] + [{"state": "open", "cents": 5}] * 8


class Login:
    """The server's side of SCRAM (RFC 5802), by Python's own hashes."""

    def __init__(self, mechanism, first):
        self.hash = HASHES[mechanism]
        self.first = first.decode().removeprefix("n,,")
        said = dict(part.split("=", 1) for part in self.first.split(","))
        self.user = said["n"]
        self.nonce = said["r"] + base64.b64encode(os.urandom(9)).decode()
        self.salt = os.urandom(16)
        self.answer = f"r={self.nonce},s={base64.b64encode(self.salt).decode()},i={ROUNDS}"

    def keyed(self, key, text):
        return hmac.new(key, text, self.hash).digest()

    def finish(self, last):
        """The server's proof; nothing where the client has none."""
        bare, proof = last.decode().rsplit(",p=", 1)
        password = PASSWORD
        if self.hash == "sha1":
            password = hashlib.md5(f"{self.user}:mongo:{PASSWORD}".encode()).hexdigest()
        salted = hashlib.pbkdf2_hmac(self.hash, password.encode(), self.salt, ROUNDS)
        client = self.keyed(salted, b"Client Key")
        everything = f"{self.first},{self.answer},{bare}".encode()
        wanted = bytes(a ^ b for a, b in zip(client, self.keyed(hashlib.new(self.hash, client).digest(), everything)))
        if self.user not in USERS or base64.b64decode(proof) != wanted or f"r={self.nonce}" not in bare:
            return None
        return b"v=" + base64.b64encode(self.keyed(self.keyed(salted, b"Server Key"), everything))


class Server:
    def __init__(self, options):
        self.options = options
        self.lock = threading.Lock()
        self.logins = {}  # by connection
        self.users = {}  # who is in, by connection
        self.looks = 0

    def handle(self, request):
        with self.lock:
            answer = getattr(self, "do_" + request.command_name, None)
            user = self.users.get(id(request._client))
            if not answer:
                return request.command_err(59, f"no such command: '{request.command_name}'", codeName="CommandNotFound")
            open_to_all = request.command_name in ("hello", "ping", "saslStart", "saslContinue")
            private = request.command_name in ("serverStatus", "replSetGetStatus")
            if not open_to_all and (not user or (private and user == "app")):
                text = f"not authorized on {request['$db']} to execute command {request.command_name}"
                return request.command_err(13, text, codeName="Unauthorized")
            return answer(request) or True

    def do_hello(self, request):
        self.users.pop(id(request._client), None)
        answer = {"isWritablePrimary": True, "helloOk": True, "maxWireVersion": 17, "minWireVersion": 0}
        answer |= {"maxBsonObjectSize": 16777216, "localTime": datetime.datetime.now()}
        if self.options.set:
            answer |= {"setName": self.options.set, "hosts": ["localhost"], "secondary": False}
        user = request.doc.get("saslSupportedMechs", ".").split(".", 1)[1]
        if user in USERS:
            answer["saslSupportedMechs"] = [USERS[user]]
        request.reply(answer)

    def do_ping(self, request):
        request.ok()

    def do_saslStart(self, request):
        self.logins[id(request._client)] = login = Login(request["mechanism"], request["payload"])
        request.ok(conversationId=7, done=False, payload=login.answer.encode())

    def do_saslContinue(self, request):
        login = self.logins[id(request._client)]
        proof = login.finish(request["payload"]) if request["conversationId"] == 7 and request["payload"] else b""
        if proof is None:
            return request.command_err(18, f"Authentication failed for {login.user}.", codeName="AuthenticationFailed")
        if proof == b"" or not self.options.long_login:
            self.users[id(request._client)] = login.user
        request.ok(conversationId=7, done=proof == b"" or not self.options.long_login, payload=proof)

    def do_count(self, request):
        wanted = request.doc.get("query", {})
        found = [one for one in ORDERS if all(one.get(key) == value for key, value in wanted.items())]
        request.ok(n=len(found) if request["count"] == "orders" else 0)

    def do_aggregate(self, request):
        documents = [{"_id": "1.4", "total": Decimal128("10.50")}, {"_id": "1.5", "total": Int64(3)}]
        request.ok(cursor={"id": Int64(0), "ns": "shop.orders", "firstBatch": documents})

    def do_find(self, request):
        self.cursor = Int64(1 << 40)
        request.ok(cursor={"id": self.cursor, "ns": "shop.orders", "firstBatch": ORDERS[:2]})

    def do_killCursors(self, request):
        print("killed", request["killCursors"], request["cursors"] == [self.cursor], type(request["cursors"][0]).__name__)
        request.ok(cursorsKilled=request["cursors"])

    def do_serverStatus(self, request):
        self.looks += 1
        answer = {"host": "db1:27017", "version": "6.0.5", "process": "mongod", "pid": Int64(os.getpid())}
        answer |= {"uptime": 100.0 + self.looks, "uptimeMillis": Int64(1000 * (100 + self.looks))}
        answer |= {"connections": {"current": 5, "available": 838855, "totalCreated": Int64(9), "active": 2}}
        answer |= {"globalLock": {"currentQueue": {"total": 3, "readers": 3, "writers": 0}}}
        answer |= {"mem": {"bits": 64, "resident": 64, "virtual": 2048, "supported": True}}
        reads = {"latency": Int64(20000 * self.looks), "ops": Int64(10 * self.looks)}
        answer |= {"opLatencies": {"reads": reads, "writes": {"latency": Int64(0), "ops": Int64(0)}}}
        if self.options.set:
            answer |= {"repl": {"setName": self.options.set, "isWritablePrimary": True, "secondary": False}}
        request.ok(**answer)

    def do_dbStats(self, request):
        request.ok(db=request["$db"], objects=50, dataSize=900.0, storageSize=4096.0, indexSize=8192.0)

    def do_replSetGetStatus(self, request):
        if request["$db"] != "admin":
            return request.command_err(13, "replSetGetStatus may only be run against the admin database.")
        now = datetime.datetime(2026, 11, 29, 10, 0, 0, 250000)
        members = [{"_id": 0, "state": 1, "stateStr": "PRIMARY", "self": True, "optimeDate": now}]
        behind = now - datetime.timedelta(seconds=4)
        members.append({"_id": 1, "state": 2, "stateStr": "SECONDARY", "optimeDate": behind})
        members.append({"_id": 2, "state": 8, "stateStr": "(not reachable/healthy)", "optimeDate": datetime.datetime(1970, 1, 1)})
        request.ok(set=self.options.set, myState=1, members=members)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int)
    parser.add_argument("--socket")
    parser.add_argument("--set", default="")
    parser.add_argument("--long-login", action="store_true", help="one message more, as without skipEmptyExchange")
    options = parser.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    server = mockupdb.MockupDB(port=options.port, uds_path=options.socket, request_timeout=int(1e6))
    server.autoresponds(Server(options).handle)
    server.run()
    threading.Event().wait()


main()
