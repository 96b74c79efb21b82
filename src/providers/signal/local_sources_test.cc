// Sources of this machine and of stores: command, process, machine, cgroup, disk, redis, postgres. The kernel's files
// are real ones and made-up ones.
#include <gmock/gmock.h>

#include "providers/signal/command.h"
#include "providers/signal/machine.h"
#include "providers/signal/postgres.h"
#include "providers/signal/redis.h"
#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(CommandSource, ReadsWhatIsPrintedAndLeavesNothing) {
  World world;
  world.process.answer = [](auto&) { return ports::CommandEnd{.exit_code = 0, .output = "queue=12\nlag=2 s\n"}; };
  Watched signal(world.outside, "command", R"({"command": "./stats", "output": "lines", "unit": {"lag": "ms"}})",
                 {.key = "signal-stats"});
  auto w = signal.look();
  EXPECT_EQ(number(w, "queue"), 12);
  EXPECT_EQ(number(w, "lag"), 2);
  world.clock.time += 1s;
  signal.look();
  ASSERT_EQ(world.process.asked.size(), 2u);
  EXPECT_THAT(world.process.asked.front().argv, ElementsAre("/bin/sh", "-c", "./stats"));
  EXPECT_TRUE(world.process.launched.empty());
}

TEST(CommandSource, TakesANumberForWhatThePlanSaysItMeans) {
  auto seen = [](CommandSignal o, std::string printed) {
    return *observed(o, {.exit_code = 0, .output = std::move(printed)});
  };
  spec::Measure percent{"percent", spec::Unit::ratio, 0.01}, ms{"ms", spec::Unit::seconds, 0.001};
  EXPECT_EQ(number(seen({.unit = {percent}}, "75"), ""), 0.75);
  EXPECT_EQ(number(seen({.unit = {percent}}, "75%"), ""), 0.75);
  EXPECT_EQ(number(seen({}, "75"), ""), 75);
  auto several = seen({.unit = {{}, {{"wait", ms}}}}, "wait=250\nqueue=3\nlag=12 ms\n");
  EXPECT_EQ(number(several, "wait"), 0.25);
  EXPECT_EQ(number(several, "queue"), 3);
  EXPECT_EQ(number(several, "lag"), std::nullopt) << "12 ms is neither 12 nor 0.012 until the plan says so";
  EXPECT_EQ(state(several, "lag"), "12 ms");
}

TEST(CommandSource, ThatFailsIsAway) {
  World world;
  world.process.answer = [](auto&) { return ports::CommandEnd{.exit_code = 3, .output = "x\nno such queue\n"}; };
  Watched signal(world.outside, "command", R"({"command": "./stats"})");
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("no such queue; away since"));
  EXPECT_FALSE(observed(CommandSignal{}, {.timed_out = true}));
  EXPECT_FALSE(observed(CommandSignal{}, {}));
  EXPECT_FALSE(observed(CommandSignal{.json = "a"}, {.exit_code = 0, .output = "{}"}));
}

// A made-up machine.
struct Tree {
  TempDir dir;
  void write(const std::string& path, const std::string& text) {
    auto whole = dir.path + path;
    std::filesystem::create_directories(std::filesystem::path(whole).parent_path());
    std::ofstream(whole) << text;
  }
  void process(int pid, const std::string& name, int started, int ticks, int kilobytes,
               const std::string& children = "") {
    auto at = "/proc/" + std::to_string(pid);
    write(at + "/stat", std::to_string(pid) + " (" + name + ") S 1 1 1 0 -1 0 0 0 0 0 " + std::to_string(ticks) +
                            " 0 0 0 20 0 4 0 " + std::to_string(started) + " 0 0\n");
    write(at + "/status", "Name:\tx\nVmRSS:\t" + std::to_string(kilobytes) + " kB\n");
    write(at + "/task/" + std::to_string(pid) + "/children", children);
    write(at + "/fd/0", ""), write(at + "/fd/1", "");
    write(at + "/limits", "Max open files            8                 8   files\n");
  }
  void end(int pid) { std::filesystem::remove_all(dir.path + "/proc/" + std::to_string(pid)); }
  std::string options(const std::string& kind, const std::string& what, const std::string& more = "") {
    return "{\"" + kind + "\": \"" + what + "\", \"root\": \"" + dir.path + "\"" + more + "}";
  }
};

