#include "providers/signal/postgres.h"

#include <gmock/gmock.h>

#include "real.h"

namespace davy::real {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A cluster of its own. PostgreSQL will not run as root, so then it runs as its own user.
struct Cluster {
  TempDir dir;
  unsigned short port = free_port();
  std::string bin = "/usr/lib/postgresql/15/bin/", data = dir.path + "/data", log = dir.path + "/log";
  std::unique_ptr<Server> server;

  Cluster() {
    ::chmod(dir.path.c_str(), 0711);
    std::filesystem::create_directories(dir.path + "/own");
    std::ofstream(dir.path + "/own/password") << "open sesame";
    std::ofstream(log) << "";
    if (::geteuid() == 0)
      carry_out({"chown", "-R", "postgres", dir.path + "/own", log}, log), data = dir.path + "/own/data";
    EXPECT_EQ(carry_out(as_user({bin + "initdb", "-D", data, "-U", "davy", "-A", "scram-sha-256", "--no-sync",
                                 "--pwfile", dir.path + "/own/password"}),
                        log),
              0);
    start();
  }
  ~Cluster() { server->stop(SIGINT); }  // at once, whoever is connected
  std::vector<std::string> as_user(std::vector<std::string> argv) const {
    if (::geteuid() == 0) argv.insert(argv.begin(), {"runuser", "-u", "postgres", "--"});
    return argv;
  }
  void start() {
    server = std::make_unique<Server>(
        as_user({bin + "postgres", "-D", data, "-p", std::to_string(port), "-c", "listen_addresses=127.0.0.1", "-c",
                 "unix_socket_directories=" + dir.path + "/own", "-c", "fsync=off", "-c",
                 "shared_preload_libraries=pg_stat_statements", "-c", "max_connections=20"}),
        log);
  }
  std::string url(const std::string& password = "open%20sesame") const {
    return "postgres://davy:" + password + "@127.0.0.1:" + std::to_string(port) + "/postgres";
  }
  bool up(World& world) const {
    return eventually([&] { return run(world.sql.query({.url = url(), .text = "SELECT 1"})).has_value(); });
  }
  // Davy only reads; what changes anything is psql's.
  void psql(const std::string& text) const {
    EXPECT_EQ(carry_out({bin + "psql", "-qX", "-v", "ON_ERROR_STOP=1", url(), "-c", text}, log), 0) << text;
  }
};

// One cluster for all of them: it takes longest.
class RealPostgres : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster = std::make_unique<Cluster>();
    World w;
    ASSERT_TRUE(cluster->up(w));
    cluster->psql("CREATE TABLE orders (id int PRIMARY KEY, version text, bad boolean)");
    cluster->psql(
        "INSERT INTO orders SELECT i, CASE WHEN i % 4 = 0 THEN '3' ELSE '2' END, false FROM "
        "generate_series(1, 100) i");
    cluster->psql("CREATE EXTENSION pg_stat_statements");
  }
  static void TearDownTestSuite() { cluster.reset(); }
  void SetUp() override { world.secret("DATABASE_URL", cluster->url()); }

  Result<ports::SqlRows> ask(std::string text, Duration timeout = 20s) {
    return run(
        world.sql.query({.url = "$DATABASE_URL", .text = std::move(text), .parameters = {}, .timeout = timeout}));
  }
  static std::unique_ptr<Cluster> cluster;
  World world;
};
std::unique_ptr<Cluster> RealPostgres::cluster;

TEST_F(RealPostgres, AnswersWithRows) {
  auto rows = ask("SELECT id, version, NULL AS none FROM orders ORDER BY id LIMIT 2");
  ASSERT_TRUE(rows) << because(rows);
  EXPECT_THAT(rows->columns, ::testing::ElementsAre("id", "version", "none"));
  ASSERT_EQ(rows->rows.size(), 2u);
  EXPECT_EQ(rows->rows[1][0], "2");
  EXPECT_EQ(rows->rows[0][2], std::nullopt);
  auto given = run(world.sql.query({.url = cluster->url(), .text = "SELECT $1::int + 1", .parameters = {"41"}}));
  EXPECT_EQ(given->rows[0][0], "42");
}

TEST_F(RealPostgres, IsOnlyRead) {
  auto wrong = ask("DELETE FROM orders");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(wrong.error().message, HasSubstr("read-only transaction"));
  EXPECT_FALSE(ask("COMMIT; DELETE FROM orders")) << "one statement, not two";
  EXPECT_EQ(ask("SELECT count(*) FROM orders")->rows[0][0], "100");
}

TEST_F(RealPostgres, SaysWhatIsWrongWithAStatement) {
  auto wrong = ask("SELECT nothing FROM nowhere");
  EXPECT_EQ(wrong.error().code, Code::invalid);
  EXPECT_EQ(wrong.error().message, "PostgreSQL says: relation \"nowhere\" does not exist");
  EXPECT_EQ(ask("COPY orders TO STDOUT").error().code, Code::invalid);
  EXPECT_EQ(ask("SELECT * FROM generate_series(1, 200000)").error().code, Code::invalid) << "bounded";
  EXPECT_FALSE(ask(""));
}

TEST_F(RealPostgres, EndsAStatementAtTheServerToo) {
  auto slow = ask("SELECT pg_sleep(60)", 300ms);
  EXPECT_EQ(slow.error().code, Code::timed_out);
  EXPECT_TRUE(eventually([&] {
    auto left = ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'");
    return left && left->rows[0][0] == "0";
  }));
}

