#include "signals/traffic/accumulator.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

#include "signals/systems/haproxy_stat.h"
#include "signals/traffic/unserved.h"

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

std::string log(std::string_view server, std::string_view client = "10.0.0.1", int status = 200,
                std::string_view path = "/", std::string_view termination = "--") {
  return fmt::format("davy1 1 127.0.0.1 {} shop storefront {} 0/0/0/2/12 {} 126 {} 0 1/1/1/1/0/0 GET \"{}\"\n", client,
                     server, status, termination, path);
}

judge::Tally tally(const RawWindow& w, const std::string& server) {
  auto found = w.by_server.releases.find("storefront/" + server);
  return found == w.by_server.releases.end() ? judge::Tally{} : found->second;
}

Time at(Duration d) { return Time(1000s + d); }

TEST(Accumulator, CountsByServer) {
  Accumulator a;
  a.line(log("davy1"));
  a.line(log("davy2", "10.0.0.2", 500));
  a.line(log("davy2", "10.0.0.3", 404));
  a.line(log("davy2", "10.0.0.4", 200, "/", "CD"));
  a.line("Server storefront/davy1 is DOWN");
  auto w = a.finish(at(0s), at(100ms));
  EXPECT_EQ(w.lines, 4u);
  EXPECT_EQ(tally(w, "davy1").requests, 1u);
  auto t = tally(w, "davy2");
  EXPECT_EQ(t.requests, 3u);
  EXPECT_EQ(t.errors, 1u);
  EXPECT_EQ(t.client_errors, 1u);
  EXPECT_EQ(t.aborts, 1u);
  EXPECT_EQ(t.latency.count(), 3u);
  EXPECT_TRUE(w.by_server.complete);
  EXPECT_EQ(w.by_server.length(), 100ms);
  EXPECT_TRUE(a.finish(at(100ms), at(200ms)).by_server.releases.empty());
}

TEST(Accumulator, AClientsErrorsCountOnceOnWhicheverServerTheFirstOneFell) {
  Accumulator a;
  for (int i = 0; i < 3; ++i) a.line(log("davy1", "10.0.0.1", 500));
  for (int i = 0; i < 2; ++i) a.line(log("davy2", "10.0.0.1", 500));
  a.line(log("davy2", "10.0.0.2", 500));
  auto w = a.finish(at(0s), at(100ms));
  EXPECT_EQ(tally(w, "davy1").error_clients, 1u);
  EXPECT_EQ(tally(w, "davy1").error_squares, 9u);
  EXPECT_EQ(tally(w, "davy2").error_clients, 1u);
  EXPECT_EQ(tally(w, "davy2").errors, 3u);
}

TEST(Accumulator, IsInAHurryOnceThreeClientsFailedAndNoMoreInTheNextWindow) {
  Accumulator a;
  for (int i = 0; i < 10; ++i) a.line(log("davy1", "10.0.0.1", 500)), a.line(log("davy1", "10.0.0.2", 500));
  EXPECT_FALSE(a.urgent()) << "two clients, again and again";
  a.line(log("davy2", "10.0.0.3", 500));
  EXPECT_TRUE(a.urgent());
  a.finish(at(0s), at(20ms));
  EXPECT_FALSE(a.urgent());
}

TEST(Accumulator, WhereNobodyKnowsTheClientsEachErrorIsAReasonToHurry) {
  Accumulator a({.format = *Format::from("$upstream_addr $status $path")});
  for (int i = 0; i < 2; ++i) a.line("10.0.0.9:80 500 /");
  EXPECT_FALSE(a.urgent());
  a.line("10.0.0.9:80 500 /");
  EXPECT_TRUE(a.urgent());
}