TEST(ProcessSource, FollowsAPidFileThroughARestart) {
  World world;
  Tree tree;
  tree.write("/run/shop.pid", "42\n");
  tree.process(42, "shop", 1000, 500, 100, "43 44");
  tree.process(43, "worker", 1001, 100, 50);
  tree.process(44, "worker", 1001, 100, 50);
  Watched signal(world.outside, "process", tree.options("process", "/run/shop.pid", ", \"children\": true"));
  auto first = signal.look();
  EXPECT_EQ(number(first, "memory"), 200 * 1024);
  EXPECT_EQ(number(first, "processes"), 3);
  EXPECT_EQ(number(first, "open_files"), 6);
  EXPECT_EQ(number(first, "open_files_share"), .25);
  EXPECT_EQ(number(first, "cpu"), std::nullopt);
  world.clock.time += 10s;
  tree.process(42, "shop", 1000, 1000, 100);
  EXPECT_DOUBLE_EQ(*number(signal.look(), "cpu"), .5);
  tree.end(42), tree.end(43), tree.end(44);
  tree.write("/run/shop.pid", "77\n");
  tree.process(77, "shop", 5000, 10, 100);
  world.clock.time += 10s;
  auto w = signal.look();
  EXPECT_EQ(number(w, "restarts"), 1);
  EXPECT_EQ(number(w, "processes"), 1);
}

TEST(ProcessSource, IsAwayWithItsPidFile) {
  World world;
  Tree tree;
  Watched signal(world.outside, "process", tree.options("process", "/run/none.pid"));
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("away since"));
}

TEST(ProcessSource, SeesThatAProcessIsGone) {
  World world;
  Tree tree;
  tree.process(9, "shop", 1, 1, 1);
  Watched signal(world.outside, "process", tree.options("process", "9"));
  EXPECT_EQ(number(signal.look(), "processes"), 1);
  tree.end(9);
  EXPECT_EQ(number(signal.look(), "processes"), 0) << "that is a finding, not a lack of one";
}

TEST(ProcessSource, FindsProgramsByName) {
  World world;
  Tree tree;
  tree.process(5, "a-very-long-nam", 1, 1, 10);  // as the kernel keeps it
  tree.process(6, "a-very-long-nam", 1, 1, 10);
  tree.process(7, "another", 1, 1, 10);
  tree.write("/proc/self/stat", "nonsense");
  Watched signal(world.outside, "process", tree.options("process", "a-very-long-name-of-a-program"));
  EXPECT_EQ(number(signal.look(), "processes"), 2);
  Watched none(world.outside, "process", tree.options("process", "nobody"));
  EXPECT_THAT(none.try_look().error().message, HasSubstr("no process is called nobody"));
}

TEST(ProcessSource, KeepsReleasesOfAPlatformApart) {
  World world;
  Tree tree;
  tree.process(5, "shop", 1, 1, 10), tree.process(6, "shop", 1, 1, 30);
  world.instances.all["shop.production/shop@2/0"] = {.key = "shop.production/shop@2/0", .pid = 5, .alive = true};
  world.instances.all["shop.production/shop@3/0"] = {.key = "shop.production/shop@3/0", .pid = 6, .alive = true};
  world.instances.all["shop.production/shop@1/0"] = {.key = "shop.production/shop@1/0", .pid = 7, .alive = false};
  Watched signal(world.outside, "process", tree.options("process", "shop"));
  auto w = signal.look();
  EXPECT_EQ(number(w, "memory", "shop@2"), 10 * 1024);
  EXPECT_EQ(number(w, "memory", "shop@3"), 30 * 1024);
  world.instances.all["shop.production/shop@3/0"].alive = false;
  EXPECT_EQ(number(signal.look(), "processes", "shop@3"), 0);
}

TEST(ProcessSource, ReadsTheRealKernel) {
  World world;
  Watched self(world.outside, "process", "{\"process\": " + std::to_string(::getpid()) + "}");
  auto w = self.look();
  EXPECT_GT(*number(w, "memory"), 1e6);
  EXPECT_GE(*number(w, "threads"), 1);
  EXPECT_GE(*number(w, "open_files"), 3);
  EXPECT_EQ(number(w, "processes"), 1);
}

TEST(MachineSource, ReadsTheRealKernel) {
  World world;
  Watched machine(world.outside, "machine", R"({"machine": "/"})");
  machine.look();
  world.clock.time += 1s;
  auto w = machine.look();
  EXPECT_GT(*number(w, "memory_available"), 0);
  EXPECT_GT(*number(w, "memory"), 0);
  EXPECT_LT(*number(w, "memory"), 1);
  EXPECT_GE(*number(w, "load1"), 0);
}

