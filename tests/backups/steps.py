"""Copies and restores as steps of a run, and that run killed."""
import os
import signal
import subprocess

from place import DAVY, DETACHED, DONE, HELD, ROLLED_BACK, case, expect, processes, until
from ending import end_at_once
from redis_cases import Redis

PLAN = """davy: 1
secrets: [DATABASE_URL]
services:
  app:
    command: touch DIR/up
    stop: rm -f DIR/up
    status: test -e DIR/up
environments: { production: { url: "http://127.0.0.1:9", env-file: DIR/production.env } }
maintenance: { file: DIR/page }
signals: { database: { postgres: $DATABASE_URL } }
rollout:
  - maintenance: on
  - stop
  - backup: database
    into: DIR/copies
    prove: [restore, contents]
    keep: 3
  - backup: DIR/app
    into: copies
    prove: restore
  - backup: DIR/app/code
    into: copies
    keep: 14d
  - migrate: psql -Xq -v ON_ERROR_STOP=1 "$DATABASE_URL" -c 'drop table nothing; delete from orders where id > 7'
    undo: { restore: database }
  - start
  - verify: { Closed: { command: test "$version" != bad } }
  - maintenance: off
  - verify: { Open: { command: test "$version" != worse } }
"""


def deployable(place, plan=PLAN):
    place.shop()
    os.mkdir(place.dir + "/app")
    with open(place.dir + "/app/code", "w") as to:
        to.write("print(1)")
    for name, text in (("davy.yaml", plan.replace("DIR", place.dir)),
                       ("production.env", f"DATABASE_URL={place.server.url(place.database, 'locked', 'sesame')}\n")):
        with open(f"{place.dir}/{name}", "w") as to:
            to.write(text)
    os.chmod(place.dir + "/production.env", 0o600)
    open(place.dir + "/up", "w").close()


def davy(place, *words, code=DONE):
    went = subprocess.run([DAVY, *words, "--state", place.dir + "/state"], cwd=place.dir, capture_output=True, text=True)
    said = went.stdout + went.stderr
    expect(f"davy {' '.join(words)}: exit {went.returncode}, expected {code}\n{said}", went.returncode == code)
    expect("nobody reads the password: " + said, "sesame" not in said)
    return said


def secrets_left(place):
    """Files of the state directory and the copies that have the password in them."""
    return subprocess.run(["grep", "-rl", "sesame", place.dir + "/state", place.into], capture_output=True, text=True).stdout


def before_of(place):
    return [one for one in place.server.databases() if one.startswith(place.database + "_before")]


@case
def deployed(server, place):
    """Both copies are made and proven, and say so; the password is nowhere that it need not be."""
    deployable(place)
    plan = davy(place, "plan", "good", "--serves", "v0")
    expect(plan, "copy database into" in plan and "prove the copy by restoring it" in plan)
    said = davy(place, "deploy", "good", "--serves", "v0")
    expect(said, "way back: restore" in said and "proven in a cluster of its own" in said)
    expect("migrated", place.sql("select count(*) from orders") == "7")
    expect(f"left: {secrets_left(place)}", not secrets_left(place))
    expect("three copies", len([one for one in os.listdir(place.into) if not one.startswith(".")]) == 3)
    expect("what keep cannot do: " + plan, "code: `keep` removes no copy by its age, for none is proven" in plan)
    expect("no copy so far: " + plan, "database: no copy of it was proven in the last runs" in plan)
    for said in (davy(place, "status"), davy(place, "plan", "better")):
        expect(said, "database: way back: restore " in said and " ago in a cluster of its own" in said)
    made = place.work("dump", "--prove")["made"]  # of the same source: the address says so, not who asks
    expect(f"{made}", made["usual"]["proofs"] == 1)


