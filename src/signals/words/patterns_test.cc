#include "signals/words/patterns.h"

#include <gmock/gmock.h>

#include <random>
#include <regex>

namespace davy::signals {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<std::uint64_t> counted(std::vector<NamedPattern> all, std::string_view lines,
                                   Patterns::How how = Patterns::How::fastest) {
  auto patterns = Patterns::of(std::move(all), how);
  EXPECT_TRUE(patterns) << (patterns ? "" : patterns.error().message);
  std::vector<std::uint64_t> out(patterns ? patterns->all().size() : 0);
  if (patterns) patterns->count(lines, out);
  return out;
}

std::vector<std::string> usual_in(std::string_view line) {
  std::vector<std::string> out;
  auto all = with_usual({});
  auto counts = counted(all, line);
  for (std::size_t i = 0; i < all.size(); ++i)
    if (counts[i]) out.push_back(all[i].name);
  return out;
}
using Names = std::vector<std::string>;

TEST(Patterns, CountALineOnceForEachName) {
  auto text = "payment of 3 failed, payment failed\nfine\npayment failed";
  EXPECT_EQ(counted({{"PAYMENT", "payment.*failed"}, {"FINE", "^fine$"}}, text), (std::vector<std::uint64_t>{2, 1}));
  EXPECT_EQ(counted({{"A", "x"}}, ""), (std::vector<std::uint64_t>{0}));
  EXPECT_EQ(counted({}, "x\n"), (std::vector<std::uint64_t>{}));
}

TEST(Patterns, NeverReachOverTheEndOfALine) {
  for (auto text : {"payment\\sfailed", "payment[^a-z]failed", "(?s)payment.failed", "payment\\nfailed"})
    EXPECT_EQ(counted({{"P", text}}, "payment\nfailed\n"), (std::vector<std::uint64_t>{0})) << text;
  EXPECT_EQ(counted({{"P", "payment\\s"}}, "payment \npayment\n"), (std::vector<std::uint64_t>{1}));
}

TEST(Patterns, MeanTheLinesEndsByAnchors) {
  for (auto how : {Patterns::How::fastest, Patterns::How::by_line}) {
    EXPECT_EQ(counted({{"P", "^b"}, {"Q", "b$"}, {"R", "\\Ab\\z"}}, "ab\nb\nba\n", how),
              (std::vector<std::uint64_t>{2, 2, 1}));
  }
}

TEST(Patterns, AreTakenAsMistakesWithNameAndPlace) {
  auto says = [](std::string name, std::string text) {
    auto made = Patterns::of({{"FIRST", "x"}, {std::move(name), std::move(text)}});
    return made ? std::string("fine") : made.error().message;
  };
  EXPECT_THAT(says("PAYMENT", "payment [z-a] failed"), AllOf(HasSubstr("PAYMENT"), HasSubstr("at character 10")));
  EXPECT_THAT(says("PAYMENT", "pay(ment"), AllOf(HasSubstr("PAYMENT"), HasSubstr("missing )")));
  EXPECT_THAT(says("PAYMENT", "(?=x)"), HasSubstr("PAYMENT"));
  EXPECT_THAT(says("PAYMENT", "x*"), HasSubstr("an empty line fits it"));
  EXPECT_THAT(says("1st", "x"), HasSubstr("no name"));
  EXPECT_THAT(says("", "x"), HasSubstr("no name"));
  EXPECT_THAT(says("FIRST", "y"), HasSubstr("twice"));
  EXPECT_FALSE(Patterns::of(std::vector<NamedPattern>(65, {"A", "x"})));
}

TEST(Patterns, TakeWhatHyperscanDoesNot) {
  auto made = Patterns::of({{"WHOLE", "\\Afirst"}, {"WORD", "\\pN"}});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->engine(), "RE2");
  std::vector<std::uint64_t> counts(2);
  made->count("first 1\nnot first\n", counts);
  EXPECT_EQ(counts, (std::vector<std::uint64_t>{1, 1}));
}

TEST(Patterns, OwnOnesTakeThePlaceOfUsualOnes) {
  auto all = with_usual({{"ERROR", "kaput"}, {"WARN", ""}, {"PAYMENT", "payment"}});
  Names names;
  for (auto& one : all) names.push_back(one.name);
  EXPECT_EQ(names, (Names{"AUTH_FAILURE", "CACHE_MISS", "ERROR", "PAYMENT", "RATE_LIMIT", "SLOW_QUERY"}));
  EXPECT_EQ(all[2].text, "kaput");
}

