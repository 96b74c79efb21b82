"""Folders of SQL: what is refused, what is in the way, what is found and mended. Each sentence names what to do."""
import os
import signal
import subprocess

from cluster import CASES, DONE, FAILED, PASSWORD, REFUSED, Place, case, expect, free_port, until  # noqa: F401

TWO = {"0001_orders.sql": "create table orders (id int primary key, name text);\ninsert into orders values (1, 'a');\n",
       "0002_total.up.sql": "alter table orders add column total int;\n",
       "0002_total.down.sql": "alter table orders drop column total;\n"}


def says(what, said, *words):
    for word in words:
        expect(f"{what}: no word of `{word}` in\n{said}", word in said)


@case
def up_status_and_down(cluster):
    place = Place(cluster, TWO)
    says("status", place.migrate("status"), "nothing stands", "pending 0001_orders (no way down)", "pending 0002_total")
    says("up", place.migrate("up", run="r1"), "0001_orders: applied", "0002_total: applied")
    says("again", place.migrate("up"), "nothing is pending")
    says("who", place.sql("select run || ' ' || who from davy_migrations where version = '0001'"), "r1 ", " pid ")
    says("down", place.migrate("down", run="r1", code=REFUSED), "0001_orders.sql has no way down")
    place.write({"0001_orders.down.sql": "drop table orders;"})
    says("another run's", place.migrate("down", run="r2"), "nothing of this run stands")
    says("down", place.migrate("down", run="r1"), "0002_total: taken back", "0001_orders: taken back")
    expect("all is gone", cluster.record(place.database) == "")


@case
def a_failing_statement_changes_nothing(cluster):
    place = Place(cluster, {**TWO, "0003_bad.sql": "create table x (id int);\n\ninsert into orders values (1, 'hunter2');\n"})
    said = place.migrate("up", code=FAILED)
    says("which", said, "0003_bad.sql line 3", "duplicate key value", "0002_total: applied")
    expect(f"no values in it: {said}", "hunter2" not in said and "Key (" not in said)
    expect("nothing of it stands", place.sql("select to_regclass('x') is null") == "t")
    expect("what was before does", cluster.record(place.database) == "0001 true\n0002 true")


@case
def a_record_that_is_somebody_elses(cluster):
    """Whoever may create tables could write that all of it stands: such a record is not believed."""
    place = Place(cluster, TWO)
    place.sql("create role stranger")
    try:
        place.migrate("up")
        place.sql("alter table davy_migrations owner to stranger")
        says("whose", place.migrate("up", code=REFUSED), '"davy_migrations" belongs to stranger', "neither a superuser")
        says("status, too", place.migrate("status", code=REFUSED), "belongs to stranger")
        place.sql("alter table davy_migrations owner to current_user")
        says("its own", place.migrate("up"), "nothing is pending")
    finally:
        place.sql("alter table davy_migrations owner to current_user; drop role stranger")


@case
def drift_order_and_heads(cluster):
    place = Place(cluster, TWO)
    place.migrate("up")
    place.write({"0001_orders.sql": "create table orders (id bigint);"})
    says("changed", place.migrate("up", code=REFUSED), "0001_orders.sql was changed after it was applied (run r1, ")
    place.write({**TWO, "0004_d.sql": "select 1;"})
    place.migrate("up")
    place.write({"0003_c.sql": "create table c (id int);"})
    says("late", place.migrate("up", code=REFUSED), "0003_c.sql would come behind 0004", "give it a number above")
    says("status says it, too", place.migrate("status", code=REFUSED), "wrong: 0003_c.sql")
    os.remove(place.folder + "/0003_c.sql")
    place.write({"0005_a.sql": "select 1;", "0005_b.sql": "select 1;"})
    says("heads", place.migrate("up", code=REFUSED), "0005_b.sql: the number of 0005_a.sql, too: two heads")
    expect("nothing was changed", cluster.record(place.database) == "0001 true\n0002 true\n0004 true")


@case
def what_stood_before_is_adopted_once(cluster):
    place = Place(cluster, {**TWO, "0003_c.sql": "create table c (id int);", "0003_c.down.sql": "drop table c;"})
    place.sql("create table orders (id int primary key, name text, total int)")
    says("it would fail", place.migrate("up", code=FAILED), 'relation "orders" already exists')
    place.sql("drop table davy_migrations")
    says("adopt", place.migrate("up", "--adopt", "0002"), "0002_total: stands already, as `adopt` says", "0003_c: applied")
    place.migrate("down")
    expect("they are nobody's to take back", cluster.record(place.database) == "0001 true\n0002 true")
    says("again", place.migrate("up", "--adopt", "0002"), "0003_c: applied")