TEST(Accumulator, AClientThatFailsIsNewsOnceInAnHourOrTwo) {
  Accumulator a;
  std::uint64_t errors = 0, refused = 0;
  for (int i = 0; i < 4 * 3600; ++i) {  // one that fails, and one that is refused, each second for four hours
    a.line(log("davy1", "10.0.0.1", 500)), a.line(log("davy1", "10.0.0.2", 404));
    auto t = tally(a.finish(at(i * 1s), at((i + 1) * 1s)), "davy1");
    errors += t.error_clients, refused += t.client_error_clients;
  }
  EXPECT_GE(errors, 2u);
  EXPECT_LE(errors, 4u);
  EXPECT_EQ(refused, errors);
}

TEST(Accumulator, CountsRequestsOfClientsWhoseFirstErrorIsBehindThem) {
  Accumulator a;
  a.line(log("davy1", "10.0.0.1", 500)), a.line(log("davy1", "10.0.0.2", 404));
  for (int i = 0; i < 3; ++i) a.line(log("davy2", "10.0.0.1")), a.line(log("davy2", "10.0.0.3"));
  auto w = a.finish(at(0s), at(100ms));
  EXPECT_EQ(tally(w, "davy1").after_error, 0u) << "the one that failed is not behind it yet";
  EXPECT_EQ(tally(w, "davy2").after_error, 3u);
  EXPECT_EQ(tally(w, "davy2").after_client_error, 0u);
  a.line(log("davy2", "10.0.0.2"));
  a.finish(at(100ms), at(200ms)), a.finish(at(200ms), at(20s)), a.finish(at(20s), at(40s));
  a.line(log("davy2", "10.0.0.1")), a.line(log("davy2", "10.0.0.2"));
  auto later = tally(a.finish(at(40s), at(41s)), "davy2");
  EXPECT_EQ(later.after_error, 1u) << "half a minute later it is known yet";
  EXPECT_EQ(later.after_client_error, 1u);
}

TEST(Accumulator, TellsWhetherClientsStayWhereTheyAre) {
  Accumulator sticky, random;
  judge::Tally stayed, moved;
  for (int i = 0; i < 100; ++i) {
    auto client = fmt::format("10.0.0.{}", i % 10);
    sticky.line(log(i % 10 < 5 ? "davy1" : "davy2", client)), random.line(log(i / 10 % 2 ? "davy1" : "davy2", client));
  }
  auto sum = [](RawWindow w, judge::Tally& into) {
    for (auto& [_, t] : w.by_server.releases) into.merge(t);
  };
  sum(sticky.finish(at(0s), at(1s)), stayed), sum(random.finish(at(0s), at(1s)), moved);
  EXPECT_EQ(stayed.newcomers, 10u);
  EXPECT_EQ(stayed.returns, 90u);
  EXPECT_EQ(stayed.moved, 0u);
  EXPECT_EQ(moved.moved, 90u);
}

TEST(Accumulator, WhatTookLongIsToldByItsAge) {
  Accumulator a;
  a.line(log("davy1"));
  a.line("davy1 1 127.0.0.1 10.0.0.9 shop storefront davy1 0/0/0/-1/5000 504 126 sH 0 1/1/1/1/0/0 GET \"/\"\n");
  auto t = tally(a.finish(at(0s), at(1s)), "davy1");
  EXPECT_EQ(t.requests, 2u);
  ASSERT_EQ(t.aged.size(), 3u) << "from 4 s to 8 s";
  EXPECT_EQ(t.aged[2], (judge::Part{.requests = 1, .errors = 1, .error_clients = 1}));
}

TEST(Accumulator, CountsByEndpointWhatManyAskFor) {
  Accumulator a;
  for (int i = 0; i < 200; ++i) a.line(log("davy1", "10.0.0.1", 200, i % 2 ? "/cart/17" : "/"));
  EXPECT_TRUE(tally(a.finish(at(0s), at(1s)), "davy1").endpoints.empty()) << "nobody knew how many would";
  a.line(log("davy1", "10.0.0.2", 500, "/cart/18")), a.line(log("davy1", "10.0.0.3", 429, "/cart/19"));
  a.line(log("davy1", "10.0.0.4", 404, "/cart/20")), a.line(log("davy1", "10.0.0.2", 500, "/seldom"));
  auto t = tally(a.finish(at(1s), at(2s)), "davy1");
  ASSERT_EQ(t.endpoints.size(), 1u);
  EXPECT_EQ(std::exchange(t.endpoints["/cart/*"].latency, {}).count(), 3u);
  EXPECT_EQ(
      t.endpoints["/cart/*"],
      (judge::Part{.requests = 3, .errors = 1, .error_clients = 1, .client_errors = 1, .client_error_clients = 1}));
}

