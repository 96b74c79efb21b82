"""Killed, or cut off, before and after each statement: the database says what happened, and whoever comes next ends it."""
from cluster import CASES, DONE, Place, case, expect, kill  # noqa: F401
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


def as_it_should_be(cluster, way):
    place = Place(cluster, FILES)
    place.migrate("up")
    if way == "down":
        place.migrate("down")
    out = cluster.schema(place.database), cluster.record(place.database)
    place.drop()
    return out


def at_each_statement(cluster, way, when, happens, ends_by_itself):
    """happens(process) at statement 1, 2, … until there are no more."""
    should_be = as_it_should_be(cluster, way)
    for at in range(1, 1000):
        place = Place(cluster, FILES)
        if way == "down":
            place.migrate("up")
        begun = []
        wire = Wire(cluster.port, at, when, lambda: happens(begun[0]))
        process = place.begin(way, port=wire.port)
        begun.append(process)
        said = process.communicate(timeout=120)[0]
        wire.close()
        where = f"{way}, {when} statement {at}"
        if ends_by_itself:
            expect(f"{where}: exit {process.returncode}\n{said}", process.returncode == DONE)
        if not wire.cut:
            expect(f"{where}: exit {process.returncode}\n{said}", process.returncode == DONE and at > 20)
            place.drop()
            return at - 1
        if not ends_by_itself:
            said += place.migrate(way)
        stands = cluster.schema(place.database), cluster.record(place.database)
        expect(f"{where}: {said}\n{stands}\nshould be {should_be}", stands == should_be)
        place.drop()
    raise AssertionError("it never ended")


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
    """The connection alone is lost: Davy comes back, looks, and goes on."""
    for way in ("up", "down"):
        for when in ("before", "after"):
            n = at_each_statement(cluster, way, when, lambda process: None, ends_by_itself=True)
            print(f"  {way}: cut {when} each of {n} statements")