TEST(CgroupSource, ReadsItsFiles) {
  World world;
  Tree tree;
  auto group = std::string("/sys/fs/cgroup/system.slice/shop.service");
  tree.write(group + "/cgroup.controllers", "cpu memory\n");
  tree.write(group + "/memory.current", "300\n"), tree.write(group + "/memory.max", "max\n");
  tree.write(group + "/memory.events", "oom_kill 2\n");
  Watched signal(world.outside, "cgroup", tree.options("cgroup", "system.slice/shop.service"));
  EXPECT_EQ(number(signal.look(), "memory"), 300);
  tree.write(group + "/memory.events", "oom_kill 3\n");
  EXPECT_EQ(number(signal.look(), "oom_kills"), 1);
  Watched none(world.outside, "cgroup", tree.options("cgroup", "system.slice/other.service"));
  EXPECT_THAT(none.try_look().error().message, HasSubstr("no control group of version 2"));
}

TEST(DiskSource, GivesTheRoomThatIsLeft) {
  World world;
  Watched disk(world.outside, "disk", R"({"disk": "/"})");
  auto w = disk.look();
  EXPECT_GT(*number(w, "free"), 0);
  EXPECT_LE(*number(w, "used"), 1);
}

TEST(RedisSource, AsksForInfo) {
  World world;
  world.redis.answer = [](auto&) { return "used_memory:5\r\nrole:master\r\nkeyspace_hits:1\r\nkeyspace_misses:1\r\n"; };
  Watched redis(world.outside, "redis", R"({"redis": "redis://r", "password": "$P"})");
  auto w = redis.look();
  EXPECT_EQ(number(w, "memory"), 5);
  EXPECT_EQ(state(w, ""), "up");
  EXPECT_THAT(world.redis.asked[0].command, ElementsAre("INFO"));
  EXPECT_EQ(world.redis.asked[0].password, "$P");
}

TEST(RedisProbe, PingsOrAsksWhatThePlanSays) {
  World world;
  EXPECT_EQ(run(perform(RedisProbe{.url = "r"}, world.outside, {}))->words["value"], "PONG");
  world.redis.answer = [](auto&) { return "42"; };
  EXPECT_EQ(run(perform(RedisProbe{.url = "r", .command = {"GET", "n"}}, world.outside, {}))->numbers["value"], 42);
  world.outside.redis = nullptr;
  EXPECT_EQ(run(perform(RedisProbe{.url = "r"}, world.outside, {})).error().code, Code::unavailable);
}

ports::SqlRows rows(std::vector<std::string> columns, std::vector<std::vector<std::optional<std::string>>> cells) {
  return {.columns = std::move(columns), .rows = std::move(cells)};
}

TEST(PostgresSource, AsksForFiguresStatementsAndThePlansOwn) {
  World world;
  int calls = 10;
  world.sql.answer = [&](const ports::SqlRequest& r) {
    if (r.text == signals::postgres_question())
      return rows({"connections", "max_connections", "statements"}, {{"4", "100", "1"}});
    if (r.text == signals::postgres_statements_question())
      return rows({"id", "calls", "seconds"}, {{"7", std::to_string(calls), std::to_string(calls * .02)}});
    return r.text == "one" ? rows({"n"}, {{"12"}})
                           : rows({"version", "n"}, {{"2", "5"}, {"3", "6"}, {std::nullopt, "x"}});
  };
  Watched signal(world.outside, "postgres",
                 R"({"postgres": "$DB", "slow": "200ms", "query": "one", "queries": {"open": "many"}})");
  auto first = signal.look();
  EXPECT_EQ(number(first, "connections"), 4);
  EXPECT_EQ(number(first, "pool_use"), .04);
  EXPECT_EQ(number(first, ""), 12);
  EXPECT_EQ(state(first, ""), "up");
  EXPECT_EQ(number(first, "open", "3"), 6);
  EXPECT_EQ(state(first, "open"), "x");
  EXPECT_THAT(world.sql.asked[0].parameters, ElementsAre("0.2"));
  EXPECT_EQ(world.sql.asked[0].url, "$DB");
  world.clock.time += 10s, calls = 30;
  auto w = signal.look();
  EXPECT_DOUBLE_EQ(*number(w, "query_rate"), 2);
  EXPECT_NEAR(*number(w, "query_mean"), .02, 1e-9);
}

TEST(RedisSource, HandsOverNothingThatIsNoNumber) {
  World world;
  world.redis.answer = [](auto&) { return "used_memory:1e308\r\nmaxmemory:1e-308\r\n"; };
  Watched redis(world.outside, "redis", R"({"redis": "r"})");
  auto w = redis.look();
  EXPECT_EQ(number(w, "memory"), 1e308);
  EXPECT_EQ(number(w, "memory_share"), std::nullopt) << "infinite";
}

TEST(PostgresSource, DoesWithoutStatementsThatItMayNotRead) {
  World world;
  world.sql.answer = [&](const ports::SqlRequest& r) -> Result<ports::SqlRows> {
    if (r.text == signals::postgres_question()) return rows({"connections", "statements"}, {{"4", "1"}});
    return fail(Code::invalid, "pg_stat_statements must be loaded via shared_preload_libraries");
  };
  Watched signal(world.outside, "postgres", R"({"postgres": "$DB"})");
  EXPECT_EQ(number(signal.look(), "connections"), 4);
}

TEST(PostgresSource, SaysWhatAQueryMustGive) {
  judge::Window out;
  EXPECT_FALSE(put_rows(rows({"a", "b", "c"}, {}), "x", {}, out));
  EXPECT_FALSE(put_rows(rows({"a"}, {{"1"}, {"2"}}), "x", {}, out));
  EXPECT_TRUE(put_rows(rows({"a"}, {}), "x", {}, out));
  EXPECT_TRUE(put_rows(rows({"a"}, {{std::nullopt}}), "x", {}, out));
  EXPECT_TRUE(out.numbers.empty());
}

TEST(PostgresSource, TakesANumberForWhatThePlanSaysItMeans) {
  judge::Window out;
  spec::Measure ms{"ms", spec::Unit::seconds, 0.001};
  EXPECT_TRUE(put_rows(rows({"version", "wait"}, {{"1", "250"}, {"2", "12 ms"}, {"3", "5%"}}), "wait", ms, out));
  EXPECT_EQ(out.numbers["wait"], (std::map<std::string, double>{{"1", 0.25}, {"2", 0.012}}));
  EXPECT_EQ(out.states["wait"]["3"], "5%");
  EXPECT_EQ(observed(PostgresProbe{.unit = ms}, rows({"n"}, {{"42"}})).numbers["value"], 0.042);
  EXPECT_FALSE(observed(PostgresProbe{}, rows({"n"}, {{"42 ms"}})).numbers.contains("value"));
}

TEST(PostgresProbe, AsksTheServerOfItselfOnlyWhereThatIsExpected) {
  World world;
  world.sql.answer = [](auto& r) {
    if (r.text == "SELECT 1") return rows({"n"}, {{"1"}});
    return rows({"connections", "connections_left", "max_connections", "lag"}, {{"40", "57", "100", std::nullopt}});
  };
  auto seen = run(perform(PostgresProbe{.url = "$DB"}, world.outside, {}));
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->numbers.contains("connections"));
  EXPECT_EQ(world.sql.asked.size(), 1u);
  seen = run(perform(PostgresProbe{.url = "$DB"}, world.outside, {.wants = {"connections_left"}}));
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->numbers["connections_left"], 57);
  EXPECT_DOUBLE_EQ(seen->numbers["pool_use"], .4);
  EXPECT_FALSE(seen->numbers.contains("lag")) << "which a server without replicas does not have";
}

TEST(PostgresProbe, AsksAQueryOrForAnIndex) {
  EXPECT_EQ(request(PostgresProbe{.url = "$DB"}, 1s).text, "SELECT 1");
  auto index = request(PostgresProbe{.url = "$DB", .index = "orders_pkey"}, 1s);
  EXPECT_THAT(index.parameters, ElementsAre("orders_pkey"));
  auto seen = observed(PostgresProbe{}, rows({"n"}, {{"42"}}));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.numbers["value"], 42);
  EXPECT_EQ(observed(PostgresProbe{.index = "i"}, rows({"v"}, {{"t"}})).words["value"], "valid");
  auto invalid = observed(PostgresProbe{.index = "i"}, rows({"v"}, {{"f"}}));
  EXPECT_FALSE(invalid.ok);
  EXPECT_EQ(invalid.says, "i is invalid");
  EXPECT_EQ(observed(PostgresProbe{.index = "i"}, rows({"v"}, {})).words["value"], "absent");
}

}  // namespace
}  // namespace davy::providers