TEST(Accumulator, TooManyRequestsAreApart) {
  Accumulator a;
  a.line(log("davy1", "10.0.0.1", 429)), a.line(log("davy1", "10.0.0.2", 404));
  auto t = tally(a.finish(at(0s), at(1s)), "davy1");
  EXPECT_EQ(t.client_errors, 2u);
  EXPECT_EQ(t.limited, 1u);
  EXPECT_EQ(t.client_error_clients, 1u);
}

TEST(Accumulator, RepeatsTellACrowdFromAProxy) {
  Accumulator many, one;
  for (int i = 0; i < 200; ++i) many.line(log("davy1", fmt::format("10.0.0.{}", i))), one.line(log("davy1"));
  EXPECT_EQ(tally(many.finish(at(0s), at(1s)), "davy1").repeats, 200u);
  EXPECT_EQ(tally(one.finish(at(0s), at(1s)), "davy1").repeats, 200u * 201 / 2);
}

TEST(Accumulator, LeavesOutHealthPathsAndWhatReachedNoServer) {
  Accumulator a({.excluded = {"/health", "/internal/*"}});
  for (auto path : {"/health", "/health?x=1", "/internal/a/b"}) a.line(log("davy1", "1.1.1.1", 500, path));
  for (auto path : {"/healthy", "/internal", "/"}) a.line(log("davy1", "1.1.1.1", 200, path));
  a.line(log("<NOSRV>", "1.1.1.1", 503, "/", "PR"));
  auto w = a.finish(at(0s), at(1s));
  EXPECT_EQ(w.excluded, 3u);
  EXPECT_EQ(w.unreached, 1u);
  EXPECT_EQ(tally(w, "davy1").requests, 3u);
}

TEST(Accumulator, CountsOnlyThePathsThatItWasTold) {
  Accumulator a({.excluded = {"/api/payments/health"}, .included = {"/api/payments*", "/pay"}});
  for (auto path : {"/api/payments", "/api/payments/7?x=1", "/pay"}) a.line(log("davy1", "1.1.1.1", 200, path));
  for (auto path : {"/", "/paying", "/api", "/api/payments/health"}) a.line(log("davy1", "1.1.1.1", 500, path));
  auto w = a.finish(at(0s), at(1s));
  EXPECT_EQ(w.excluded, 4u);
  EXPECT_EQ(tally(w, "davy1").requests, 3u);
  EXPECT_EQ(tally(w, "davy1").errors, 0u);
}

// A backend of which nobody is up: its release failed, or nobody knows whose it was to be.
TEST(ReleaseMap, RequestsForWhichNoServerWasThereAreTheirBackendsReleases) {
  Accumulator a;
  for (int i = 0; i < 98; ++i) a.line(log("davy1"));
  for (int i = 0; i < 2; ++i) a.line(log("<NOSRV>", "1.1.1.1", 503, "/", "SC"));
  auto by_server = a.finish(at(0s), at(1s)).by_server;
  auto backend = by_server.releases.begin()->first;
  backend = backend.substr(0, backend.find('/') + 1);
  ReleaseMap one, two;
  one.set(backend + "davy1", "candidate"), one.set(backend + "davy2", "candidate");
  EXPECT_FALSE(one.apply(by_server).complete) << "a first release: it may not have been there yet";
  one.set("another/web1", "previous");
  auto w = one.apply(by_server);
  EXPECT_TRUE(w.complete);
  EXPECT_EQ(w.releases["candidate"].requests, 100u);
  EXPECT_EQ(w.releases["candidate"].errors, 2u);
  EXPECT_TRUE(w.numbers.empty());
  two.set(backend + "davy1", "previous"), two.set(backend + "davy2", "candidate");
  auto nobodys = two.apply(by_server);
  EXPECT_FALSE(nobodys.complete);
  EXPECT_EQ(nobodys.gap,
            "2 of 100 requests failed because no server was there (" + backend + "<NOSRV>), and nobody knows for whom");
}

