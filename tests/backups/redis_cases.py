"""A real Redis is copied while it is written to, its copies are proven by a server of their own, damaged, and killed meanwhile."""
import os
import shutil
import subprocess
import tempfile
import threading
import time

from place import DONE, FAILED, REFUSED, case, expect, flipped, processes, repacked, until


LARGE = """for i = 1, 60 do local t = {} for j = 1, 5000 do t[j] = redis.sha1hex(i .. ' ' .. j) end
redis.call('set', 'large' .. i, table.concat(t)) end"""
SUM_OF_LARGE = "local t = {} for i = 1, 60 do t[i] = redis.call('get', 'large' .. i) end return redis.sha1hex(table.concat(t))"


class Redis:
    """One of a case's own, on a socket."""

    def __init__(self, *more):
        self.dir = tempfile.mkdtemp(prefix="davy-redis-")
        self.socket = self.dir + "/socket"
        self.process = subprocess.Popen(["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.dir, "--save", "",
                                         *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until("Redis answers", lambda: subprocess.run([*self.cli(), "ping"], capture_output=True).returncode == 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def cli(self, *more):
        return ["redis-cli", "-s", self.socket, *more]

    def ask(self, *words, database=0):
        went = subprocess.run(self.cli("-n", str(database), *words), capture_output=True, text=True)
        expect(f"{words}: {went.stdout}{went.stderr}", went.returncode == 0 and not went.stdout.startswith(("ERR", "NO")))
        return went.stdout.strip()

    def fill(self, keys=2000):
        """Some of everything that a copy could lose."""
        self.ask("eval", f"for i = 1, {keys} do redis.call('set', 'k' .. i, i) end", "0")
        self.ask("eval", "for i = 1, 300 do redis.call('set', 'e' .. i, i, 'px', 900 + i) end", "0")
        for words in (("hset", "hash", "a", "1"), ("rpush", "list", "a", "b"), ("sadd", "set", "a"), ("zadd", "sorted", "1", "a"),
                      ("xadd", "stream", "*", "a", "1"), ("pfadd", "guess", "a"), ("set", "large", "x" * 100_000)):
            self.ask(*words)
        self.ask("set", "other", "1", database=7)
        self.ask("function", "load", "#!lua name=shop\nredis.register_function('one', function() return 1 end)")
        return self

    @property
    def url(self):
        return "unix://" + self.socket


def words(place, redis, verb, *more, id="run-a1", code=DONE, url=None):
    return place.work(verb, *more, id=id, code=code, url=url or redis.url, kind="redis", name="cache")


def writable(redis):
    """Nobody holds its writes: one that is held waits for its answer."""
    subprocess.run(redis.cli("set", "written", "1"), capture_output=True, check=True, timeout=20)


def scratches(place):
    return processes("redis-server", place.scratch)


def nothing_is_left(place):
    expect(f"servers: {scratches(place)}", not scratches(place))
    place.nothing_is_left()


@case
def redis_exact(server, place):
    """Writers go on and keys expire: keys of each database and those that expire are those of the moment of the dump."""
    with Redis() as redis:
        redis.fill()
        over = threading.Event()

        def write():
            while not over.is_set():
                redis.ask("eval", "for i = 1, 50 do redis.call('set', 'w' .. redis.call('incr', 'n'), 1, 'px', 40 + i) end", "0")

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        try:
            for number in range(3):
                made = words(place, redis, "dump", "--prove", id=f"run-a{number}")["made"]
                expect(f"{made}", made["databases"] == 2 and made["keys"] > 2000)
                expect(f"{made}", made["proof"]["where"] == "a server of its own")
        finally:
            over.set()
            for writer in writers:
                writer.join()
        writable(redis)
        manifest = place.manifest("run-a2", "cache")
        expect(f"{manifest['databases']}", [one["index"] for one in manifest["databases"]] == [0, 7])
        expect(f"{manifest}", manifest["functions"] == 1 and manifest["databases"][0]["expiring"] > 0)
        again = words(place, redis, "dump", "--prove", id="run-a2")["made"]
        expect("the same copy", again["sha256"] == made["sha256"] and again["proof"]["at"] == made["proof"]["at"])
        nothing_is_left(place)


@case
def redis_damage(server, place):
    """A bit that turned over, an end that is missing, a dump of another moment: each is found, by who mends the sums, too."""
    with Redis() as redis:
        redis.fill()
        words(place, redis, "dump")
        redis.ask("del", "k1")
        words(place, redis, "dump", id="later")
        path = place.copy(name="cache") + "/database.rdb.zst"
        dump = place.unpacked("database.rdb.zst", name="cache")
        with open(path, "rb") as packed:
            good = packed.read()
        for bad, word in ((flipped(good, len(good) // 2), "is damaged"), (good[:-20], "is cut")):
            with open(path, "wb") as to:
                to.write(bad)
            said = words(place, redis, "prove", code=FAILED)
            expect(f"{said}", f"database.rdb.zst {word}" in said["error"]["message"])
        for bad in (flipped(dump, len(dump) // 2), dump[:len(dump) // 2], b"no dump"):
            place.replace("database.rdb.zst", repacked(bad), name="cache")
            said = words(place, redis, "prove", code=FAILED)
            expect(f"{said}", "it is not loaded: redis-server says: " in said["error"]["message"])
        place.replace("database.rdb.zst", repacked(place.unpacked("database.rdb.zst", "later", "cache")), name="cache")
        said = words(place, redis, "prove", code=FAILED)
        expect(f"{said}", "database 0 has" in said["error"]["message"])
        nothing_is_left(place)


@case
def redis_refused(server, place):
    """Who is not let in, or not so far, is told which command; a replica and a node of a cluster are not copied."""
    with Redis("--requirepass", "sesame") as redis:
        url = "redis://:hunter2@" + redis.socket
        said = words(place, redis, "dump", code=REFUSED)
        expect(f"{said}", "NOAUTH" in said["error"]["message"])
        os.environ["DAVY_SOURCE_PASSWORD"] = "hunter2"
        try:
            said = words(place, redis, "dump", code=REFUSED)
            expect(f"{said}", "WRONGPASS" in said["error"]["message"] and "hunter2" not in place.said)
            os.environ["DAVY_SOURCE_PASSWORD"] = "sesame"
            subprocess.run(redis.cli("-a", "sesame", "set", "a", "1"), capture_output=True, check=True)
            expect("let in", words(place, redis, "dump", "--prove")["made"]["keys"] == 1)
        finally:
            del os.environ["DAVY_SOURCE_PASSWORD"]
        expect(f"nobody reads {url}", "sesame" not in place.said)
    with Redis() as redis:
        redis.ask("acl", "setuser", "default", "-sync")
        said = words(place, redis, "dump", id="no-sync", code=REFUSED)
        expect(f"{said}", "NOPERM" in said["error"]["message"] and "'sync'" in said["error"]["message"])
        redis.ask("acl", "setuser", "default", "+sync", "-client|pause")
        said = words(place, redis, "dump", id="no-pause", code=REFUSED)
        expect(f"{said}", "'client|pause'" in said["error"]["message"])
        redis.ask("acl", "setuser", "default", "+@all")
        redis.ask("replicaof", "127.0.0.1", "1")
        said = words(place, redis, "dump", id="replica", code=FAILED)
        expect(f"{said}", "it is a replica" in said["error"]["message"])
    with Redis("--cluster-enabled", "yes") as redis:
        said = words(place, redis, "dump", id="node", code=FAILED)
        expect(f"{said}", "one node of a cluster" in said["error"]["message"])
    nothing_is_left(place)


@case
def redis_others_save(server, place):
    """Somebody saves all the time: what is copied is exact, or there is no copy."""
    with Redis() as redis:
        redis.fill(500)
        redis.ask("config", "set", "rdb-key-save-delay", "50")
        over = threading.Event()

        def save():
            while not over.is_set():
                subprocess.run(redis.cli("bgsave"), capture_output=True)
                redis.ask("incr", "n")
                time.sleep(0.05)

        saver = threading.Thread(target=save)
        saver.start()
        try:
            for number in range(4):
                went = subprocess.run(place.words("dump", f"run-a{number}", "--prove", kind="redis", name="cache"),
                                      env=place.environment(redis.url), capture_output=True, text=True)
                expect(went.stdout + went.stderr, went.returncode == DONE or "longer" in went.stdout or "saving" in went.stdout)
        finally:
            over.set()
            saver.join()
        writable(redis)
        nothing_is_left(place)


@case
def redis_killed(server, place):
    """Killed at each stage: writes go on, no half copy is taken for one, nothing is left, and asked again it is made."""
    with Redis() as redis:
        redis.fill(20000)
        for stage in ("wait", "hold", "dump", "check", "restore", "compare"):
            id = "run-" + stage
            place.killed_at("dump", stage, "--prove", id=id, url=redis.url, kind="redis", name="cache")
            writable(redis)
            until("no server of it lives", lambda: not scratches(place))
            words(place, redis, "sweep", id=id)
            nothing_is_left(place)
            made = words(place, redis, "dump", "--prove", id=id)["made"]
            expect(f"{made}", made["proof"] and made["databases"] == 2)
        nothing_is_left(place)


@case
def redis_restored(server, place):
    """Who is connected is named and nothing happens; else all databases are as they were copied, and what stood there is kept."""
    with Redis() as redis:
        redis.fill()
        redis.ask("eval", LARGE, "0")  # more than one answer holds
        large = redis.ask("eval", SUM_OF_LARGE, "0")
        words(place, redis, "dump", "--prove")
        copied = redis.ask("dbsize")
        redis.ask("function", "flush")
        redis.ask("del", "k1", "hash")
        redis.ask("set", "k2", "changed")
        redis.ask("set", "new", "1", database=3)
        user = subprocess.Popen(redis.cli("blpop", "nothing", "60"), stdout=subprocess.DEVNULL)
        try:
            until("somebody is connected", lambda: "blpop" in redis.ask("client", "list"))
            said = words(place, redis, "restore", "--key", "k1", code=REFUSED)["error"]["message"]
            expect(said, "is in use by a client from " in said and "it is as it was" in said)
        finally:
            user.kill()
            user.wait()
        expect("as it was", redis.ask("get", "k2") == "changed")
        back = words(place, redis, "restore", "--key", "k1")["restored"]
        expect(f"{back}", back["databases"] == 2 and not back["already"] and back["before"].startswith("database 1, "))
        expect("a value", redis.ask("get", "k2") == "2" and redis.ask("get", "k1") == "1")
        expect("large ones", redis.ask("eval", SUM_OF_LARGE, "0") == large)
        expect("other kinds", redis.ask("hget", "hash", "a") == "1" and redis.ask("xlen", "stream") == "1")
        expect("other databases", redis.ask("get", "other", database=7) == "1" and redis.ask("dbsize", database=3) == "0")
        expect("functions", redis.ask("fcall", "one", "0") == "1")
        expect(f"of {copied} keys those that never expire", int(redis.ask("dbsize")) >= 2007)
        expect("what stood there is kept", redis.ask("get", "k2", database=1) == "changed")
        redis.ask("set", "k2", "later")
        again = words(place, redis, "restore", "--key", "k1")["restored"]
        expect(f"it does not happen twice: {again}", again["already"] and redis.ask("get", "k2") == "later")
        said = words(place, redis, "restore", "--key", "k2", url="unix://" + redis.dir + "/other", code=FAILED)["error"]["message"]
        expect(said, "the copy is one of" in said)
    with Redis("--databases", "2") as redis:
        redis.ask("set", "a", "1")
        redis.ask("set", "a", "1", database=1)
        words(place, redis, "dump", id="full")
        said = words(place, redis, "restore", "--key", "k", id="full", code=REFUSED)["error"]["message"]
        expect(said, "has too few databases" in said)
    nothing_is_left(place)


@case
def redis_restore_killed(server, place):
    """Killed at each stage, all databases are what they were, or what was copied; asked again they are that."""
    with Redis() as redis:
        redis.fill(30000)
        words(place, redis, "dump")
        for number, stage in enumerate(("restore", "compare", "swap")):
            redis.ask("set", "k2", "changed")
            key = f"run-{number}"
            place.killed_at("restore", stage, "--key", key, url=redis.url, kind="redis", name="cache")
            until("no server of it lives", lambda: not scratches(place))
            expect("one or the other", redis.ask("get", "k2") in (("changed",) if stage == "restore" else ("changed", "2")))
            back = words(place, redis, "restore", "--key", key)["restored"]
            expect("as it was copied", redis.ask("get", "k2") == "2" and redis.ask("get", "other", database=7) == "1")
            expect("what stood there", redis.ask("get", "k2", database=int(back["before"].split(",")[0].split()[1])) == "changed")
            for database in range(1, 16):
                expect(f"nothing half filled is left in {database}", redis.ask("exists", "davy:restoring", database=database) == "0")
                if database != 7:
                    redis.ask("flushdb", database=database)
            expect("nothing of ours among the keys", redis.ask("keys", "davy:*") == "")
        nothing_is_left(place)