@case
def who_holds_the_lock_is_named(cluster):
    place = Place(cluster, TWO)
    place.migrate("up")
    place.write({"0003_more.sql": "alter table orders add column more int;\n"})
    holder = cluster.session(place.database, "begin; update orders set name = 'hunter2' where id = 1")
    said = place.migrate("up", "--lock-timeout", "400ms", "--lock-tries", "3", code=FAILED)
    says("the blocker", said, "try 1 of 3", "try 2 of 3", "lock timeout", "in the way: pid ", "(davy, psql; idle in "
         "transaction since ", "update orders set name = ? where id = ?")
    expect(f"no values: {said}", "hunter2" not in said)
    waits = place.begin("up", "--lock-tries", "1000")
    until("it was tried", lambda: "try 2 of" in waits.stdout.readline())
    holder.communicate("commit;\n")
    said = waits.communicate(timeout=60)[0]
    expect(f"then it goes on: {said}", waits.returncode == DONE)


@case
def readers_are_not_kept_behind_it(cluster):
    """Who waits for a lock makes room: a reader that comes behind it is answered before the lock is there."""
    place = Place(cluster, TWO)
    place.migrate("up")
    place.write({"0003_more.sql": "alter table orders add column more int;\n"})
    holder = cluster.session(place.database, "begin; select * from orders")
    waits = place.begin("up", "--lock-tries", "1000")
    for _ in range(5):
        expect("answered", cluster.psql(place.database, "select count(*) from orders") == "1")
    expect("and it waits still", waits.poll() is None)
    holder.communicate("commit;\n")
    waits.communicate(timeout=60)
    expect("then it goes on", waits.returncode == DONE)


@case
def several_at_once(cluster):
    place = Place(cluster, {"0001_a.sql": "create table a (id int);\nselect pg_sleep(0.3);\ninsert into a values (1);\n",
                            "0002_b.sql": "insert into a values (2);\n"})
    all_of_them = [place.begin("up", "--lock-tries", "1000", run=f"r{i}") for i in range(5)]
    said = [one.communicate(timeout=120)[0] for one in all_of_them]
    expect(f"each ends well: {said}", all(one.returncode == DONE for one in all_of_them))
    expect("each was applied once", place.sql("select count(*) from a") == "2")
    says("the others waited", "".join(said), "another migration is at work in this database: davy r")
    holder = place.begin("up", run="20261129-101500-abc")
    holder.communicate(timeout=60)
    place.write({"0003_c.sql": "select pg_sleep(60);"})
    holder = place.begin("up", run="20261129-101500-abc")
    until("it holds the lock", lambda: place.sql("select count(*) from pg_locks where locktype = 'advisory'") == "1")
    says("named", place.migrate("up", "--lock-tries", "2", run="other", code=REFUSED),
         "another migration is at work in this database: davy 20261129-101500-abc on ", " pid ", " since ", "(session ")
    says("status", place.migrate("status"), "at work: davy 20261129-101500-abc")
    holder.send_signal(signal.SIGTERM)
    said = holder.communicate(timeout=60)[0]
    says("asked to end, it ends", said, "asked to end")
    until("and so does its statement", lambda: place.sql(
        "select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep%' and pid <> "
        "pg_backend_pid()") == "0")
    expect("nothing of it stands", cluster.record(place.database) == "0001 true\n0002 true")


@case
def an_index_that_was_stopped_is_built_anew(cluster):
    for again in ("", " if not exists"):
        place = Place(cluster, TWO)
        place.migrate("up")
        place.sql("insert into orders values (2, 'a')")
        try:  # a unique index over what is not unique stays behind, invalid
            cluster.psql(place.database, "create unique index concurrently by_name on orders (name)")
        except AssertionError:
            pass
        expect("it is invalid", place.sql("select indisvalid from pg_index where indexrelid = 'by_name'::regclass") == "f")
        says("status", place.migrate("status"), "invalid index by_name on orders")
        place.sql("delete from orders where id = 2")
        place.write({"0003_by_name.sql": f"create unique index concurrently{again} by_name on orders (name);"})
        says("up", place.migrate("up"), "index public.by_name is invalid", "0003_by_name: applied")
        expect("it is valid", place.sql("select indisvalid from pg_index where indexrelid = 'by_name'::regclass") == "t")
    place = Place(cluster, {**TWO, "0003_by_name.sql": "create unique index concurrently by_name on orders (name);"})
    place.write({"0001_orders.sql": TWO["0001_orders.sql"] + "insert into orders values (2, 'a');\n"})
    says("it fails", place.migrate("up", code=FAILED), "0003_by_name.sql line 1: PostgreSQL says: could not create unique")
    place.sql("delete from orders where id = 2")
    says("and again", place.migrate("up"), "is invalid", "0003_by_name: applied")
    expect("whole", cluster.record(place.database) == "0001 true\n0002 true\n0003 true")