// Beside it must stand another release of the same service: that another service has a backend says nothing of this
// one.
TEST(ReleaseMap, AFirstReleaseBesideAnUpdateOfAnotherServiceIsNotToBlameForTheTimeBeforeIt) {
  Accumulator a;
  for (int i = 0; i < 3; ++i) a.line(log("<NOSRV>", "1.1.1.1", 503, "/", "SC"));
  auto by_server = a.finish(at(0s), at(1s)).by_server;
  ReleaseMap map;
  map.set("storefront/davy1", "api@2~r2"), map.set("storefront/davy2", "api@2~r2");
  map.set("web/davy1", "shop@1~r1"), map.set("web/davy2", "shop@2~r2");
  EXPECT_TRUE(map.apply(by_server).releases.empty());
  EXPECT_FALSE(map.apply(by_server).complete) << "whose they were nobody knows, and that is no sight";
  map.set("again/davy1", "api@2~r2");
  EXPECT_TRUE(map.apply(by_server).releases.empty()) << "its own second backend is nobody beside it";
  map.set("blue/davy1", "api@1~r1");
  EXPECT_EQ(map.apply(by_server).releases["api@2~r2"].errors, 3u);
}

TEST(Unserved, AMomentWithoutRequestsIsNoSignThatTheBackendIsBack) {
  Accumulator a;
  ReleaseMap map;
  map.set("storefront/davy1", "previous");
  Unserved unserved;
  auto next = [&](std::vector<std::string> lines) {
    for (auto& one : lines) a.line(one);
    auto by_server = a.finish(at(0s), at(1s)).by_server;
    auto out = map.apply(by_server);
    unserved.see(map, by_server, out);
    return out;
  };
  EXPECT_TRUE(next({log("davy1")}).complete);
  EXPECT_TRUE(next({}).complete) << "nobody came: nothing is wrong with that";
  EXPECT_FALSE(next({log("<NOSRV>", "1.1.1.1", 503, "/", "SC")}).complete);
  EXPECT_TRUE(next({}).gap.starts_with("1 of 1 requests failed because no server was there"));
  EXPECT_FALSE(next({}).complete) << "and none came since that was served";
  EXPECT_TRUE(next({log("davy1")}).complete);
  EXPECT_TRUE(next({}).complete);
}

TEST(Accumulator, WhatNobodySaysHowItEndedIsUntold) {
  Accumulator a({.format = *Format::from("json:grpc=grpc", {.release = "v"})});
  for (auto grpc : {"0", "StatusCode.OK", "99"}) a.line(fmt::format(R"({{"status":200,"grpc":"{}","v":"v2"}})", grpc));
  auto t = a.finish(at(0s), at(1s)).by_server.releases["/v2"];
  EXPECT_EQ(t.requests, 3u);
  EXPECT_EQ(t.errors, 0u);
  EXPECT_EQ(t.untold, 1u);
}

TEST(Accumulator, BrokenLinesAreCountedAndManyMakeItIncomplete) {
  Accumulator a;
  for (int i = 0; i < 200; ++i) a.line(log("davy1"));
  a.line("davy1 garbage");
  auto w = a.finish(at(0s), at(1s));
  EXPECT_EQ(w.broken, 1u);
  EXPECT_TRUE(w.by_server.complete);
  a.line(log("davy1"));
  a.line("davy1 garbage");
  EXPECT_FALSE(a.finish(at(1s), at(2s)).by_server.complete);
  EXPECT_FALSE(a.finish(at(2s), at(3s), false).by_server.complete);
}

