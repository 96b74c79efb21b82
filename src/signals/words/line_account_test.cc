#include "signals/words/line_account.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::signals {
namespace {
using namespace std::chrono_literals;

// An account that is fed by the line and read every 100 ms.
struct Listening {
  explicit Listening(LineRules rules = {}) : account(*LineAccount::of(rules)) {}
  void hear(std::string_view line) { account.line(line, now); }
  judge::Window look(Duration passed = 100ms) {
    auto from = now;
    return account.finish(from, now += passed);
  }
  LineAccount account;
  Time now{1'700'000'000s};
};

std::uint64_t count(const judge::Window& w, const std::string& series, const std::string& label = "") {
  return w.counts.at(series).at(label);
}
std::string shown(const judge::Window& w, const std::string& label = "") {
  auto series = w.shown.find("new_errors");
  if (series == w.shown.end() || !series->second.contains(label)) return "";
  std::string out;
  for (auto& [pattern, line] : series->second.at(label)) out += (out.empty() ? "" : "; ") + pattern;
  return out;
}

TEST(LineAccount, CountsLinesErrorsAndPatterns) {
  Listening log({.own = {{"PAYMENT", "payment .* refused"}, {"WARN", ""}}});
  log.hear("2026-11-21 10:00:00 ERROR payment 17 refused");
  log.hear("2026-11-21 10:00:00 INFO fine");
  log.hear("2026-11-21 10:00:01 WARN slow query: 900 ms");
  auto w = log.look();
  EXPECT_EQ(count(w, "lines"), 3u);
  EXPECT_EQ(count(w, "errors"), 1u);
  EXPECT_EQ(count(w, "PAYMENT"), 1u);
  EXPECT_EQ(count(w, "ERROR"), 1u);
  EXPECT_EQ(count(w, "SLOW_QUERY"), 1u);
  EXPECT_FALSE(w.counts.contains("WARN")) << "taken away";
  EXPECT_EQ(count(log.look(), "ERROR"), 0u) << "none is a number as well";
}

TEST(LineAccount, QuietIsTheTimeSinceTheLastError) {
  Listening log;
  EXPECT_DOUBLE_EQ(log.look(5s).numbers.at("quiet").at(""), 5);
  log.hear("ERROR no card");
  EXPECT_DOUBLE_EQ(log.look(1s).numbers.at("quiet").at(""), 1);
  log.hear("INFO fine");
  EXPECT_DOUBLE_EQ(log.look(1s).numbers.at("quiet").at(""), 2);
}

TEST(LineAccount, LinesThatNameTheirReleaseAreItsOwn) {
  for (auto by : {"release", "release=([^ ]+)"}) {
    Listening log({.release_by = by});
    log.hear("level=error release=2 msg=\"no card\"");
    log.hear("level=error release=3 msg=\"no money\"");
    log.hear("    at Shop.pay(Shop.java:7) ERROR");
    log.hear("level=error msg=\"nobody's\"");
    auto w = log.look();
    EXPECT_EQ(count(w, "errors", "2"), 1u) << by;
    EXPECT_EQ(count(w, "errors", "3"), 1u) << by;
    EXPECT_EQ(count(w, "lines", "3"), 2u) << "a stack belongs to the line before it";
    EXPECT_EQ(count(w, "errors", ""), 1u) << by;
    EXPECT_EQ(shown(w, "3"), "no money") << by;
  }
}

TEST(LineAccount, WhoseLineItIsMayBeKnownBeforehand) {
  Listening log;
  log.account.line("ERROR no card", log.now, "3");
  auto w = log.look();
  EXPECT_EQ(count(w, "errors", "3"), 1u);
  EXPECT_EQ(shown(w, "3"), "no card");
  EXPECT_EQ(count(w, "errors"), 0u);
}

TEST(LineAccount, AnErrorPatternIsToldAtOnceAndNowAndThenAgain) {
  Listening log;
  log.hear("ERROR card 4711 refused");
  auto w = log.look();
  EXPECT_EQ(shown(w), "card <*> refused");
  EXPECT_EQ(w.shown["new_errors"][""]["card <*> refused"], "ERROR card 4711 refused");
  EXPECT_EQ(count(w, "new_errors"), 0u) << "what is news, a judge says";
  log.hear("ERROR card 4712 refused");
  EXPECT_EQ(shown(log.look()), "");
  EXPECT_EQ(shown(log.look(LineAccount::kTellAgain)), "card <*> refused");
}

TEST(LineAccount, AReleaseThatShowsAnOldPatternIsToldBesideThoseThatDid) {
  Listening log({.release_by = "release"});
  log.hear("level=error release=2 msg=\"no card\"");
  log.look();
  log.hear("level=error release=3 msg=\"no card\"");
  auto w = log.look();
  EXPECT_EQ(shown(w, "2"), "no card");
  EXPECT_EQ(shown(w, "3"), "no card");
}

TEST(LineAccount, AHostileLogFillsNoMemory) {
  Listening log({.release_by = "release"});
  for (int i = 0; i < 3000; ++i)
    log.hear(fmt::format("level=error release={} msg=\"{} {} {}\"", i, std::string(i % 90 + 1, 'x'), "at last", i));
  std::size_t told = 0;
  for (int i = 0; i < 100; ++i) {
    auto w = log.look();
    EXPECT_LE(w.counts.at("lines").size(), 102u);
    EXPECT_LE(w.shown["new_errors"].size(), 102u);
    told += w.shown["new_errors"].size();
  }
  EXPECT_GT(told, 0u);
  log.hear(std::string(200'000, 'E') + "\x01\xff ERROR");
  EXPECT_EQ(count(log.look(), "lines"), 1u);
}

TEST(LineAccount, AnExampleIsShortAndPrintable) {
  Listening log;
  log.hear("ERROR \x1b[31mred\x1b[0m " + std::string(5000, 'a'));
  auto w = log.look();
  auto& line = w.shown.at("new_errors").at("").begin()->second;
  EXPECT_LT(line.size(), 400u);
  EXPECT_FALSE(line.contains('\x1b'));
}

TEST(LineAccount, APatternIsWhatItWillBeWhenItWasKept) {
  Listening log;
  log.hear("ERROR Lager f\xfcr Kunden leer");  // Latin-1
  auto w = log.look();
  auto kept = judge::decode(judge::encode(w));
  ASSERT_TRUE(kept);
  EXPECT_EQ(shown(*kept), shown(w));
  EXPECT_NE(shown(w), "");
}

TEST(LineAccount, WhatNoConditionCouldSayIsRefused) {
  EXPECT_FALSE(LineAccount::of({.own = {{"max", "x"}}}));
  EXPECT_FALSE(LineAccount::of({.own = {{"lines", "x"}}}));
  EXPECT_FALSE(LineAccount::of({.own = {{"p99", "x"}}}));
  EXPECT_FALSE(LineAccount::of({.own = {{"A", "("}}}));
  EXPECT_FALSE(LineAccount::of({.release_by = "release=[^ ]+"})) << "no group";
  EXPECT_FALSE(LineAccount::of({.release_by = "(release"}));
  EXPECT_TRUE(LineAccount::of({.release_by = "app.version"}));
}

}  // namespace
}  // namespace davy::signals
