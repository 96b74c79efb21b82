#include <gmock/gmock.h>

#include "providers/catalogue.h"
#include "providers/probe/command.h"
#include "providers/probe/disk.h"
#include "providers/probe/file.h"
#include "providers/probe/net/http.h"
#include "providers/probe/net/tcp.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

spec::Value json(std::string_view text) { return spec::from_json(*spec::parse_json(text)); }

ports::Observation saw(HttpProbe o, int status, std::string body) {
  return observed(o, {.status = status, .body = std::move(body), .took = 12ms});
}

TEST(HttpProbe, AsksAsThePlanSays) {
  auto get = request({.url = "http://x/health"}, 3s);
  EXPECT_EQ(get.method, "GET");
  EXPECT_EQ(get.timeout, 3s);
  auto post =
      request(*spec::decoded<HttpProbe>(json(R"({"http": "http://x/l", "post": {"bot_id": "X"}})"), "http"), 3s);
  EXPECT_EQ(post.method, "POST");
  EXPECT_EQ(post.body, R"({"bot_id":"X"})");
  EXPECT_THAT(post.headers, ElementsAre(Pair("Content-Type", "application/json")));
}

TEST(HttpProbe, ShowsWhoItIsAndFollowsWhereThePlanSaysSo) {
  auto r = request({.url = "https://x", .ca = "ca.pem", .certificate = "me.pem", .key = "me.key", .redirects = 3}, 3s);
  EXPECT_EQ(r.ca + r.certificate + r.key, "ca.pemme.pemme.key");
  EXPECT_EQ(r.redirects, 3);
  spec::Diagnostics mistakes;
  EXPECT_FALSE(fit_together(HttpProbe{.certificate = "me.pem"}, json(R"({"http": "x"})"), mistakes));
}

TEST(HttpProbe, TellsThePhasesOfItsTime) {
  ports::HttpAnswer answer{
      .status = 200, .took = 50ms, .times = {.name = 1ms, .connect = 2ms, .tls = 8ms, .first_byte = 30ms}};
  answer.version = "2";
  auto seen = observed(HttpProbe{}, answer);
  EXPECT_DOUBLE_EQ(seen.numbers["lookup"], .001);
  EXPECT_DOUBLE_EQ(seen.numbers["connect"], .002);
  EXPECT_DOUBLE_EQ(seen.numbers["handshake"], .008);
  EXPECT_DOUBLE_EQ(seen.numbers["first_byte"], .03);
  EXPECT_EQ(seen.words["version"], "2");
}

TEST(HttpProbe, SendsSecretsByName) {
  auto bearer = request({.url = "http://x", .token = "$TOK"}, 3s);
  ASSERT_TRUE(bearer.auth);
  EXPECT_EQ(bearer.auth->secret.name, "TOK");
  World world;
  EXPECT_EQ(run(perform(HttpProbe{.url = "http://x", .token = "hunter2"}, world.outside, {})).error().code,
            Code::invalid);
  EXPECT_TRUE(world.http.asked.empty());
}

TEST(HttpProbe, IsWellWithAny2xx) {
  auto seen = saw({.url = "u"}, 204, "");
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.says, "204 in 12ms");
  EXPECT_EQ(seen.numbers["status"], 204);
  EXPECT_DOUBLE_EQ(seen.numbers["time"], .012);
  EXPECT_FALSE(saw({.url = "u"}, 503, "").ok);
}

TEST(HttpProbe, LooksInsideTheJson) {
  auto body = R"({"status": "healthy", "pool": {"free": 7}, "models": [{"name": "a"}, {"name": "b"}]})";
  EXPECT_EQ(saw({.json = "status"}, 200, body).words["value"], "healthy");
  EXPECT_EQ(saw({}, 200, "4.0.2\n").words["value"], "4.0.2") << "a page of one word";
  EXPECT_EQ(saw({}, 200, "17\n").numbers["value"], 17);
  EXPECT_EQ(saw({.json = "pool.free"}, 200, body).numbers["value"], 7);
  EXPECT_EQ(saw({.json = "models"}, 200, body).numbers["count"], 2);
  EXPECT_EQ(saw({.json = "models.1.name"}, 200, body).words["value"], "b");
  EXPECT_EQ(saw({.json = "."}, 200, R"([{"uid": "a"}, {"uid": "b"}, {"uid": "c"}])").numbers["count"], 3);
  EXPECT_EQ(saw({.json = "."}, 200, "7").numbers["value"], 7);
}

TEST(HttpProbe, SaysByWhatItIsNotWell) {
  EXPECT_THAT(saw({.url = "u"}, 503, "").unwell, ElementsAre("status"));
  EXPECT_THAT(saw({.json = "a"}, 404, "<html>").unwell, ElementsAre("status", "value"));
  EXPECT_THAT(saw({.json = "a"}, 200, "<html>").unwell, ElementsAre("value"));
}

TEST(HttpProbe, AsksTwiceWhereThePlanExpectsSomethingOfTheSecond) {
  World world;
  world.http.answer = [&](auto&) { return ports::HttpAnswer{.status = 200, .took = world.http.asked.size() * 50ms}; };
  EXPECT_EQ(run(perform(HttpProbe{.url = "http://x"}, world.outside, {}))->numbers["first"], .05);
  EXPECT_EQ(world.http.asked.size(), 1u);
  auto seen = run(perform(HttpProbe{.url = "http://x"}, world.outside, {.wants = {"first", "second"}}));
  EXPECT_EQ(seen->numbers["first"], .1);
  EXPECT_EQ(seen->numbers["second"], .15);
  EXPECT_EQ(seen->says, "200 in 100ms, then in 150ms");
  world.http.answer = [&](auto&) { return ports::HttpAnswer{.status = world.http.asked.size() % 2 == 0 ? 200 : 503}; };
  seen = run(perform(HttpProbe{.url = "http://x"}, world.outside, {.wants = {"second"}}));
  EXPECT_FALSE(seen->ok) << "it fell over at the second";
}

TEST(HttpProbe, FindsTheHeadersOfTheAnswer) {
  auto seen = observed({.url = "u"}, {.status = 200, .headers = {{"cache-control", "max-age=60"}}});
  EXPECT_EQ(seen.words["header.cache-control"], "max-age=60");
}

TEST(HttpProbe, IsNotWellWhenThePathIsMissing) {
  EXPECT_EQ(saw({.json = "a.0"}, 200, "{}").says, "200 in 12ms, but no `a.0` in the answer");
  EXPECT_EQ(saw({.json = "a"}, 200, "<html>").says, "200 in 12ms, but the answer is not JSON");
  EXPECT_FALSE(saw({.json = "models.9"}, 200, R"({"models": []})").ok);
}

TEST(HttpProbe, ThatCannotAskIsAnError) {
  World world;
  world.http.answer = [](auto&) { return fail(Code::unavailable, "connection refused"); };
  EXPECT_EQ(run(perform(HttpProbe{.url = "http://x"}, world.outside, {})).error().code, Code::unavailable);
}

TEST(TcpProbe, SeesAClosedPort) {
  World world;
  EXPECT_FALSE(run(perform(TcpProbe{"127.0.0.1:1"}, world.outside, {}))->ok);
  world.dialer.listens = [](auto&) { return true; };
  EXPECT_TRUE(run(perform(TcpProbe{"127.0.0.1:1"}, world.outside, {}))->ok);
}

TEST(CommandProbe, FindsWhatStandsInTheJsonThatItPrints) {
  auto saw = [](std::string path, std::string text) {
    return *observed(CommandProbe{.json = std::move(path)}, {.exit_code = 0, .output = std::move(text)});
  };
  EXPECT_EQ(saw("queue.waiting", R"({"queue": {"waiting": 7}})").numbers["value"], 7);
  EXPECT_EQ(saw("jobs", R"({"jobs": [1, 2, 3]})").numbers["count"], 3);
  EXPECT_EQ(saw("state", R"({"state": "idle"})").words["value"], "idle");
  EXPECT_FALSE(saw("state", "{}").ok) << "what is not there is no pass";
  EXPECT_THAT(saw("state", "oops").says, HasSubstr("what it prints is not JSON"));
}

TEST(CommandProbe, IsHandedToTheShellUntouched) {
  auto r =
      request({.text = "npm test; echo \"$version\""}, {.key = "k", .variables = {{"version", "1"}}, .timeout = 9s});
  EXPECT_THAT(r.argv, ElementsAre("/bin/sh", "-c", "npm test; echo \"$version\""));
  EXPECT_THAT(r.env, ElementsAre(Pair("version", "1")));
  EXPECT_EQ(r.timeout, 9s);
}

TEST(CommandProbe, SaysHowItEnded) {
  auto seen = *observed(CommandProbe{}, {.exit_code = 3, .output = "opening\nno such table\n", .took = 400ms});
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "exit 3 after 400ms: no such table");
  EXPECT_EQ(observed(CommandProbe{}, {.exit_code = 0, .output = " 42\n"})->numbers["value"], 42);
  EXPECT_EQ(observed(CommandProbe{}, {.timed_out = true, .took = 2s}).error().code, Code::timed_out);
  EXPECT_EQ(observed(CommandProbe{}, {}).error().code, Code::unavailable);
}

constexpr auto kPercent = [] { return spec::Measure{"percent", spec::Unit::ratio, 0.01}; };

TEST(Probes, TakeANumberForWhatThePlanSaysItMeans) {
  auto printed = [](std::string text, spec::Measure unit) {
    auto seen = *observed(CommandProbe{.unit = unit}, {.exit_code = 0, .output = std::move(text)});
    return seen.numbers.contains("value") ? std::optional(seen.numbers["value"]) : std::nullopt;
  };
  EXPECT_EQ(printed("75\n", kPercent()), 0.75);
  EXPECT_EQ(printed("75 %\n", kPercent()), 0.75);
  EXPECT_EQ(printed("75 %\n", {}), std::nullopt) << "is it 75 or 0.75?";
  EXPECT_EQ(printed("12 ms\n", kPercent()), std::nullopt);
  HttpProbe asked{.url = "u", .json = "hits", .unit = kPercent()};
  EXPECT_EQ(observed(asked, {.status = 200, .body = R"({"hits": 75})"}).numbers["value"], 0.75);
  EXPECT_EQ(observed(asked, {.status = 200, .body = R"({"hits": [1, 2]})"}).numbers["count"], 2);
}

TEST(DiskProbe, SeesInodesAndWhatIsMountedReadOnly) {
  ports::Files::Space space{.free = Bytes{5}, .total = Bytes{9}, .files_free = 0, .files = 100};
  EXPECT_THAT(observed(DiskProbe{"/"}, space).unwell, ElementsAre("inodes_free"));
  space.files = 0;
  EXPECT_TRUE(observed(DiskProbe{"/"}, space).ok) << "it does not count them";
  space.read_only = true, space.free = {};
  auto seen = observed(DiskProbe{"/"}, space);
  EXPECT_EQ(seen.says, "/ has 0 B free of 9 B, mounted read-only");
  EXPECT_THAT(seen.unwell, ElementsAre("writable"));
}

TEST(DiskProbe, CountsWhatIsFree) {
  auto seen = observed(DiskProbe{"/"}, {.free = Bytes{25'000'000'000}, .total = Bytes{100'000'000'000}});
  EXPECT_EQ(seen.says, "/ has 25 GB free of 100 GB");
  EXPECT_DOUBLE_EQ(seen.numbers["used"], .75);
  World world;
  EXPECT_TRUE(run(perform(DiskProbe{"/"}, world.outside, {}))->ok);
  EXPECT_FALSE(run(perform(DiskProbe{"/no/such"}, world.outside, {})));
}

// `davy validate` takes what a probe says that it finds for all there is.
void expect_named(const std::string& probe, spec::Map options, const ports::Observation& seen) {
  static const auto registry = [] {
    ports::Registry all;
    add_probes(all);
    return all;
  }();
  auto finds = registry.vocabulary().find("probe", probe)->finds(spec::object(std::move(options)));
  ASSERT_TRUE(finds) << probe;
  for (auto& [name, _] : seen.numbers) {
    auto found = finds->find(name);
    EXPECT_TRUE(found && found->as.kind != spec::As::Kind::word) << probe << ": the number " << name;
  }
  for (auto& [name, _] : seen.words) EXPECT_TRUE(finds->find(name)) << probe << ": " << name;
  for (auto& name : seen.unwell) EXPECT_TRUE(finds->find(name)) << probe << ": " << name;
}

TEST(Probes, FindNothingButWhatTheySayTheyFind) {
  expect_named("http", {{"http", {}, spec::text("u")}}, saw({.url = "u"}, 500, "{}"));
  expect_named("http", {{"http", {}, spec::text("u")}},
               observed({.url = "u"}, {.status = 200, .headers = {{"via", "1.1 CDN"}}, .body = "7"}));
  for (auto body : {R"({"a": 7})", R"({"a": [1]})"})
    expect_named("http", {{"http", {}, spec::text("u")}, {"json", {}, spec::text("a")}}, saw({.json = "a"}, 200, body));
  expect_named("command", {{"command", {}, spec::text("c")}},
               *observed(CommandProbe{}, {.exit_code = 0, .output = "42"}));
  expect_named("disk", {{"disk", {}, spec::text("/")}}, observed(DiskProbe{"/"}, {.total = Bytes{2}, .files = 3}));
  FileProbe file{.path = "/f", .yaml = "a"};
  spec::Map options{{"file", {}, spec::text("/f")}, {"yaml", {}, spec::text("a")}};
  for (auto& value :
       {ConfigValue{.there = true, .text = "7"}, ConfigValue{.there = true, .structured = true}, ConfigValue{}})
    expect_named("file", options,
                 observed(file, ports::Files::Stat{.size = Bytes{1}, .mode = 0600}, {.value = value}, {}));
  expect_named("file", options, observed(file, std::nullopt, {}, {}));
}

}  // namespace
}  // namespace davy::providers
