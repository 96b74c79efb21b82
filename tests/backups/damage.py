"""Copies that are damaged, or lack something, are found; what only looks like that is rightly passed."""
import subprocess

from place import BIN, FAILED, case, expect, flipped, repacked

@case
def damage(server, place):
    """A bit that turned over and an end that is missing are found in each file; by who mends the sums, too."""
    place.shop()
    for how in ("custom", "plain", "directory"):
        place.work("dump", "--format", how, id=how)
        names = [one["name"] for one in place.manifest(how)["files"]]
        for name in names:
            with open(f"{place.copy(how)}/{name}", "rb") as packed:
                content = packed.read()
            for bad, word in ((flipped(content, len(content) // 2), "is damaged"), (content[:-1 - len(content) // 10], "is cut")):
                with open(f"{place.copy(how)}/{name}", "wb") as to:
                    to.write(bad)
                said = place.work("prove", id=how, code=FAILED)
                expect(f"{how}, {name}: {said}", f"{name} {word}" in said["error"]["message"])
            with open(f"{place.copy(how)}/{name}", "wb") as to:
                to.write(content)
        place.work("prove", id=how)
    for how, name in (("custom", "database.dump.zst"), ("plain", "database.sql.zst")):
        with open(f"{place.copy(how)}/{name}", "rb") as packed:
            content = packed.read()
        for bad in (flipped(content, len(content) // 2), content[:len(content) * 9 // 10]):
            place.replace(name, bad, how)
            place.work("prove", id=how, code=FAILED)
            expect("an old proof is none", "proof" not in place.work("dump", id=how)["made"])
    place.nothing_is_left()


@case
def lost(server, place):
    """What a dump lacks is named: rows, a table, contents, a sequence; and a dump of a newer program is refused by the old."""
    place.shop()
    place.work("dump", "--contents", "--format", "plain")
    original, dump = place.manifest(), place.unpacked("database.sql.zst")

    def said_of(content, change=lambda manifest: None):
        place.write_manifest(original)
        place.replace("database.sql.zst", repacked(content))
        manifest = place.manifest()
        change(manifest)
        place.write_manifest(manifest)
        return place.work("prove", code=FAILED)["error"]["message"]

    def without(table):
        words = [BIN + "pg_dump", "-d", server.url(place.database), table]
        return subprocess.run(words, capture_output=True, check=True).stdout

    said = said_of(without("--exclude-table-data=orders"))
    expect(said, "public.orders has 0 rows, and had 20000" in said)
    said = said_of(without("--exclude-table=nothing"))
    expect(said, "the table public.nothing is missing" in said)
    said = said_of(dump.replace(b"\tpaid\t", b"\topen\t", 1))
    expect(said, "the contents of public.orders are others" in said)
    said = said_of(dump, lambda m: [one.update(before=30000, after=30005) for one in m["counts"]["sequences"]
                                    if one["name"] == "public.orders_id_seq"])
    expect(said, "the sequence public.orders_id_seq is at 20000, and was between 30000 and 30005" in said)
    said = said_of(dump.replace(b"= 'paid'::text", b"= 'open'::text", 1))
    expect(said, "the schema is another" in said and "'open'::text" in said)
    said = said_of(dump + b"\nALTER TABLE public.nothing ADD y int;\n")
    expect(said, "the schema is another" in said)
    place.work("dump", id="custom")
    archive = bytearray(place.unpacked("database.dump.zst", "custom"))
    archive[6] = 99  # PGDMP, then the version of the format
    place.replace("database.dump.zst", repacked(bytes(archive)), "custom")
    said = place.work("prove", id="custom", code=FAILED)["error"]["message"]
    expect(said, "unsupported version" in said)
    place.nothing_is_left()


# What somebody did to a plain dump who mended its sums, and what the proof says of it; None: it is well. Each of them
# passed somewhere (FAILED there with exit 0): counting rows of what is there finds half of them.
TABLE = {
    "as it was": (lambda place, dump: dump, None),
    "one bit of a value": (lambda place, dump: dump.replace(b"\tpaid\t", b"\tqaid\t", 1), "violates check constraint"),
    "the end of a table is missing": (lambda place, dump: dump[:dump.index(b"COPY public.orders ")], "public.orders has 0 rows, and had 20000"),
    "the end of a row is missing": (lambda place, dump: dump[:dump.index(b"\tpaid\t")], "missing data for column"),
    "a role that nobody has": (lambda place, dump: dump.replace(b"OWNER TO keeper", b"OWNER TO nobody_knows", 1), 'role "nobody_knows" does not exist'),
    "its owner is another": (lambda place, dump: dump.replace(b"OWNER TO keeper", b"OWNER TO davy", 1), "the schema is another"),
    "schema public alone, made anew": (lambda place, dump: pg_dump(place, "--schema=public"), 'schema "public" already exists'),
    "schema public alone": (lambda place, dump: pg_dump(place, "--schema=public").replace(b"CREATE SCHEMA public;", b""), 'the table "Odd"."A ""b" is missing'),
    "a newer program's setting": (lambda place, dump: b"SET transaction_timeout = 0;\n" + dump, "unrecognized configuration parameter"),
    "a sequence behind its table": (lambda place, dump: dump.replace(b"'public.orders_id_seq', 20000", b"'public.orders_id_seq', 7", 1), "the sequence public.orders_id_seq is at 7"),
    "rows where there were none": (lambda place, dump: dump + b"\ninsert into public.nothing values (1);\n", "public.nothing has 1 rows, and had 0"),
    "an index is missing": (lambda place, dump: dump.replace(b"CREATE INDEX", b"-- CREATE INDEX", 1), "the schema is another"),
    "a large object is missing": (lambda place, dump: dump.replace(b"SELECT pg_catalog.lo_create('4711');", b"", 1), "large object 4711 does not exist"),
}


def pg_dump(place, *words):
    words = [BIN + "pg_dump", "-d", place.server.url(place.database), *words]
    return subprocess.run(words, capture_output=True, check=True).stdout


@case
def damage_table(server, place):
    """A table of what may be wrong with a dump: each is found, by its name; and what is right is passed."""
    server.sql("postgres", "drop role if exists keeper", "create role keeper")
    try:
        place.shop()
        place.sql("alter table nothing owner to keeper", "create index on orders (price)",
                  "create table behind (id serial, x int)", "insert into behind (id) values (99)")  # in the source, too
        place.work("dump", "--contents", "--format", "plain")
        original, dump = place.manifest(), place.unpacked("database.sql.zst")
        for name, (change, word) in TABLE.items():
            bad = change(place, dump)
            expect(f"{name} is another dump", word is None or bad != dump)
            place.write_manifest(original)
            place.replace("database.sql.zst", repacked(bad))
            if word is None:
                place.work("prove", "--contents")
                continue
            said = place.work("prove", "--contents", code=FAILED)["error"]["message"]
            expect(f"{name}: {said}", word in said)
        place.nothing_is_left()
    finally:
        server.sql("postgres", f"drop database {place.database} with (force)", "drop role keeper")