@case
def a_lock_in_the_way_of_an_index(cluster):
    place = Place(cluster, TWO)
    place.migrate("up")
    place.write({"0003_by_name.sql": "create index concurrently by_name on orders (name);"})
    holder = cluster.session(place.database, "begin; update orders set name = 'b'")
    said = place.migrate("up", "--lock-tries", "3", code=FAILED)
    says("the blocker", said, "in the way: pid ")
    holder.communicate("commit;\n")
    place.migrate("up")
    expect("one index, valid", place.sql("select string_agg(indisvalid::text, ' ') from pg_index where indrelid = "
                                         "'orders'::regclass and not indisprimary") == "true")


@case
def what_nobody_can_look_up_is_asked(cluster):
    place = Place(cluster, {"0001_p.sql": "create table t (id int);\ncreate procedure p() language sql as 'insert into t "
                                          "values (1)';", "0002_call.sql": "-- davy: no transaction\ncall p();\n"})
    place.migrate("up")
    place.sql("update davy_migrations set ended = null, done = 0, at = 1 where version = '0002'")  # as a kill leaves it
    says("asked", place.migrate("up", code=REFUSED), "0002_call.sql line 2: nobody saw its end", "at = 0 where it was not")
    place.sql("update davy_migrations set done = done + 1, at = 0 where version = '0002'")
    place.migrate("up")
    expect("it was not repeated", place.sql("select count(*) from t") == "1")


@case
def roles_passwords_and_servers_that_are_away(cluster):
    place = Place(cluster, TWO)
    wrong = cluster.url(place.database, password="hunter2")
    said = place.migrate("up", url=wrong, code=REFUSED)
    says("password", said, "password authentication failed")
    expect(f"not shown: {said}", "hunter2" not in said)
    says("role", place.migrate("up", url=cluster.url(place.database, user="nobody"), code=REFUSED), "authentication failed")
    says("away", place.migrate("up", port=free_port(), code=FAILED), "connecting to PostgreSQL: ", "refused")
    says("no URL", place.migrate("up", url="postgres://[hunter2", code=FAILED), "not the URL or connection string")
    cluster.psql("postgres", "drop role if exists weak; create role weak login password 'weak-one'")
    weak = cluster.url(place.database, user="weak", password="weak-one")
    says("may not", place.migrate("up", url=weak, code=REFUSED), "making the table davy_migrations", "permission denied",
         "grant create on that schema")
    place.migrate("up")
    says("not its own", place.migrate("status", url=weak, code=REFUSED), "permission denied for table davy_migrations")
    cluster.psql(place.database, "create schema weak authorization weak")  # looked into first: is this another program's?
    says("which table", place.migrate("status", url=weak, code=REFUSED), "the record of migrations stands in schema public")


@case
def the_server_goes_and_comes_back(cluster):
    place = Place(cluster, {**TWO, "0003_slow.sql": "create table slow (id int);\nselect pg_sleep(2);\n"})
    process = place.begin("up", "--lock-tries", "1000")
    until("it is at it", lambda: cluster.psql(place.database, "select count(*) from pg_stat_activity where query like "
                                                              "'select pg_sleep%'", check=False) == "1")
    cluster.stop()
    cluster.start()
    said = process.communicate(timeout=120)[0]
    expect(f"it goes on by itself: {said}", process.returncode == DONE)
    says("and says so", said, "what became of it is looked up", "0003_slow: applied")
    expect("whole", cluster.record(place.database) == "0001 true\n0002 true\n0003 true")


@case
def a_file_may_change_its_session(cluster):
    cluster.psql("postgres", "drop role if exists app; create role app")
    place = Place(cluster, {"0001_a.sql": "set role app;\nset lock_timeout = 0;\nset search_path = app;\n"
                                          "create table mine (id int);\n",
                            "0002_b.sql": "create table public.ours (id int);\n"})
    place.sql("create schema app authorization app")
    place.migrate("up")
    expect("of app", place.sql("select tableowner from pg_tables where tablename = 'mine'") == "app")
    expect("of us", place.sql("select tableowner from pg_tables where tablename = 'ours'") == "davy")
