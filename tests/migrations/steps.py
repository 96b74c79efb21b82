"""A folder as a step of a deployment: shipped, taken back, and Davy killed in the middle of it."""
import glob
import os
import signal
import subprocess

from cluster import DAVY, PASSWORD, Place, case, expect, until
from ending import end_at_once
from sql import TWO, says

SHIPPED, ROLLED_BACK, REFUSED, DETACHED = 0, 3, 6, 7
PLAN = """davy: 1
services:
  shop: { command: "true", stop: "true", status: "true" }
environments: { production: { url: "http://127.0.0.1:9" } }
secrets: [DATABASE_URL]
signals: { database: { postgres: $DATABASE_URL, every: 1h } }
rollout:
  - stop
  - migrate: migrations
    database: DATABASE
    MORE
  - start
  - verify:
      Total is there: { command: "test \\"$version\\" != bad" }
"""


class Shop(Place):
    def plan(self, more="undo: down", database="database"):
        with open(self.dir + "/davy.yaml", "w") as out:
            out.write(PLAN.replace("DATABASE\n", database + "\n").replace("MORE", more))

    def davy(self, *words, code=SHIPPED):
        environment = {**os.environ, "DATABASE_URL": self.cluster.url(self.database), "DAVY_STATE": self.dir + "/state"}
        went = subprocess.run([DAVY, *words], cwd=self.dir, text=True, env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=150)
        expect(f"davy {' '.join(words)}: exit {went.returncode}, expected {code}\n{went.stdout}", went.returncode == code)
        return went.stdout

    def nowhere(self, secret):
        """Nothing that the runs left has it in clear."""
        for folder, _, names in os.walk(self.dir + "/state"):
            for name in names:
                try:
                    with open(os.path.join(folder, name), "rb") as f:
                        expect(f"{secret} in {name}", secret.encode() not in f.read())
                except OSError:  # sockets, and what is gone by now
                    continue

    def children(self, *words):
        """Processes of this place with these words in their command lines."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(path, "rb") as f:
                    line = f.read().decode(errors="replace").split("\0")
            except OSError:
                continue
            if all(word in line for word in words) and any(self.dir in word for word in line):
                found.append(int(path.split("/")[2]))
        return found


def shop(cluster, files=None, **how):
    place = Shop(cluster, files or {**TWO, "0001_orders.down.sql": "drop table orders;\n"})
    place.plan(**how)
    return place


@case
def shipped_and_taken_back(cluster):
    place = shop(cluster)
    said = place.davy("plan", "v1", "--serves", "v0")
    says("plan", said, "migrations", "what it applied, newest first, by its ways down")
    said = place.davy("deploy", "v1", "--serves", "v0")
    expect(f"applied: {said}", cluster.record(place.database) == "0001 true\n0002 true")
    place.write({"0003_more.up.sql": "alter table orders add column more int;\n",
                 "0003_more.down.sql": "alter table orders drop column more;\n"})
    says("bad", place.davy("deploy", "bad", code=ROLLED_BACK), "rolled back")
    expect("what this run applied is gone, no more", cluster.record(place.database) == "0001 true\n0002 true")
    says("status", place.davy("status", code=ROLLED_BACK), "taken back: 0002 stands")
    place.nowhere(PASSWORD)


@case
def a_run_that_was_done_is_taken_back(cluster):
    place = shop(cluster)
    place.davy("deploy", "v1", "--serves", "v0")
    place.davy("rollback", code=ROLLED_BACK)
    expect("all of it", cluster.record(place.database) == "")


@case
def what_cannot_be_taken_back_is_not_begun(cluster):
    place = shop(cluster, TWO)
    said = place.davy("deploy", "v1", "--serves", "v0", code=ROLLED_BACK)
    says("the sentence", said, "0001_orders has no way down, and the step's undo is `down`", "undo: nothing")
    expect("nothing was changed", place.sql("select to_regclass('davy_migrations') is null") == "t")
    place.plan("undo: nothing")
    place.davy("deploy", "v1", "--serves", "v0")
    place.write({"0001_orders.sql": "select 1;"})
    said = place.davy("deploy", "v2", code=ROLLED_BACK)
    says("drift", said, "0001_orders.sql was changed after it was applied (run 2")


@case
def davy_is_killed_in_the_middle(cluster):
    """Engine, keeper and the child that migrates, all at once: the next Davy looks, and goes on."""
    place = shop(cluster)
    place.davy("deploy", "v1", "--serves", "v0")
    place.write({"0003_slow.up.sql": "create table slow (id int);\nselect pg_sleep(3);\ninsert into slow values (1);\n",
                 "0003_slow.down.sql": "drop table slow;\n"})
    place.davy("deploy", "v2", "--detach", code=DETACHED)
    until("it is at it", lambda: place.sql("select count(*) from pg_stat_activity where query like 'select pg_sleep%'") == "1")
    end_at_once([pid for words in (("keep",), ("engine",), ("work", "migrate", "up")) for pid in place.children(*words)])
    expect("nobody is left", not place.children("work", "migrate", "up"))
    place.davy("resume")
    until("it is done", lambda: cluster.record(place.database) == "0001 true\n0002 true\n0003 true")
    expect("and once", place.sql("select count(*) from slow") == "1")


@case
def a_command_under_a_lock_timeout(cluster):
    place = Shop(cluster)
    place.sql("create table orders (id int)")
    place.plan("undo: nothing")
    with open(place.dir + "/davy.yaml") as f:
        text = f.read().replace("- migrate: migrations", "- migrate: { command: 'psql -v ON_ERROR_STOP=1 -qX \"$DATABASE_URL\" "
                                                         "-c \"alter table orders add column total int\"' }")
    with open(place.dir + "/davy.yaml", "w") as out:
        out.write(text)
    holder = cluster.session(place.database, "begin; select * from orders")
    said = place.davy("deploy", "v1", "--serves", "v0", code=ROLLED_BACK)
    says("it made room", said, "canceling statement due to lock timeout")
    holder.communicate("commit;\n")
    place.davy("deploy", "v2", "--serves", "v0")
    place.nowhere(PASSWORD)


@case
def the_secret_itself_may_be_named(cluster):
    place = shop(cluster, database="$DATABASE_URL")
    place.davy("deploy", "v1", "--serves", "v0")
    expect("applied", cluster.record(place.database) == "0001 true\n0002 true")
