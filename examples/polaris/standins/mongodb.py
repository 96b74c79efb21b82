"""In place of a MongoDB: speaks the wire protocol (OP_MSG, and OP_QUERY for the first hello) by python3-mockupdb, knows the
commands that polaris and Davy send, and keeps what it is told in memory. No `$` operators, no indexes, no files.

  mongodb.py --port 27017 --data seed.json        { "users": [ … ], "assessments": [ … ] }
"""
import argparse
import datetime
import json
import signal
import threading
import time

import mockupdb

HELLO = {"ismaster": True, "isWritablePrimary": True, "helloOk": True, "maxBsonObjectSize": 16777216,
         "maxMessageSizeBytes": 48000000, "maxWriteBatchSize": 100000, "minWireVersion": 0, "maxWireVersion": 13,
         "readOnly": False}
BEGUN = time.time()
data, lock = {}, threading.Lock()
reads = {"latency": 0, "ops": 0}  # microseconds, as serverStatus has them


class Refused(Exception):
    """A command that a real one would refuse, or that this one does not know."""

    def __init__(self, code, name, why):
        super().__init__(why)
        self.code, self.name = code, name


def fits(document, query):
    for name, wanted in query.items():
        if name.startswith("$") or isinstance(wanted, dict):
            raise Refused(2, "BadValue", "this stand-in compares values only")
    return all(document.get(name) == wanted for name, wanted in query.items())


def found(collection, query):
    begun = time.monotonic()
    with lock:
        out = [one for one in data.get(collection, []) if fits(one, query or {})]
    reads["latency"] += max(1, int((time.monotonic() - begun) * 1e6))
    reads["ops"] += 1
    return out


def cursor(command, collection, documents):
    return {"cursor": {"id": 0, "ns": f"{command['$db']}.{collection}", "firstBatch": documents}}


def find(command):
    limit = abs(command.get("limit", 0)) or None
    return cursor(command, command["find"], found(command["find"], command.get("filter"))[:limit])


def count(command):
    return {"n": len(found(command["count"], command.get("query")))}


def aggregate(command):
    """What drivers make of count_documents: $match, then $group that counts."""
    stages = {name: what for stage in command["pipeline"] for name, what in stage.items()}
    if set(stages) - {"$match", "$group"} or stages.get("$group", {}).get("n") != {"$sum": 1}:
        raise Refused(40324, "Location40324", "this stand-in counts only")
    n = len(found(command["aggregate"], stages.get("$match")))
    return cursor(command, command["aggregate"], [{"_id": 1, "n": n}] if n else [])


def insert(command):
    with lock:
        data.setdefault(command["insert"], []).extend(command["documents"])
    return {"n": len(command["documents"])}


def database_stats(command):
    with lock:
        documents = sum(map(len, data.values()))
        size = sum(len(str(one)) for all_of in data.values() for one in all_of)
    return {"db": command["$db"], "collections": len(data), "objects": documents, "dataSize": size, "storageSize": size,
            "indexes": len(data), "indexSize": 0, "totalSize": size}


def server_status(server):
    def answer(command):
        up = time.time() - BEGUN
        connections = len(server._server_socks)
        return {"host": "standin", "version": "5.0.0", "process": "mongod", "pid": 1, "uptime": up,
                "uptimeMillis": int(up * 1000), "connections": {"current": connections, "available": 1000 - connections,
                                                                "active": 1, "totalCreated": server.requests_count},
                "globalLock": {"currentQueue": {"total": 0, "readers": 0, "writers": 0},
                               "activeClients": {"total": 0, "readers": 0, "writers": 0}},
                "mem": {"resident": 32, "virtual": 64}, "opLatencies": {"reads": dict(reads),
                                                                        "writes": {"latency": 0, "ops": 0},
                                                                        "commands": {"latency": 0, "ops": 0}}}
    return answer


def carried_out(answers, request):
    name = next(iter(request.doc), "")
    answer = answers.get(name.lower())
    try:
        if not answer:
            raise Refused(59, "CommandNotFound", f"no such command: '{name}'")
        request.reply({"ok": 1, **answer(request.doc)})
    except Refused as why:
        request.reply({"ok": 0, "errmsg": str(why), "code": why.code, "codeName": why.name})
    return True


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--data", required=True)
    given = options.parse_args()
    with open(given.data) as seed:
        data.update(json.load(seed))
    server = mockupdb.MockupDB(port=given.port)

    def hello(command):
        return {**HELLO, "localTime": datetime.datetime.utcnow()}

    answers = {"ismaster": hello, "hello": hello, "ping": lambda command: {}, "endsessions": lambda command: {},
               "buildinfo": lambda command: {"version": "5.0.0", "versionArray": [5, 0, 0, 0]}, "find": find,
               "count": count, "aggregate": aggregate, "insert": insert, "dbstats": database_stats,
               "serverstatus": server_status(server)}
    server.autoresponds(lambda request: carried_out(answers, request))
    server.run()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
main()
