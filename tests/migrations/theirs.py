"""Migrations of others: alembic by its own program; any command under a lock_timeout; a pooler in between."""
import os
import shutil
import subprocess

from cluster import CASES, DONE, FAILED, PASSWORD, REFUSED, Place, case, expect, free_port, until  # noqa: F401
from sql import TWO, says

ENV = """from alembic import context
from sqlalchemy import create_engine
import os
with create_engine(os.environ["APP_URL"]).connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""
REVISION = """revision = '{id}'
down_revision = {down}
from alembic import op
def upgrade():
    op.execute("create table {id} (id int)")
def downgrade():
    op.execute("drop table {id}")
"""


def of_alembic(cluster):
    place = Place(cluster, {"alembic.ini": "[alembic]\nscript_location = %(here)s/db\n", "db/env.py": ENV,
                            "db/versions/1_a1.py": REVISION.format(id="a1", down=None),
                            "db/versions/2_b2.py": REVISION.format(id="b2", down="'a1'")})
    os.environ["APP_URL"] = cluster.url(place.database).replace("postgres:", "postgresql:")
    return place


if shutil.which("alembic"):
    @case
    def alembic(cluster):
        place = of_alembic(cluster)
        says("status", place.migrate("status"), "alembic: nothing stands", "pending 1_a1.py", "pending 2_b2.py")
        says("up", place.migrate("up"), "lock_timeout is 500ms")
        expect("they are there", place.sql("select count(*) from pg_tables where tablename in ('a1', 'b2')") == "2")
        says("status", place.migrate("status"), "alembic: b2 stands")
        says("again", place.migrate("up"), "nothing is pending")
        place.write({"db/versions/3_c3.py": REVISION.format(id="c3", down="'b2'")})
        place.migrate("up")
        place.migrate("down", "--back-to=b2")
        expect("it is gone", place.sql("select to_regclass('c3') is null") == "t")
        says("down again", place.migrate("down", "--back-to=b2"), "it stands where it stood before")
        place.write({"db/versions/4_c4.py": REVISION.format(id="c4", down="'b2'")})
        says("heads", place.migrate("up", code=REFUSED), "two heads, c3 and c4: `alembic merge heads`")
        os.remove(place.folder + "/db/versions/4_c4.py")
        os.environ["APP_URL"] = cluster.url("postgres").replace("postgres:", "postgresql:")
        says("elsewhere", place.migrate("up", code=FAILED), "and the database that Davy looks into has b2",
             "does it use another database")
        cluster.psql("postgres", "drop table alembic_version, a1, b2, c3")

    @case
    def alembic_goes_with_who_began_it(cluster):
        """Whoever carries it out is killed: it commits nothing afterwards, for somebody will look, and go back."""
        place = of_alembic(cluster)
        place.write({"db/versions/2_b2.py": REVISION.format(id="b2", down="'a1'").replace(
            'op.execute("create', 'op.execute("select pg_sleep(3)"); op.execute("create')})
        worker = place.begin("up")
        until("it sleeps", lambda: place.sql("select count(*) from pg_stat_activity where query like 'select pg_sleep%'") == "1")
        worker.kill()
        worker.wait()
        until("its session is gone", lambda: place.sql(
            "select count(*) from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()") == "0")
        expect("and nothing stands", place.sql("select to_regclass('b2') is null") == "t")

    @case
    def alembic_waits_for_no_lock(cluster):
        place = of_alembic(cluster)
        place.migrate("up")
        place.write({"db/versions/3_c3.py": REVISION.format(id="c3", down="'b2'").replace(
            "create table c3 (id int)", "alter table a1 add column more int")})
        holder = cluster.session(place.database, "begin; select * from a1")
        says("tried", place.migrate("up", "--lock-tries", "2", code=FAILED), "lock timeout", "try 1 of 2", "b2 stands")
        holder.communicate("commit;\n")
        place.migrate("up")


def pooler(cluster, place, *more):
    """pgbouncer, as its own user: it will not run as root."""
    folder = cluster.own + "/pooler-" + place.database
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    port = free_port()
    with open(folder + "/ini", "w") as out:
        out.write("\n".join(["[databases]", f"* = host=127.0.0.1 port={cluster.port} user=davy password={PASSWORD}",
                             "[pgbouncer]", "listen_addr = 127.0.0.1", f"listen_port = {port}", "auth_type = any",
                             "pool_mode = transaction", "unix_socket_dir =", *more, ""]))
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "postgres", folder], check=True)
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    process = subprocess.Popen(["setpriv", "--pdeathsig", "INT", *user, shutil.which("pgbouncer", path=PATH), "-q", folder + "/ini"],
                               stdout=cluster.log, stderr=cluster.log)
    until("the pooler answers", lambda: subprocess.run(
        ["psql", "-qAtX", cluster.url(place.database, port), "-c", "select 1"], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL).returncode == 0)
    return process, port


PATH = os.environ["PATH"] + ":/usr/sbin"
if shutil.which("pgbouncer", path=PATH):
    @case
    def a_pooler_is_no_session(cluster):
        place = Place(cluster, TWO)
        process, port = pooler(cluster, place)
        says("refused", place.migrate("up", port=port, code=REFUSED), "a pooler stands between here and PostgreSQL",
             "give the address of PostgreSQL itself")
        expect("nothing was changed", place.sql("select to_regclass('orders') is null") == "t")
        says("PGOPTIONS refused", place.migrate("guard", port=port), "refuses PGOPTIONS", "alter role", '"holds": false')
        process.terminate()
        process.wait(30)
        process, port = pooler(cluster, place, "ignore_startup_parameters = options")
        says("PGOPTIONS swallowed", place.migrate("guard", port=port), "swallows PGOPTIONS", '"holds": false')
        cluster.psql("postgres", f"alter role davy in database {place.database} set lock_timeout = '700ms'")
        process.terminate()
        process.wait(30)
        process, port = pooler(cluster, place, "ignore_startup_parameters = options")
        says("on the role", place.migrate("guard", port=port), "lock_timeout is 700ms", '"holds": true')
        process.terminate()
        process.wait(30)
        cluster.psql("postgres", f"alter role davy in database {place.database} reset lock_timeout")


@case
def a_guard_is_asked_of_the_server(cluster):
    place = Place(cluster, TWO)
    says("guard", place.migrate("guard"), '"pgoptions": "-c lock_timeout=500"', "lock_timeout is 500ms", '"holds": true')
