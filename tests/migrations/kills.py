"""Killed, or cut off, before and after each statement: the database says what happened, and whoever comes next ends it."""
import threading

from cluster import DONE, Place, case, expect, kill
from wire import Wire

FILES = {
    "0001_orders.up.sql": "create table orders (id int primary key, day date);\n"
                          "insert into orders select i, date '2026-01-01' + i from generate_series(1, 100) i;\n",
    "0001_orders.down.sql": "drop table orders;\n",
    "0002_by_day.up.sql": "set maintenance_work_mem = '8MB';\ncreate index concurrently by_day on orders (day);\n"
                          "insert into orders values (101, null);\nvacuum orders;\n"
                          "create index concurrently if not exists by_id on orders (id, day);\n",
    "0002_by_day.down.sql": "drop index concurrently by_id;\ndelete from orders where id = 101;\n"
                            "drop index concurrently by_day;\n",
    "0003_total.up.sql": "alter table orders add column total numeric not null default 0;\n"
                         "update orders set total = id;\n",
    "0003_total.down.sql": "alter table orders drop column total;\n",
}


def at_each_statement(cluster, way, when, happens, ends_by_itself):
    """happens(process) at statement 1, 2, … until there are no more. How many there were."""
    first = Place(cluster, FILES)
    first.migrate("up")
    last = Place(cluster, FILES, like=first.database)
    if way == "down":
        last.migrate("down")
    should_be = cluster.stands(last.database)
    for at in range(1, 1000):
        place = Place(cluster, FILES, like=first.database if way == "down" else "template1")
        said, wire = disturbed(place, way, at, when, happens, ends_by_itself)
        stands = cluster.stands(place.database)
        expect(f"{way}, {when} statement {at}: {said}\n{stands}\nshould be\n{should_be}", stands == should_be)
        place.drop()
        if not wire.cut:
            expect(f"only {wire.count} statements?", wire.count == at - 1 and at > 20)
            return at - 1
    raise AssertionError("it never ended")


def disturbed(place, way, at, when, happens, ends_by_itself):
    begun, there = [], threading.Event()
    wire = Wire(place.cluster.port, at, when, lambda: there.wait() and happens(begun[0]))
    begun.append(place.begin(way, port=wire.port))
    there.set()
    said = begun[0].communicate(timeout=120)[0]
    wire.close()
    if ends_by_itself or not wire.cut:
        expect(f"{way}, {when} statement {at}: exit {begun[0].returncode}\n{said}", begun[0].returncode == DONE)
    else:
        said += place.migrate(way)
    return said, wire


@case
def killed_everywhere_on_the_way_up(cluster):
    for when in ("before", "after"):
        n = at_each_statement(cluster, "up", when, kill, ends_by_itself=False)
        print(f"  killed {when} each of {n} statements")


@case
def killed_everywhere_on_the_way_down(cluster):
    for when in ("before", "after"):
        n = at_each_statement(cluster, "down", when, kill, ends_by_itself=False)
        print(f"  killed {when} each of {n} statements")


@case
def cut_off_everywhere(cluster):
    """The connection alone is lost, once the statement was carried out: Davy comes back, looks, and goes on."""
    for way in ("up", "down"):
        n = at_each_statement(cluster, way, "after", lambda process: None, ends_by_itself=True)
        print(f"  {way}: cut after each of {n} statements")
