#include "analyze/account.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace davy::analyze {
namespace {
using namespace std::chrono_literals;

std::string log(std::string_view server, int status = 200, std::string_view path = "/", int second = 0, int ms = 12,
                std::string_view client = "10.0.0.1", std::string_view termination = "--") {
  return fmt::format("davy1 {} 127.0.0.1 {} shop storefront {} 0/0/0/2/{} {} 126 {} 0 1/1/1/1/0/0 GET \"{}\"",
                     1'795'225'844'000 + second * 1000, client, server, ms, status, termination, path);
}

Group group(const Account& a, std::string_view name) {
  for (auto& g : a.groups())
    if (g.name == name) return g;
  ADD_FAILURE() << "no group " << name;
  return {};
}

TEST(Account, CountsByServerAndClass) {
  Account a({}, {});
  a.block(log("s1"));
  a.block(log("s1", 404));
  a.block(log("s2", 503));
  a.block(log("s2", -1, "/", 0, 2500, "10.0.0.1", "CH"));
  a.block(log("<NOSRV>", 503, "/", 0, 0, "10.0.0.1", "SC"));
  a.block("davy1 garbage");
  a.block("Server storefront/s1 is DOWN");
  auto& c = a.counted();
  EXPECT_EQ(c.lines, 6u);
  EXPECT_EQ(c.broken, 1u);
  EXPECT_EQ(c.other, 1u);
  EXPECT_EQ(c.unreached, 1u);
  ASSERT_TRUE(a.first_broken());
  EXPECT_EQ(a.first_broken()->line, 6u);
  EXPECT_EQ(a.first_broken()->text, "davy1 garbage");
  auto s1 = group(a, "storefront/s1").figures, s2 = group(a, "storefront/s2").figures;
  EXPECT_EQ(s1.classes, (std::array<std::uint64_t, 6>{0, 0, 1, 0, 1, 0}));
  EXPECT_EQ(s1.tally.client_errors, 1u);
  EXPECT_EQ(s2.tally.errors, 1u);
  EXPECT_EQ(s2.tally.aborts, 1u);
  EXPECT_EQ(s2.longest, 2500ms);
  EXPECT_EQ(group(a, "(no server)").figures.tally.requests, 1u);
}

// A batch of lines is looked at together; what stands behind the broken one must not count.
TEST(Account, NamesTheLineThatIsBrokenWhereverItStands) {
  for (std::uint64_t number : {1, 5, 32, 33, 71, 96, 150}) {
    std::string text;
    for (std::uint64_t i = 1; i <= 200; ++i)
      text += (i == number ? "davy1 garbage" : i % 7 == 3 ? "Proxy shop started." : log("s1")) + "\n";
    for (std::size_t cut : {text.size(), text.find('\n', text.size() / 3) + 1}) {
      Account a({}, {});
      a.block(std::string_view(text).substr(0, cut));
      a.block(std::string_view(text).substr(cut));
      ASSERT_TRUE(a.first_broken());
      EXPECT_EQ(a.first_broken()->line, number);
    }
  }
}

TEST(Account, RequestsThatNameNoServerAmongThoseThatDoAreSaidToBe) {
  auto json = signals::Format::from("json");
  ASSERT_TRUE(json);
  Account a(*json, {});
  a.block(R"({"status":200,"server":"s1"})");
  a.block(R"({"status":500})");
  EXPECT_EQ(group(a, "(names no server)").figures.tally.errors, 1u);
}

TEST(Account, OnlyWhatEndedInTheTimeAskedForCounts) {
  auto begin = Time(1'795'225'844s);
  Account a({}, {.since = begin + 10s, .until = begin + 20s});
  for (int second = 0; second < 30; ++second) a.block(log("s1", 200, "/", second));
  EXPECT_EQ(group(a, "storefront/s1").figures.tally.requests, 10u);
  EXPECT_EQ(a.counted().outside, 20u);
  EXPECT_EQ(a.first(), begin + 10s);
  EXPECT_EQ(a.last(), begin + 19s);
}

TEST(Account, ByPathLeavesOutTheQuery) {
  Account a({}, {.by = By::path});
  a.block(log("s1", 200, "/a?x=1"));
  a.block(log("s2", 500, "/a?x=2"));
  EXPECT_EQ(group(a, "/a").figures.tally.requests, 2u);
  EXPECT_EQ(group(a, "/a").figures.tally.errors, 1u);
}

TEST(Account, PathsThatFailAreCounted) {
  Account a({}, {.baseline = "s1", .candidate = "s2"});
  for (int i = 0; i < 3; ++i) a.block(log("s2", 500 + i, "/cart?id=7"));
  a.block(log("s1", 502, "/cart"));
  a.block(log("s1", 502, "/login"));
  a.block(log("s1", 200, "/good"));
  auto paths = a.paths().sorted();
  ASSERT_EQ(paths.size(), 2u);
  EXPECT_EQ(paths[0].name, "/cart");
  EXPECT_EQ(paths[0].count, 4u);
  EXPECT_EQ(paths[0].value.sides, (std::array<std::uint64_t, 2>{1, 3}));
}

// The slow way: every line parsed in full, and put into maps.
TEST(Account, AgreesWithASlowAccountAndInAnyNumberOfPieces) {
  std::mt19937_64 random(9);
  std::vector<std::string> lines;
  for (int i = 0; i < 20'000; ++i)
    lines.push_back(random() % 100 == 0
                        ? "davy1 broken"
                        : log(fmt::format("s{}", random() % 5), random() % 50 == 0 ? 500 : 200,
                              fmt::format("/p{}", random() % 20), static_cast<int>(random() % 4000),
                              static_cast<int>(random() % 3000), fmt::format("10.0.0.{}", random() % 200)));
  std::map<std::string, Figures> slow;
  std::map<std::string, std::uint64_t> failing;
  std::map<Time, std::uint64_t> by_second;
  for (auto& text : lines) {
    signals::Request line;
    if (signals::parse_haproxy(text, line) != signals::Parsed::line) continue;
    auto& f = slow[std::string(line.backend) + "/" + std::string(line.server)];
    ++f.tally.requests;
    f.tally.errors += line.status >= 500;
    f.tally.latency.add(line.latency);
    f.longest = std::max(f.longest, line.latency);
    ++by_second[std::chrono::floor<std::chrono::seconds>(*line.end)];
    if (line.status >= 500) ++failing[std::string(line.path)];
  }
  for (std::size_t pieces : {1, 2, 7}) {
    std::vector<Account> accounts;
    for (std::size_t i = 0; i < pieces; ++i) accounts.emplace_back(signals::Format(), AccountOptions{});
    for (std::size_t i = 0; i < lines.size(); ++i) accounts[i % pieces].block(lines[i] + "\n");
    for (std::size_t i = 1; i < pieces; ++i) accounts[0].merge(accounts[i]);
    auto& fast = accounts[0];
    ASSERT_EQ(fast.groups().size(), slow.size());
    for (auto& g : fast.groups()) {
      EXPECT_EQ(g.figures.tally.requests, slow[g.name].tally.requests);
      EXPECT_EQ(g.figures.tally.errors, slow[g.name].tally.errors);
      EXPECT_EQ(g.figures.tally.latency, slow[g.name].tally.latency);
      EXPECT_EQ(g.figures.longest, slow[g.name].longest);
    }
    for (auto& p : fast.paths().sorted()) EXPECT_EQ(p.count, failing[p.name]) << p.name;
    std::uint64_t in_moments = 0, in_seconds = 0;
    auto moments = fast.moments();
    for (std::size_t i = 0; i < moments.size(); ++i) in_moments += moments[i].sides[0].requests;
    for (auto& [_, n] : by_second) in_seconds += n;
    EXPECT_EQ(in_moments, in_seconds);
    EXPECT_LE(moments.size(), 240u);
  }
}

TEST(Account, ServersBeyondAThousandAreTheOthers) {
  Account a({}, {.most_groups = 10});
  for (int i = 0; i < 50; ++i) a.block(log(fmt::format("s{}", i)));
  EXPECT_EQ(a.groups().size(), 11u);
  EXPECT_EQ(group(a, "(others)").figures.tally.requests, 40u);
}

TEST(Account, ServersWhoseNamesCollideAreKeptApart) {
  Account a({}, {});
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < 900; ++i) a.block(log(fmt::format("a-server-{}-with-the-same-ends", i)));
  auto groups = a.groups();
  ASSERT_EQ(groups.size(), 900u);
  for (auto& g : groups) EXPECT_EQ(g.figures.tally.requests, 3u) << g.name;
}

TEST(Account, ALogThatNamesNoServerIsOneGroup) {
  auto nginx = signals::Format::from("nginx");
  ASSERT_TRUE(nginx);
  Account a(*nginx, {});
  for (int i = 0; i < 5; ++i)
    a.block(R"(10.0.0.1 - - [21/Nov/2026:10:00:02 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/7.88.1")");
  auto b = a;
  a.merge(b);
  ASSERT_EQ(a.groups().size(), 1u);
  EXPECT_EQ(group(a, "(all)").figures.tally.requests, 10u);
}

TEST(Account, NamesThatOnlyEndAlikeAreTwo) {
  Account a({}, {});
  auto line = log("s1");
  a.block(line);
  line.replace(line.find("storefront s1"), 13, "s orefront/s1");
  a.block(line);
  EXPECT_EQ(group(a, "storefront/s1").figures.tally.requests, 1u);
  EXPECT_EQ(group(a, "s/orefront/s1").figures.tally.requests, 1u);
}

TEST(Account, ABlockIsItsLines) {
  Account lines({}, {}), block({}, {});
  std::string text;
  for (int i = 0; i < 200; ++i) {
    auto one = i % 11 == 0 ? "davy1 garbage" : i % 13 == 0 ? "" : log("s" + std::to_string(i % 3), 200 + i, "/", i);
    lines.block(one + '\n');
    text += one + '\n';
  }
  text.pop_back();
  block.block(text);
  EXPECT_EQ(block.counted().lines, lines.counted().lines);
  EXPECT_EQ(block.counted().broken, lines.counted().broken);
  EXPECT_EQ(block.counted().other, lines.counted().other);
  ASSERT_EQ(block.groups().size(), lines.groups().size());
  for (auto& one : lines.groups()) EXPECT_EQ(group(block, one.name).figures.tally, one.figures.tally) << one.name;
}

}  // namespace
}  // namespace davy::analyze
