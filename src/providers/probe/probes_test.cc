#include <gmock/gmock.h>

#include "providers/catalogue.h"
#include "providers/probe/command.h"
#include "providers/probe/disk.h"
#include "providers/probe/file.h"
#include "providers/probe/http.h"
#include "providers/probe/tcp.h"
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

TEST(DiskProbe, CountsWhatIsFree) {
  auto seen = observed(DiskProbe{"/"}, {Bytes{25'000'000'000}, Bytes{100'000'000'000}});
  EXPECT_EQ(seen.says, "/ has 25 GB free of 100 GB");
  EXPECT_DOUBLE_EQ(seen.numbers["used"], .75);
  World world;
  EXPECT_TRUE(run(perform(DiskProbe{"/"}, world.outside, {}))->ok);
  EXPECT_FALSE(run(perform(DiskProbe{"/no/such"}, world.outside, {})));
}

TEST(FileProbe, SeesSizeAndMode) {
  auto seen = observed(FileProbe{"/f"}, ports::Files::Stat{Bytes{12}, 0600, false});
  EXPECT_EQ(seen.words["mode"], "600");
  EXPECT_EQ(seen.numbers["size"], 12);
  EXPECT_FALSE(observed(FileProbe{"/f"}, std::nullopt).ok);
  EXPECT_EQ(observed(FileProbe{"/f"}, std::nullopt).words["exists"], "false");
}

// `davy validate` takes what a probe says that it finds for all there is.
void expect_named(const std::string& probe, spec::Map options, const ports::Observation& seen) {
  static const auto registry = [] {
    ports::Registry all;
    add_probes(all);
    return all;
  }();
  auto names = registry.vocabulary().find("probe", probe)->fields(spec::object(std::move(options)));
  for (auto& [name, _] : seen.numbers) EXPECT_THAT(names, ::testing::Contains(name)) << probe;
  for (auto& [name, _] : seen.words) EXPECT_THAT(names, ::testing::Contains(name)) << probe;
}

TEST(Probes, FindNothingButWhatTheySayTheyFind) {
  expect_named("http", {{"http", {}, spec::text("u")}}, saw({.url = "u"}, 200, "{}"));
  for (auto body : {R"({"a": 7})", R"({"a": [1]})"})
    expect_named("http", {{"http", {}, spec::text("u")}, {"json", {}, spec::text("a")}}, saw({.json = "a"}, 200, body));
  expect_named("command", {{"command", {}, spec::text("c")}},
               *observed(CommandProbe{}, {.exit_code = 0, .output = "42"}));
  expect_named("disk", {{"disk", {}, spec::text("/")}}, observed(DiskProbe{"/"}, {Bytes{1}, Bytes{2}}));
  expect_named("file", {{"file", {}, spec::text("/f")}}, observed(FileProbe{"/f"}, ports::Files::Stat{Bytes{1}, 0600}));
  expect_named("file", {{"file", {}, spec::text("/f")}}, observed(FileProbe{"/f"}, std::nullopt));
}

}  // namespace
}  // namespace davy::providers