TEST(Patterns, KnowLevelsAsLogsWriteThem) {
  for (auto line : {"2026-11-21 10:00:00,123 [main] ERROR c.e.Shop - no stock", "{\"level\":\"error\",\"msg\":\"x\"}",
                    "ts=1 level=error msg=x", "2026/11/21 10:00:00 [error] 12#0: *1 x", "[core:error] [pid 1] x",
                    "ERROR:root:x", "FATAL:  the database system is starting up", "{\"severity\": \"CRITICAL\"}"})
    EXPECT_EQ(usual_in(line), Names{"ERROR"}) << line;
  for (auto line : {"WARNING: x", "[warn] x", "level=warn x", "{\"level\":\"warning\"}"})
    EXPECT_EQ(usual_in(line), Names{"WARN"}) << line;
  for (auto line : {"INFO 0 errors", "GET /errors/ERRORS 200", "{\"level\":\"info\",\"msg\":\"no error\"}", "terror"})
    EXPECT_EQ(usual_in(line), Names{}) << line;
}

TEST(Patterns, KnowWhatTheUsualNamesStandFor) {
  EXPECT_EQ(usual_in("LOG:  duration: 1234.567 ms  statement: SELECT 1"), Names{"SLOW_QUERY"});
  EXPECT_EQ(usual_in("LOG:  duration: 12.567 ms  statement: SELECT 1"), Names{});
  EXPECT_EQ(usual_in("slow query took 2s"), Names{"SLOW_QUERY"});
  EXPECT_EQ(usual_in("# Query_time: 3.2  Lock_time: 0"), Names{"SLOW_QUERY"});
  EXPECT_EQ(usual_in("cache miss for key 12"), Names{"CACHE_MISS"});
  EXPECT_EQ(usual_in("{\"cache\":\"miss\"}"), Names{"CACHE_MISS"});
  EXPECT_EQ(usual_in("Login failed for user bob"), Names{"AUTH_FAILURE"});
  EXPECT_EQ(usual_in("password authentication failed for user \"x\""), Names{"AUTH_FAILURE"});
  EXPECT_EQ(usual_in("sshd: Failed password for invalid user x"), Names{"AUTH_FAILURE"});
  EXPECT_EQ(usual_in("429 Too Many Requests"), Names{"RATE_LIMIT"});
  EXPECT_EQ(usual_in("rate-limited by upstream"), Names{"RATE_LIMIT"});
}

// The slow textbook way: std::regex over each line.
std::uint64_t by_the_book(const std::string& pattern, const std::string& lines) {
  std::regex re(pattern, std::regex::ECMAScript);
  std::uint64_t out = 0;
  std::string line;
  for (std::istringstream in(lines); std::getline(in, line);) out += std::regex_search(line, re);
  return out;
}

TEST(Patterns, AgreeWithTheSlowWay) {
  std::mt19937 random(7);
  std::vector<NamedPattern> all = {{"A", "ab+c"},      {"B", "^a.*b$"}, {"C", "[^a]b"},      {"D", "a\\s*b"},
                                   {"E", "\\bcab\\b"}, {"F", "c|bb"},   {"G", "a{2,3}[bc]"}, {"H", "(?:ab|ba)+c$"}};
  for (int round = 0; round < 300; ++round) {
    std::string lines;
    for (auto n = random() % 400; n > 0; --n) lines += "abc  \n"[random() % 6];
    auto fast = counted(all, lines), slow = counted(all, lines, Patterns::How::by_line);
    for (std::size_t i = 0; i < all.size(); ++i) {
      ASSERT_EQ(fast[i], by_the_book(all[i].text, lines)) << all[i].text << " in\n" << lines;
      ASSERT_EQ(slow[i], fast[i]);
    }
  }
}

TEST(Patterns, CountBlocksOfAnyLength) {
  std::string lines;
  for (int i = 0; i < 100'000; ++i) lines += i % 3 ? "all is well here, nothing to see\n" : "an ERROR of some kind\n";
  lines += std::string(3 << 20, 'x') + " ERROR\n" + "ERROR";
  EXPECT_EQ(counted({{"E", "ERROR"}}, lines)[0], 33'334u + 2);
}

}  // namespace
}  // namespace davy::signals
