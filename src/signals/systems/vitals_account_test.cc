#include "signals/systems/vitals_account.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

const Time kBegin{1'700'000'000s};

// As web-vitals 4 hands it over.
constexpr std::string_view kLcp = R"({"name":"LCP","value":2500.5,"rating":"needs-improvement","delta":2500.5,
  "entries":[],"id":"v4-1732182000000-1234567890123","navigationType":"navigate","version":"1.4.2"})";

std::string beacon(std::string_view name, double value, const std::string& id, std::string_view version = "2") {
  return R"({"name":")" + std::string(name) + R"(","value":)" + std::to_string(value) + R"(,"id":")" + id +
         R"(","version":")" + std::string(version) + "\"}";
}

std::optional<double> number(const judge::Window& w, const std::string& series, const std::string& release) {
  auto found = w.numbers.find(series);
  if (found == w.numbers.end() || !found->second.contains(release)) return {};
  return found->second.at(release);
}

TEST(Beacons, AreReadAsTheLibrarySendsThem) {
  auto read = read_beacons(kLcp, "version");
  ASSERT_EQ(read.all.size(), 1u);
  EXPECT_EQ(read.all[0].vital, Vital::lcp);
  EXPECT_DOUBLE_EQ(read.all[0].value, 2.5005) << "seconds";
  EXPECT_EQ(read.all[0].id, "v4-1732182000000-1234567890123");
  EXPECT_EQ(read.all[0].release, "1.4.2");
  EXPECT_EQ(read.broken, 0u);
}

TEST(Beacons, ComeInListsAndSomeHaveNoUnit) {
  auto read = read_beacons(R"([{"name":"CLS","value":0.25,"version":7},{"name":"page_load","value":1000},
                               {"name":"FID","value":3}])",
                           "version");
  ASSERT_EQ(read.all.size(), 2u) << "a metric that is no vital any more is no mistake";
  EXPECT_EQ(read.broken, 0u);
  EXPECT_DOUBLE_EQ(read.all[0].value, .25);
  EXPECT_EQ(read.all[0].release, "7");
  EXPECT_DOUBLE_EQ(read.all[1].value, 1);
}