@case
def taken_back(server, place):
    """A bad version behind the page: its migration is taken back by restoring, and what stood there is kept."""
    deployable(place)
    said = davy(place, "deploy", "bad", "--serves", "v0", code=ROLLED_BACK)
    expect(said, "is as it was copied" in said)
    expect("all rows are back", place.sql("select count(*) from orders") == "20000")
    expect("and the table", place.sql("select count(*) from nothing") == "0")
    expect(f"{before_of(place)}", len(before_of(place)) == 1)
    server.sql("postgres", f"drop database {before_of(place)[0]}")
    expect(f"scratches: {scratches()}", not scratches())


@case
def users_wrote(server, place):
    """Trouble once users are in: the run is held with the question, and a person's word restores."""
    deployable(place)
    said = davy(place, "deploy", "worse", "--serves", "v0", code=HELD)
    expect(said, "would lose what users wrote since" in said)
    expect("nothing was restored", place.sql("select count(*) from orders") == "7")
    said = davy(place, "rollback", "--data", "restore", code=ROLLED_BACK)
    expect("all rows are back", place.sql("select count(*) from orders") == "20000")
    server.sql("postgres", f"drop database {before_of(place)[0]}")


@case
def killed_in_a_run(server, place):
    """The child is killed as it proves: the step fails, nothing behind it begins, and its scratch is gone."""
    deployable(place)
    place.sql("insert into orders (state) select 'paid' from generate_series(1, 200000)")
    run = davy(place, "deploy", "good", "--serves", "v0", "--detach", code=DETACHED).split()[-1]
    until("it proves", lambda: scratches())
    for pid in processes("work", "dump", place.into):
        os.kill(pid, signal.SIGKILL)
    said = davy(place, "status", run, "--attach", code=ROLLED_BACK)
    expect(said, "killed by signal 9" in said)
    expect("nothing was migrated", place.sql("select count(*) from orders") == "220000")
    expect(f"scratches: {scratches()}", not scratches())


@case
def killed_davy(server, place):
    """Engine and keeper are killed while it is copied: it is copied once more or not, and the run goes on to its end."""
    deployable(place)
    run = davy(place, "deploy", "good", "--serves", "v0", "--detach", code=DETACHED).split()[-1]
    until("it copies", lambda: processes("work", "dump", place.into))
    both = lambda: processes("engine", "--state", place.dir + "/state") + processes("keep", place.dir + "/state")
    end_at_once(both())
    said = davy(place, "resume", run)
    expect(said, "way back: restore" in said)
    expect("migrated once", place.sql("select count(*) from orders") == "7")
    expect(f"scratches: {scratches()}", not scratches())


def scratches():
    return [one for one in os.listdir("/var/tmp") if one.startswith("davy-proof-")]


OF_REDIS = """davy: 1
services:
  app:
    command: touch DIR/up
    stop: rm -f DIR/up
    status: test -e DIR/up
environments: { production: { url: "http://127.0.0.1:9" } }
maintenance: { file: DIR/page }
signals: { cache: { redis: "unix://SOCKET" } }
rollout:
  - maintenance: on
  - stop
  - backup: cache
    into: DIR/copies
    prove: restore
  - run: redis-cli -s SOCKET set k2 changed
    undo: { restore: cache }
  - start
  - verify: { Closed: { command: test "$version" != bad } }
  - maintenance: off
"""


@case
def redis_taken_back(server, place):
    """What a step did to a Redis is taken back by its copy, and what stood there is kept."""
    with Redis() as redis:
        redis.fill()
        deployable(place, OF_REDIS.replace("SOCKET", redis.socket))
        said = davy(place, "deploy", "bad", "--serves", "v0", code=ROLLED_BACK)
        expect(said, " keys of 2 databases" in said and "proven in a server of its own: loaded in " in said)
        expect(said, "cache is as it was copied: " in said and "kept as database 1, database 2" in said)
        expect("as it was", redis.ask("get", "k2") == "2" and redis.ask("get", "k2", database=1) == "changed")
        davy(place, "deploy", "good")
        expect("how long ago", "cache: loaded in " in davy(place, "plan", "better"))
        expect("done", redis.ask("get", "k2") == "changed")
