#include "view/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "view/ink.h"
#include "view/story_testing.h"

namespace davy::view::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(Leaf, IsTheWholeCommandThoughItHoldsSlashes) {
  EXPECT_EQ(leaf_of("rollout/release/rm -rf /tmp/x", "run: rm -rf /tmp/x"), "rm -rf /tmp/x");
  EXPECT_THAT(groups_of("rollout/release/rm -rf /tmp/x", "run: rm -rf /tmp/x"), ElementsAre("rollout", "release"));
  EXPECT_EQ(leaf_of("rollout/canary/5%/traffic", "give shop 3 5% of the traffic"), "traffic");
}

TEST(Ink, CutsByColumnsAndNotByBytes) {
  EXPECT_EQ(cut("größere Öfen", 8), "größere…");
  EXPECT_EQ(cut("日本語", 5), "日本…");
  EXPECT_EQ(cut("日本語", 4), "日…");
  EXPECT_EQ(columns("日本 a\xcc\x81"), 6);
  EXPECT_EQ(cut("abcdef", 4, false), "a...");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Ink, WrapsAtSpacesAndCutsTheLastLine) {
  EXPECT_THAT(wrapped("one two three four", 9, 2), ElementsAre("one two", "three fo…"));
  EXPECT_THAT(wrapped("onetwothree", 4, 9), ElementsAre("onet", "woth", "ree"));
}

TEST(Ink, ShowsWhatIsNotText) {
  EXPECT_EQ(clean("a\x1b[31m\nb\xff\xe2\x80\xae"), "a\\x1b[31m b\xef\xbf\xbd\\u202e");
  EXPECT_EQ(clean("2 → 3 …", false), "2 -> 3 ...");
}

TEST(Bar, ShowsEvenOnePerCent) {
  EXPECT_EQ(bar(0, 4, true), "░░░░");
  EXPECT_EQ(bar(0.001, 4, true), "▏░░░");
  EXPECT_EQ(bar(1, 4, true), "████");
  EXPECT_EQ(bar(7, 4, false), "####");
  EXPECT_EQ(bar(0.05, 4, false), "#---");
}

TEST(Percent, HasTwoFiguresAndNoMore) {
  EXPECT_EQ(percent(0.00108), "0.11%");
  EXPECT_EQ(percent(0.2019), "20%");
  EXPECT_EQ(percent(0.996), "100%");
  EXPECT_EQ(percent(0), "0%");
  EXPECT_EQ(percent(1e-7), "<0.01%");
}

TEST(Line, TellsEachEventWorthOne) {
  Story s;
  s.until("5%/bake").bake_for(2s).ask("hold", "", "slow carts");
  EXPECT_THAT(
      s.view().facts,
      ElementsAre("11:06:40 run started by ann: storefront 2 → 3 in production, 13 steps",
                  "11:06:40 check/infrastructure/Disk space  ok in 120ms",
                  "11:06:40 check/infrastructure/PostgreSQL answers  ok in 240ms",
                  "11:06:40 canary/storefront/start  ok in 120ms", "11:06:40 canary/storefront/attach  ok in 120ms",
                  "11:06:40 canary/5%/traffic  ok in 120ms  5%",
                  "11:06:40 canary/5%/bake  begins: watch for 1m: error_rate < 0.5%",
                  "11:06:42 bob asks to hold (slow carts): held", "11:06:42 held: held by bob: slow carts"));
}

TEST(Line, SaysWhatWasAskedInWords) {
  auto said = [](std::string ask, std::string about) {
    return asked_to({.ask = std::move(ask), .about = std::move(about)});
  };
  EXPECT_EQ(said("rollback", ""), "roll back");
  EXPECT_EQ(said("rollback", "keep"), "roll back (keep the data)");
  EXPECT_EQ(said("replace", "shop 4"), "ship shop 4 instead");
  EXPECT_EQ(said("settle", "not-done"), "count it as not-done");
  EXPECT_EQ(said("promote", "all"), "promote all bakes");
  EXPECT_EQ(said("waive until 2026-11-21T04:20:24Z", "latency"), "waive latency until 2026-11-21T04:20:24Z");
  EXPECT_EQ(said("confirm", "ann"), "confirm ann");
}

TEST(Line, SaysWhetherAFailureIsTheEndOfIt) {
  auto book = Shop().book;
  book.steps[3].tries = 2;
  Story s(book);
  s.until("/start").after(1s).end(run::Outcome::failed, "exit 1");
  EXPECT_EQ(s.view().facts.back(), "11:06:41 canary/storefront/start  failed after 1s, to be tried again  exit 1");
  s.after(1s).begin().after(1s).end(run::Outcome::failed, "exit 1");
  EXPECT_THAT(s.view().facts, Contains(HasSubstr("failed after 1s  exit 1")));
  EXPECT_THAT(s.view().facts.back(), HasSubstr("rolling back: rollout/canary/storefront/start: exit 1"));
}

TEST(Line, IsOneLineWhateverItSays) {
  EventLines lines({});
  Story s;
  s.until("/start").end(run::Outcome::failed, "a\nb\x1b[2J");
  for (auto& e : s.events) EXPECT_THAT(lines.next(e), AllOf(Not(HasSubstr("\n")), Not(HasSubstr("\x1b"))));
}

TEST(PlanTree, ShowsTheWayThereAndTheWayBack) {
  auto book = Shop().book;
  book.steps.erase(book.steps.begin() + 5, book.steps.begin() + 11);
  book.steps[3].tries = 3, book.steps[3].expected = 4s;
  book.steps[5].undo = {run::UndoKind::impossible, {}};
  EXPECT_EQ("\n" + runbook_tree(book, {.width = 90}), R"(
storefront 2 → 3  in production                                                at least 4s

check
  infrastructure
    Disk space
    PostgreSQL answers
canary
  storefront
    start                  start 2 of storefront 3 and wait until healthy; 3 tries     ~4s
      ↩ stop storefront 3
    attach                 make storefront 3 known to the router, without users
      ↩ take storefront 3 out of the router
retire
  storefront
    drain                  drain storefront 2
      ■ point of no return: cannot be taken back
    stop                   stop storefront 2
      ↩ start storefront 2 again

after a rollback, newest first
return
  storefront is healthy    check that 2 is healthy

judged from the candidate's first user on
error_rate > 5%            roll-back
latency.p95 > 80ms for 1m  hold
count test                 roll-back: errors, candidate against previous, 0.1% false alar…
4xx test                   hold: other answers, candidate against previous, 0.1% false al…
)");
}

TEST(PlanTree, SaysOfWhichServiceItIsTheFirstRelease) {
  auto book = Shop().book;
  book.subjects.push_back({"api", {"3", "api@3~k3f9"}, {}});
  EXPECT_THAT(runbook_tree(book, {.width = 110}), HasSubstr("first release of api: going back leaves nobody of it"));
}

TEST(PlanJson, MarksWhatCannotBeTakenBack) {
  auto book = Shop().book;
  book.steps[3].undo = {run::UndoKind::impossible, {}};
  auto json = runbook_json(book, "c0ffee");
  EXPECT_EQ(json["hash"], "c0ffee");
  EXPECT_EQ(json["steps"][3]["point_of_no_return"], true);
  EXPECT_EQ(json["steps"][2]["retreat_only"], true);
}

}  // namespace
}  // namespace davy::view::testing