TEST(Accumulator, MemoryStaysBounded) {
  Accumulator a({.most_servers = 10});
  for (int i = 0; i < 300'000; ++i) a.line(log(fmt::format("s{}", i % 20), fmt::format("c{}", i), 500));
  auto w = a.finish(at(0s), at(1s));
  EXPECT_EQ(w.by_server.releases.size(), 10u);
  EXPECT_EQ(w.broken, 150'000u);
  EXPECT_EQ(tally(w, "s1").error_clients, 15'000u);
}

TEST(ReleaseMap, GathersTheServersOfARelease) {
  Accumulator a;
  for (auto server : {"davy1", "davy2", "davy3", "davy4"}) a.line(log(server));
  auto w = a.finish(at(0s), at(1s)).by_server;
  w.numbers["sessions"] = {{"storefront/davy1", 2}, {"storefront/davy2", 3}, {"storefront/davy4", 9}};
  ReleaseMap map;
  map.set("storefront/davy1", "shop@2");
  map.set("davy2", "shop@2");
  map.set("davy3", "shop@3");
  std::uint64_t strangers = 0;
  auto by_release = map.apply(w, &strangers);
  EXPECT_EQ(by_release.releases["shop@2"].requests, 2u);
  EXPECT_EQ(by_release.releases["shop@3"].requests, 1u);
  EXPECT_EQ(by_release.numbers["sessions"], (std::map<std::string, double>{{"shop@2", 5}}));
  EXPECT_EQ(strangers, 1u);
  map.forget("davy3");
  EXPECT_FALSE(map.apply(w).releases.contains("shop@3"));
}

TEST(ReleaseMap, ServersOfTwoBackendsWithOneNameAreTwo) {
  ReleaseMap map;
  map.set("shop/davy1", "shop@2");
  map.set("front/davy1", "front@1");
  map.set("shop/davy2", "shop@1");
  EXPECT_EQ(*map.find("shop/davy1"), "shop@2");
  EXPECT_EQ(*map.find("front/davy1"), "front@1");
  EXPECT_EQ(map.find("other/davy1"), nullptr);
}

TEST(ReleaseMap, ALogThatNamesNoBackendMeansTheOnlyServerOfThatName) {
  ReleaseMap map;
  map.set("shop/davy1", "shop@2");
  map.set("front/davy1", "front@1");
  map.set("shop/davy2", "shop@1");
  map.set("again/davy2", "shop@1");
  EXPECT_EQ(*map.find("/davy2"), "shop@1");
  EXPECT_EQ(*map.find("davy2"), "shop@1");
  EXPECT_EQ(map.find("/davy1"), nullptr) << "of which of the two, nobody knows";
  EXPECT_EQ(map.find("/avy2"), nullptr);
}

constexpr std::string_view kCsv =
    "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,type,"
    "hrsp_5xx,last_agt,\n"
    "shop,FRONTEND,,,3,9,4000,100,1,1,0,0,0,,,,,OPEN,,0,0,,\n"
    "storefront,davy1,1,2,3,4,,50,1,1,,0,,5,6,2,568,UP 1/2,190,2,7,\"a, b\",\n"
    "storefront,davy2,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,10,2,0,,\n"
    "storefront,BACKEND,0,0,3,4,400,50,1,1,0,0,,5,6,2,568,UP,200,1,7,,\n\n";

TEST(ShowStat, ReadsServersOnly) {
  auto stats = parse_show_stat(kCsv);
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->size(), 2u);
  ServerStat expected{"UP 1/2", 190, 3, 1, 50, 2, 568, 5, 6, 7};
  EXPECT_EQ(stats->at("storefront/davy1"), expected);
  EXPECT_EQ(stats->at("storefront/davy2").status, "MAINT");
}

TEST(ShowStat, ReadsTheTypedFormToo) {
  auto stats = parse_show_stat(
      "F.1.0.0.pxname.1:KNSt:str:shop\nF.1.0.1.svname.1:KNSt:str:FRONTEND\n"
      "S.3.1.0.pxname.1:KNSt:str:storefront\nS.3.1.1.svname.1:KNSt:str:davy1\nS.3.1.4.scur.1:MGPu:u32:3\n"
      "S.3.1.16.wredis.1:MCPu:u64:568\nS.3.1.17.status.1:SGPt:str:UP\nS.3.1.32.type.1:CGSu:u32:2\n");
  ASSERT_TRUE(stats);
  ASSERT_EQ(stats->size(), 1u);
  EXPECT_EQ(stats->at("storefront/davy1").redispatched, 568u);
  EXPECT_EQ(stats->at("storefront/davy1").status, "UP");
}

TEST(ShowStat, RubbishIsAnError) {
  EXPECT_FALSE(parse_show_stat(""));
  EXPECT_FALSE(parse_show_stat("Unknown command"));
  EXPECT_FALSE(parse_show_info("Unknown command"));
  EXPECT_TRUE(parse_show_stat("# pxname,svname\n,,,\n\"")->empty());
}

TEST(ShowInfo, TellsReloadsAndDroppedLogs) {
  auto info = parse_show_info("Name: HAProxy\nPid: 77\nUptime_sec: 12\nDroppedLogs: 4\n");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->pid, 77u);
  EXPECT_EQ(info->dropped_logs, 4u);
}

TEST(StatDeltas, ChargeTheServerThatRequestsWereTakenFrom) {
  StatDeltas deltas;
  std::map<std::string, ServerStat> stats{{"b/s1", {.sessions = 4, .requests = 10, .redispatched = 100}}};
  EXPECT_TRUE(deltas.see(stats, at(0s), at(1s)).releases.empty()) << "the past is nobody's";
  stats["b/s1"].redispatched = 103, stats["b/s1"].retried = 6, stats["b/s1"].requests = 15;
  EXPECT_EQ(deltas.see(stats, at(1s), at(2s)).releases["b/s1"].redispatched, 3u);
  EXPECT_EQ(deltas.requests().at("b/s1"), 2u) << "5 attempts, 3 of them went to another server";
  stats["b/s1"] = {.requests = 2, .retried = 1};  // a reload
  auto w = deltas.see(stats, at(2s), at(3s));
  EXPECT_EQ(w.releases["b/s1"].redispatched, 1u);
  EXPECT_EQ(w.numbers["sessions"]["b/s1"], 0);
  EXPECT_EQ(deltas.requests().at("b/s1"), 1u);
}

TEST(ReleaseMap, SeriesGetTheSignalsNameAndLabelsBecomeReleases) {
  ReleaseMap map;
  map.set("3", "shop@3"), map.set("three", "shop@3");
  judge::Window seen;
  seen.numbers["quiet"] = {{"", 7}, {"3", 1}, {"stranger", 9}};
  seen.states[""][""] = "up";
  seen.counts["ERROR"] = {{"3", 2}, {"three", 5}, {"stranger", 9}};
  seen.shown["new_errors"] = {{"3", {{"a", "x"}}}, {"three", {{"b", "y"}}}};
  judge::Window out;
  map.take(seen, "app", out);
  EXPECT_EQ(out.numbers["app.quiet"], (std::map<std::string, double>{{"", 7}, {"shop@3", 1}}));
  EXPECT_EQ(out.states["app"][""], "up");
  EXPECT_EQ(out.counts["app.ERROR"], (std::map<std::string, std::uint64_t>{{"shop@3", 7}})) << "they add up";
  EXPECT_EQ(out.shown["app.new_errors"]["shop@3"], (std::map<std::string, std::string>{{"a", "x"}, {"b", "y"}}));
}

}  // namespace
}  // namespace davy::signals
