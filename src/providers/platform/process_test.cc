#include "providers/platform/process.h"

#include <gmock/gmock.h>

#include "providers/catalogue.h"
#include "providers/platform/reach.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const ports::Place kAt{"shop", "production", "/nowhere"};

struct Machine : World {
  Machine() {
    instances.born = [this](auto& s, auto&) { s.started = clock.now(), s.log_path = dir.path + "/log"; };
    make();
  }
  void make() { platform = process_platform(outside, kAt); }
  run::Release one() const { return as("1", "shop@1"); }
  run::Release two() const { return as("2", "shop@2"); }
  run::Release as(std::string version, std::string id) const {
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  void log(const std::string& text) { std::ofstream(dir.path + "/log") << text; }
  static int port_of(const ports::InstanceSpec& spec) { return std::stoi(spec.env.at("port")); }

  TempDir dir;
  ProcessOptions options{.command = "./shop --port $port", .health = "/health", .instances = 2};
  std::unique_ptr<ports::Platform> platform;
};

std::vector<std::string> addresses(const std::vector<ports::Endpoint>& all) {
  std::vector<std::string> out;
  for (auto& e : all) out.push_back(e.address);
  return out;
}

TEST(ProcessRequest, NamesThePlaceTheReleaseAndTheIndex) {
  EXPECT_EQ(instance_key(kAt, "1.4-rc+7", 0), "shop.production/1.4-rc+7/0");
  EXPECT_EQ(instance_key(kAt, "a/b@c", 2), "shop.production/a~2fb~40c/2");
  for (std::string release : {"1.4-rc+7", "a/b@c", "shop@3~20261121-1", "~", "~7"})
    EXPECT_EQ(release_of_key(instance_key(kAt, release, 2)), release);
  EXPECT_EQ(release_of_key("shop"), "");
  EXPECT_EQ(words_of_key(instance_key(kAt, "shop@1.1.0~20261128-101613-r6g", 2)),
            "shop 1.1.0 in production, instance 2, of run 20261128-101613-r6g");
  EXPECT_EQ(words_of_key("shop"), "shop");
}

TEST(ProcessRequest, LetsTheProgramItselfHaveTheSignal) {
  EXPECT_EQ(shell_text("./shop --port $port"), "exec ./shop --port $port");
  for (std::string kept : {"cd app && ./shop", "A=1 ./shop", "exec ./shop", "./a | ./b", "if x; then y; fi"})
    EXPECT_EQ(shell_text(kept), kept);
}

TEST(ProcessRequest, PutsPortAndVersionIntoTheEnvironment) {
  auto r = request({.command = "x", .cwd = "/srv"}, kAt, {"shop@1", "1", 3, 18103},
                   {.variables = {{"previous", "0"}}, .secrets = {{"KEY", {"KEY"}}}});
  EXPECT_THAT(r.argv, ElementsAre("/bin/sh", "-c", "exec x"));
  EXPECT_EQ(r.env.at("port"), "18103");
  EXPECT_EQ(r.env.at("version"), "1");
  EXPECT_EQ(r.env.at("index"), "3");
  EXPECT_EQ(r.env.at("service"), "shop");
  EXPECT_EQ(r.env.at("previous"), "0");
  EXPECT_EQ(r.secret_env.at("KEY").name, "KEY");
  EXPECT_EQ(r.note, R"({"release":"shop@1","version":"1","index":3,"port":18103})");
}

TEST(ProcessRequest, RunsInItsReleasesOwnFolderWhereItHasOne) {
  ports::Asking who{.directory = "/plans"};
  EXPECT_EQ(request({.command = "x"}, kAt, {"shop@1", "1"}, who).cwd, "/plans");
  EXPECT_EQ(request({.command = "x", .cwd = "web"}, kAt, {"shop@1", "1"}, who).cwd, "/plans/web");
  EXPECT_EQ(request({.command = "x"}, kAt, {"shop@1", "1"}, who, "/srv/folders/1").cwd, "/srv/folders/1");
  EXPECT_EQ(request({.command = "x", .cwd = "web"}, kAt, {"shop@1", "1"}, who, "/srv/folders/1").cwd,
            "/srv/folders/1/web");
}

TEST(ProcessRequest, AsksPathOrUrlForHealth) {
  EXPECT_EQ(health_at("/health", "127.0.0.1", 18100), "http://127.0.0.1:18100/health");
  EXPECT_EQ(health_at("http://[::1]:$port/h", "127.0.0.1", 18100), "http://[::1]:18100/h");
}

TEST(ProcessOptionsTable, KnowsPortRanges) {
  auto ports = [](std::string text) { return spec::Leaf<PortRange>::parse(spec::text(std::move(text))); };
  EXPECT_EQ(ports("8100-8199"), (PortRange{8100, 8199}));
  for (auto wrong : {"8100", "9-8", "0-5", "1-70000", "a-b", "1-2-3"}) EXPECT_FALSE(ports(wrong)) << wrong;
}

std::string misfit_of(std::vector<std::pair<std::string, std::string>> options) {
  spec::Map given{{"process", {}, spec::text("./shop")}};
  for (auto& [key, value] : options) given.push_back({key, {}, spec::text(value)});
  spec::Diagnostics told;
  ports::Registry registry;
  add_platforms(registry);
  bool fits = registry.vocabulary().find("platform", "process")->check(spec::object(std::move(given)), told);
  EXPECT_EQ(fits, told.empty());
  return fits ? "" : told.sorted().front().found;
}

TEST(ProcessOptionsTable, KnowsWhatDoesNotFitTogether) {
  EXPECT_EQ(misfit_of({{"instances", "3"}, {"ports", "20000-20002"}, {"cwd", "/srv/${version}"}}), "");
  EXPECT_EQ(misfit_of({{"instances", "100"}, {"ports", "20000-20060"}}), "100 instances of a release on 61 ports");
  EXPECT_EQ(misfit_of({{"cwd", "/srv/$version"}}), "`/srv/$version`, which no shell reads");
}

TEST(Process, StartsInstancesOnPortsOfTheirOwn) {
  Machine m;
  auto all = run(m.platform->start(m.one(), 2, {}));
  ASSERT_EQ(because(all), "fine");
  EXPECT_THAT(addresses(*all), ElementsAre("127.0.0.1:18100", "127.0.0.1:18101"));
  EXPECT_EQ(all->front().says, "pid 4711");
  auto two = run(m.platform->start(m.two(), 2, {}));
  EXPECT_THAT(addresses(*two), ElementsAre("127.0.0.1:18102", "127.0.0.1:18103"));
  auto is = run(m.platform->instances(m.two(), {}));
  EXPECT_THAT(addresses(*is), ElementsAre("127.0.0.1:18102", "127.0.0.1:18103"));
  EXPECT_EQ(is->back().release, "shop@2");
}

TEST(Process, EachReleaseRunsWithItsOwnOptions) {
  Machine m;
  m.options.instances = 1;
  auto shipped = m.one();
  m.options.command = "./shop --port $port --strict";  // the plan has changed since
  ASSERT_TRUE(run(m.platform->start(m.two(), 1, {})));
  ASSERT_TRUE(run(m.platform->start(shipped, 1, {})));
  EXPECT_EQ(m.instances.specs.at("shop.production/shop~401/0").argv.at(2), "exec ./shop --port $port");
  EXPECT_EQ(m.instances.specs.at("shop.production/shop~402/0").argv.at(2), "exec ./shop --port $port --strict");
}

TEST(Process, StartingAgainKeepsWhatIsAliveAndReplacesWhatIsDead) {
  Machine m;
  ASSERT_TRUE(run(m.platform->start(m.one(), 2, {})));
  m.instances.all["shop.production/shop~401/1"].alive = false;
  ASSERT_EQ(because(run(m.platform->start(m.one(), 2, {}))), "fine");
  EXPECT_EQ(m.instances.starts, 3);
  EXPECT_EQ(m.instances.all["shop.production/shop~401/0"].pid, 4711);
}

TEST(Process, PassesOverPortsThatSomebodyListensOn) {
  Machine m;
  m.dialer.listens = [](auto& address) { return address.ends_with(":18100"); };
  EXPECT_THAT(addresses(*run(m.platform->start(m.one(), 1, {}))), ElementsAre("127.0.0.1:18101"));
}

TEST(Process, PassesOverPortsThatARouterHasForOthers) {
  Machine m;
  auto up = run(m.platform->start(m.one(), 1, {.taken = {"127.0.0.1:18100", "127.0.0.1:18102"}}));
  EXPECT_THAT(addresses(*up), ElementsAre("127.0.0.1:18101"));
}

TEST(Process, TakesTheNextPortWhenSomebodyWasFaster) {
  Machine m;
  bool stolen = false;
  m.dialer.listens = [&](auto& address) { return stolen && address.ends_with(":18100"); };
  m.instances.born = [&](auto& s, auto& spec) {
    if (Machine::port_of(spec) != 18100) return;
    stolen = true, s.alive = false, s.exit_code = 98;
  };
  EXPECT_THAT(addresses(*run(m.platform->start(m.one(), 1, {}))), ElementsAre("127.0.0.1:18101"));
}

TEST(Process, OneThatDiesSaysHowAtOnce) {
  Machine m;
  m.log("reading config\ncannot open shop.db\n");
  auto begin = m.clock.now();
  m.instances.born = [&](auto& s, auto&) {
    s.alive = false, s.exit_code = 3, s.started = begin - 400ms, s.log_path = m.dir.path + "/log";
  };
  auto done = run(m.platform->start(m.one(), 1, {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "instance 0 of shop@1 (port 18100): exit 3 after 400ms: cannot open shop.db");
  EXPECT_LT(m.clock.now() - begin, 1s);
  EXPECT_EQ(m.instances.starts, 1);
}

TEST(Process, NoInstancesAreNone) {
  auto asked = [](std::string n) {
    auto json = spec::parse_json(R"({"process": "./shop", "instances": )" + n + "}");
    return spec::decoded<ProcessOptions>(spec::from_json(*json), "shop");
  };
  EXPECT_EQ(asked("2")->instances.n, 2);
  for (auto n : {"0", "-1", "\"two\""}) EXPECT_FALSE(asked(n)) << n;
}

TEST(Process, LastWordsThatWereTurnedAwayJustNowAreFound) {
  Machine m;
  m.log("");
  std::ofstream(m.dir.path + "/log.1") << "many words\nout of memory\n";
  m.instances.born = [&](auto& s, auto&) { s.alive = false, s.exit_code = 3, s.log_path = m.dir.path + "/log"; };
  EXPECT_THAT(run(m.platform->start(m.one(), 1, {})).error().message, HasSubstr("out of memory"));
}

TEST(Process, OneThatGoesIntoTheBackgroundIsToldSo) {
  Machine m;
  bool daemon = false;
  m.dialer.listens = [&](auto&) { return daemon; };
  m.instances.born = [&](auto& s, auto&) { daemon = true, s.alive = false, s.exit_code = 0; };
  auto done = run(m.platform->start(m.one(), 1, {}));
  EXPECT_THAT(done.error().message, HasSubstr("went into the background"));
  EXPECT_THAT(done.error().hint, HasSubstr("foreground"));
}

TEST(Process, ADaemonWhoseFirstProcessEndsLateIsNoticedToo) {
  Machine m;
  m.http.answer = [&](auto&) {
    auto& s = m.instances.all.begin()->second;
    s.alive = false, s.exit_code = 0;  // right after the child's first answer
    m.dialer.listens = [](auto&) { return true; };
    return ports::HttpAnswer{.status = 200};
  };
  EXPECT_THAT(run(m.platform->start(m.one(), 1, {})).error().message, HasSubstr("went into the background"));
}

TEST(Process, OneThatNeverGetsHealthyIsGivenUp) {
  Machine m;
  m.http.answer = [](auto&) { return ports::HttpAnswer{.status = 503}; };
  auto begin = m.clock.now();
  auto done = run(m.platform->start(m.one(), 1, {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::timed_out);
  EXPECT_THAT(done.error().message, HasSubstr("is not healthy after 30s: http://127.0.0.1:18100/health answers 503"));
  EXPECT_GE(m.clock.now() - begin, 30s);
  EXPECT_TRUE(m.instances.all.begin()->second.alive) << "it stays for a look";
}

TEST(Process, WithoutHealthItMustLiveForAWhile) {
  Machine m;
  m.options.health = "";
  m.make();
  auto begin = m.clock.now();
  EXPECT_EQ(because(run(m.platform->start(m.one(), 1, {}))), "fine");
  EXPECT_GE(m.clock.now() - begin, 1s);
  EXPECT_THAT(m.http.asked, IsEmpty());
}

TEST(Process, StopsOnlyWhatItShould) {
  Machine m;
  ASSERT_TRUE(run(m.platform->start(m.one(), 3, {})));
  ASSERT_TRUE(run(m.platform->start(m.two(), 1, {})));
  ASSERT_EQ(because(run(m.platform->stop(m.one(), 1, {}))), "fine");
  EXPECT_THAT(m.instances.stopped, ElementsAre("shop.production/shop~401/1", "shop.production/shop~401/2"));
  ASSERT_EQ(because(run(m.platform->stop(m.one(), 0, {}))), "fine");
  ASSERT_EQ(because(run(m.platform->stop(m.one(), 0, {}))), "fine");
  EXPECT_THAT(*run(m.platform->instances(m.one(), {})), IsEmpty());
  EXPECT_EQ(run(m.platform->instances(m.two(), {}))->size(), 1u);
}

TEST(Process, HealthyNamesTheOneThatIsNot) {
  Machine m;
  EXPECT_THAT(run(m.platform->healthy(m.one(), {})).error().message, HasSubstr("no instance"));
  ASSERT_TRUE(run(m.platform->start(m.one(), 2, {})));
  EXPECT_EQ(because(run(m.platform->healthy(m.one(), {}))), "fine");
  m.http.answer = [](auto& r) { return ports::HttpAnswer{.status = r.url.contains("18101") ? 500 : 200}; };
  EXPECT_THAT(run(m.platform->healthy(m.one(), {})).error().message, HasSubstr("instance 1 of shop@1"));
}

TEST(Process, SaysWhenThePortsAreUsedUp) {
  Machine m;
  m.options.ports = {18100, 18100};
  m.make();
  EXPECT_THAT(run(m.platform->start(m.one(), 2, {})).error().message, HasSubstr("no port from 18100 to 18100 is free"));
}

}  // namespace
}  // namespace davy::providers