TEST_F(RealPostgres, NeverShowsAPassword) {
  world.secret("WRONG_URL", cluster->url("hunter2"));
  world.secret("NO_URL", "postgres://[hunter2");
  for (auto url : {"$WRONG_URL", "$NO_URL"}) {
    auto wrong = run(world.sql.query({.url = url, .text = "SELECT 1"}));
    ASSERT_FALSE(wrong);
    EXPECT_THAT(to_string(wrong.error()), Not(HasSubstr("hunter2")));
  }
  EXPECT_EQ(run(world.sql.query({.url = "$WRONG_URL", .text = "SELECT 1"})).error().code, Code::refused);
  auto away = run(world.sql.query({.url = "postgres://a:hunter2@127.0.0.1:1/b", .text = "SELECT 1"}));
  EXPECT_EQ(away.error().code, Code::unavailable);
  EXPECT_THAT(to_string(away.error()), Not(HasSubstr("hunter2")));
}

TEST_F(RealPostgres, IsReachedByNameAndBySocket) {
  auto port = std::to_string(cluster->port);
  for (auto url :
       {"postgres://davy:open%20sesame@localhost:" + port + "/postgres",
        "host=localhost port=" + port + " user=davy password='open sesame' dbname=postgres",
        "host=" + cluster->dir.path + "/own port=" + port + " user=davy password='open sesame' dbname=postgres"}) {
    auto rows = run(world.sql.query({.url = url, .text = "SELECT 1"}));
    EXPECT_TRUE(rows) << because(rows);
  }
}

TEST_F(RealPostgres, ProbeFindsNumbersAndIndexes) {
  auto& out = world.outside();
  auto count =
      run(perform(providers::PostgresProbe{.url = "$DATABASE_URL", .query = "SELECT count(*) FROM orders"}, out, {}));
  ASSERT_TRUE(count) << because(count);
  EXPECT_EQ(count->numbers["value"], 100);
  auto index = [&](std::string name) {
    return run(perform(providers::PostgresProbe{.url = "$DATABASE_URL", .index = name}, out, {}))->words["value"];
  };
  EXPECT_EQ(index("orders_pkey"), "valid");
  EXPECT_EQ(index("orders_by_version"), "absent");
  cluster->psql("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'orders_pkey'::regclass");
  EXPECT_EQ(index("orders_pkey"), "invalid");
  cluster->psql("UPDATE pg_index SET indisvalid = true WHERE indexrelid = 'orders_pkey'::regclass");
}

TEST_F(RealPostgres, ProbeFindsWhatTheServerSaysOfItself) {
  auto& out = world.outside();
  auto seen = [&](const char* name) {
    auto found = run(perform(providers::PostgresProbe{.url = "$DATABASE_URL"}, out, {.wants = {name}}));
    EXPECT_TRUE(found) << because(found);
    return found && found->numbers.contains(name) ? found->numbers[name] : -1;
  };
  EXPECT_GT(seen("connections_left"), 0);
  EXPECT_LT(seen("connections_left"), 20);
  EXPECT_GT(seen("size"), 0);
  EXPECT_EQ(seen("lag"), -1) << "it has no replica";
  Server open({cluster->bin + "psql", "-qX", cluster->url(), "-c", "BEGIN", "-c", "SELECT pg_sleep(60)"}, cluster->log);
  EXPECT_TRUE(eventually([&] { return seen("longest_transaction") > 0.1; }));
  cluster->psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE "
      "'%pg_sleep%'");
  EXPECT_TRUE(eventually([&] { return seen("active") == 0; })) << "it is gone for those who come after";
}

TEST_F(RealPostgres, SourceSeesConnectionsQueriesAndReleases) {
  Watched signal(world.outside(), "postgres",
                 R"({"postgres": "$DATABASE_URL", "slow": "100ms", "query": "SELECT count(*) FROM orders",
                     "queries": {"by_version": "SELECT version, count(*) FROM orders GROUP BY 1"}})",
                 {.timeout = 20s});
  auto first = signal.look();
  EXPECT_EQ(number(first, ""), 100);
  EXPECT_EQ(number(first, "by_version", "3"), 25);
  EXPECT_EQ(number(first, "slow_queries"), 0);
  // Those of the looks before are still leaving.
  EXPECT_TRUE(eventually([&] { return number(signal.look(), "connections") == 0; }));
  {
    Server slow({cluster->bin + "psql", "-qX", cluster->url(), "-c", "SELECT pg_sleep(60)"}, cluster->log);
    judge::Window w;
    EXPECT_TRUE(eventually([&] {
      w = signal.look();
      return number(w, "slow_queries") == 1 && number(w, "connections") == 1;
    }));
    EXPECT_DOUBLE_EQ(*number(w, "pool_use"), 1.0 / 20);
    EXPECT_EQ(number(w, "active"), 1);
    EXPECT_GT(*number(w, "longest_query"), .1);
    EXPECT_GT(*number(w, "commits"), 0);
    EXPECT_GT(*number(w, "query_rate"), 0) << "pg_stat_statements is there";
    EXPECT_GT(*number(w, "query_mean"), 0);
  }
}

TEST_F(RealPostgres, SourceComesBack) {
  Watched signal(world.outside(), "postgres", R"({"postgres": "$DATABASE_URL"})", {.timeout = 20s});
  signal.look();
  cluster->server->stop(SIGINT);
  auto gone = signal.try_look();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::unavailable);
  EXPECT_THAT(gone.error().message, HasSubstr("away since"));
  std::this_thread::sleep_for(1s);  // so that the start times differ
  cluster->start();
  ASSERT_TRUE(cluster->up(world));
  EXPECT_EQ(number(signal.look(), "restarts"), 1);
}

}  // namespace
}  // namespace davy::real