TEST(Beacons, GarbageIsCounted) {
  for (auto body : {"", "{", "3", "null", "[[]]", "{}", R"({"name":"LCP"})", R"({"name":"LCP","value":"2500"})",
                    R"({"name":"LCP","value":-1})", R"({"name":"LCP","value":1e300})", R"({"name":5.5,"value":1})",
                    R"({"name":"LCP","value":1,"version":{}})", R"({"name":"LCP","value":1,"id":[1]})", "\xff\xfe{}"}) {
    auto read = read_beacons(body, "version");
    EXPECT_TRUE(read.all.empty()) << body;
    EXPECT_EQ(read.broken, 1u) << body;
  }
  EXPECT_EQ(read_beacons(beacon("LCP", 1, std::string(101, 'x')), "version").broken, 1u);
  std::string many = "[{}";
  for (int i = 0; i < 999; ++i) many += "," + beacon("LCP", 1, "");
  auto read = read_beacons(many + "]", "version");
  EXPECT_EQ(read.all.size(), 49u);
  EXPECT_EQ(read.broken, 951u);
  EXPECT_EQ(read_beacons(std::string(60'000, '['), "version").broken, 1u) << "deep, not fatal";
}

struct Account {
  VitalsAccount account{5min, true};
  void take(const std::string& body, Time at = kBegin) { account.take(read_beacons(body, "version"), at); }
  void lcp(int from, int to, std::string_view version = "2", Time at = kBegin) {  // 1 ms, 2 ms …
    for (int i = from; i <= to; ++i)
      take(beacon("LCP", i, std::string(version) + "-" + std::to_string(i), version), at);
  }
};

TEST(VitalsAccount, GivesThe75thPercentileOfEachRelease) {
  Account a;
  a.lcp(1, 100);
  a.lcp(1, 40, "3");
  auto w = a.account.look(kBegin + 1s);
  EXPECT_EQ(number(w, "lcp", "2"), .075);
  EXPECT_EQ(number(w, "lcp_p50", "2"), .050);
  EXPECT_EQ(number(w, "lcp_p95", "2"), .095);
  EXPECT_EQ(number(w, "lcp", "3"), .030);
  EXPECT_EQ(number(w, "views", "2"), 100);
  EXPECT_EQ(number(w, "views", "3"), 40);
  EXPECT_THAT(w.numbers, Not(Contains(Key("cls"))));
}

TEST(VitalsAccount, TellsHowManySessionsMetNoError) {
  VitalsAccount account(5min, true);
  auto tells = [&](int session, int errors) {
    account.take(read_beacons(beacon("errors", errors, "s" + std::to_string(session)), "version"), kBegin);
  };
  for (int i = 0; i < 50; ++i) tells(i, 0);
  EXPECT_EQ(number(account.look(kBegin), "error_free", "2"), 1);
  for (int i = 0; i < 5; ++i) tells(i, 1 + i);
  auto w = account.look(kBegin);
  EXPECT_EQ(number(w, "error_free", "2"), 0.9) << "a session whose errors grow is one session";
  EXPECT_THAT(w.numbers, Not(Contains(Key("errors_p50"))));
  EXPECT_EQ(number(w, "views", "2"), 50);
}

TEST(VitalsAccount, CannotTellFromFewViews) {
  Account a;
  a.lcp(1, 19);
  EXPECT_EQ(number(a.account.look(kBegin), "lcp", "2"), std::nullopt);
  EXPECT_EQ(number(a.account.look(kBegin), "views", "2"), 19);
  a.lcp(20, 20);
  EXPECT_EQ(number(a.account.look(kBegin), "lcp", "2"), .015);
}

TEST(VitalsAccount, TakesTheNewestValueOfAView) {
  Account a;
  for (int again = 0; again < 3; ++again)
    for (int i = 0; i < 20; ++i) a.take(beacon("CLS", .1 * again, std::to_string(i)));
  for (int i = 0; i < 20; ++i) a.take(beacon("INP", 50, std::to_string(i)));
  auto w = a.account.look(kBegin);
  EXPECT_DOUBLE_EQ(*number(w, "cls", "2"), .2);
  EXPECT_EQ(number(w, "inp", "2"), .05) << "the same id of another metric is another's";
  EXPECT_EQ(number(w, "views", "2"), 20);
}

TEST(VitalsAccount, ForgetsWhatIsOlderThanItLooksBack) {
  Account a;
  a.lcp(1, 100);
  a.lcp(501, 520, "2", kBegin + 4min);
  EXPECT_EQ(number(a.account.look(kBegin + 4min), "views", "2"), 120);
  auto w = a.account.look(kBegin + 5min);
  EXPECT_EQ(number(w, "views", "2"), 20);
  EXPECT_EQ(number(w, "lcp", "2"), .515);
  EXPECT_TRUE(a.account.look(kBegin + 10min).numbers.empty()) << "nothing is known any more";
}

TEST(VitalsAccount, NobodysBeaconsAreNotTheServices) {
  Account a;
  for (int i = 0; i < 50; ++i) a.take(R"({"name":"LCP","value":1})");
  auto w = a.account.look(kBegin);
  EXPECT_THAT(w.numbers, Not(Contains(Key("lcp"))));
  EXPECT_EQ(number(w, "unlabelled", ""), 50);
  VitalsAccount whole(5min, false);
  for (int i = 0; i < 50; ++i) whole.take(read_beacons(R"({"name":"LCP","value":1000,"version":"2"})", ""), kBegin);
  EXPECT_EQ(number(whole.look(kBegin), "lcp", ""), 1);
  EXPECT_EQ(number(VitalsAccount(5min, false).look(kBegin), "views", ""), 0);
}

TEST(VitalsAccount, IsBounded) {
  Account a;
  for (std::size_t i = 0; i < 2 * VitalsAccount::kMostReleases; ++i)
    a.take(beacon("LCP", 1, std::to_string(i), "v" + std::to_string(i)));
  EXPECT_EQ(number(a.account.look(kBegin), "broken", ""), VitalsAccount::kMostReleases);
  for (int i = 0; i < static_cast<int>(VitalsAccount::kMost) + 100; ++i)
    a.account.take({.all = {{Vital::ttfb, 1, std::to_string(i), "v1"}}, .broken = 0}, kBegin);
  auto w = a.account.look(kBegin);
  EXPECT_EQ(number(w, "views", "v1"), VitalsAccount::kMost);
  EXPECT_FALSE(number(w, "views", "v0")) << "the oldest are forgotten";
}

}  // namespace
}  // namespace davy::signals
