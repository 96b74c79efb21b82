#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "view/ink.h"
#include "view/story_testing.h"

namespace davy::view::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

std::string screen(const Story& s, Look look = {}, std::string_view judge = {}) {
  auto rows = frame(s.view(), look, s.now, judge);
  return "\n" + joined(rows, "\n") + "\n";
}

TEST(Frame, ShowsABakeWithItsTrafficAndBothReleases) {
  Story s;
  s.until("25%/bake").bake_for(40s);
  EXPECT_EQ(screen(s, {.width = 80}, "storefront@3: 4 errors in 5,000 requests"), R"(
storefront 2 → 3  in production  run k3f9 by ann                          1m 40s

✓ check
  ✓ infrastructure
    ✓ Disk space                                                           120ms
    ✓ PostgreSQL answers                                                   240ms
▸ canary
  ✓ storefront
    ✓ start             start 2 of storefront 3 and wait until healthy     120ms
    ✓ attach            make storefront 3 known to the router, without us… 120ms
  ✓ 5%
    ✓ traffic           5%                                                 120ms
    ✓ bake              held over all of it                                   1m
  ▸ 25%
    ✓ traffic           25%                                                120ms
    ▸ bake              ████░░░░░░░░  watch for 2m: error_rate < 0.… 1m 20s left
  · 100%
    · traffic           give storefront 3 100% of the traffic
    · bake              watch for 2m: error_rate < 0.5%                      ~2m
· retire
  · storefront
    · drain             drain storefront 2
    · stop              stop storefront 2

users   ███████▌░░░░░░░░░░░░░░░░░░░░░░  25% on 3, 75% on 2
                             requests       errors          p95
previous 2                    1,419/s       0.085%       21.9ms
candidate 3                     473/s       0.042%         24ms

storefront@3: 4 errors in 5,000 requests
)");
}

TEST(Frame, SaysSinceWhenNotAllIsSeenAndWhyInTheBakesLineAndBelow) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  EXPECT_THAT(screen(s), Not(HasSubstr("not all is seen")));
  auto since = clock_text(s.now);
  for (int i = 0; i < 2; ++i) {
    s.second();
    s.samples.back().complete = false, s.samples.back().gap = "there is no file access.log";
  }
  EXPECT_THAT(screen(s, {.width = 120}), AllOf(HasSubstr("░  not all is seen since " + since + " "),
                                               HasSubstr("\nnot all is seen since " + since + ": there is no file")));
  EXPECT_EQ(to_json(s.view())["blind"]["why"], "there is no file access.log");
  s.second();
  EXPECT_THAT(screen(s), Not(HasSubstr("not all is seen")));
  EXPECT_TRUE(to_json(s.view())["blind"].is_null());
}

TEST(Frame, WhatWasNotSeenLongAgoSaysNothingOfNow) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  s.samples.back().complete = false;
  EXPECT_THAT(screen(s), HasSubstr("not all is seen"));
  s.after(10s);
  EXPECT_THAT(screen(s), Not(HasSubstr("not all is seen")));
}

TEST(Frame, TellsWhyItGoesBackAndWhatItIsDoing) {
  Story s;
  s.until("5%/bake").bake_for(3s);
  s.verdict(run::Consequence::roll_back, "20% fail");
  EXPECT_THAT(screen(s),
              AllOf(HasSubstr("rolling back"), HasSubstr("is being stopped"), HasSubstr("roll back: 20% fail")));
  s.end(run::Outcome::cancelled).begin().after(20ms);
  EXPECT_THAT(screen(s), HasSubstr("◂ traffic                 taking back: put the weights back as they were"));
}

TEST(Frame, OnFewRowsShowsWhatIsGoingOn) {
  Story s;
  s.until("25%/bake").bake_for(40s);
  s.verdict(run::Consequence::note, "it is said in many words that nothing much has happened as yet, and then in more");
  for (int height = 12; height < 20; ++height)
    EXPECT_THAT(screen(s, {.width = 40, .height = height}), HasSubstr("▸ bake")) << height;
}

TEST(Frame, SaysHowItStandsAndWhoHasUsersOnANarrowScreen) {
  Story s;
  s.until("25%/bake").bake_for(40s);
  EXPECT_THAT(screen(s, {.width = 40}), AllOf(HasSubstr("25% on 3, 75% on 2\n"), Not(HasSubstr("candidat…"))));
  EXPECT_THAT(screen(s, {.width = 28}), HasSubstr("users   25% on 3, 75% on 2\n"));
  s.verdict(run::Consequence::roll_back, "20% fail").end(run::Outcome::cancelled).back();
  EXPECT_THAT(screen(s, {.width = 34}), HasSubstr("storefront 2 → 3  rolled back\n"));
}

TEST(Frame, EndsWithWhatHappenedAndTheProofOfIt) {
  Story s;
  s.until("5%/bake").bake_for(3s).verdict(run::Consequence::roll_back, "20% fail");
  s.back();
  EXPECT_EQ(screen(s, {.width = 60}), R"(
storefront 2 → 3  rolled back  in production  run k3f9    4s

✓ check
  ✓ infrastructure
    ✓ Disk space                                       120ms
    ✓ PostgreSQL answers                               240ms
✗ canary
  ↩ storefront
    ↩ start       taken back                            80ms
    ↩ attach      taken back                            80ms
  ✗ 5%
    ↩ traffic     taken back                            80ms
    ✗ bake        stopped                              3.08s
    25%           2 steps not needed
    100%          2 steps not needed
  retire          2 steps not needed
✓ return
  ✓ storefront is healthy  check that 2 is healthy      80ms

rolled back: storefront 3 was taken back: 20% fail.
storefront 2 serves again, verified
  davy report k3f9
)");
}

TEST(Frame, AsksAndTellsWhatToTypeWhenItIsHeld) {
  Story s;
  s.until("25%/bake").ask("hold", "", "slow carts");
  EXPECT_THAT(screen(s), AllOf(HasSubstr("\nheld by bob: slow carts\n  davy resume k3f9   or   davy rollback k3f9\n")));
}

// It is typed by who reads it at night on whatever they have.
TEST(Frame, CutsNoCommandOnANarrowScreen) {
  Story s;
  s.until("25%/bake").verdict(run::Consequence::hold, "slow");
  auto text = screen(s, {.width = 30, .height = 40});
  EXPECT_THAT(text, HasSubstr("\n  davy waive k3f9 \\\n\"error_rate > 5%\" --why WHY\n"));
}

TEST(Frame, DoesNotOfferARollbackOverAPointOfNoReturnWhenThePreviousReleaseIsGone) {
  auto book = Shop().book;
  book.steps[3].undo = {run::UndoKind::impossible, {}};
  book.steps[4].effect = run::Effect::parts;
  Story s(book);
  s.until("5%/bake").ask("hold");
  EXPECT_THAT(screen(s), HasSubstr("davy resume k3f9   or   davy abort k3f9"));
}

TEST(Frame, FoldsWhatIsFinishedFirstAndNeverWhatGoesOn) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  auto text = screen(s, {.width = 80, .height = 24});
  EXPECT_THAT(text, AllOf(HasSubstr("✓ check                 2 steps"), HasSubstr("▸ bake"), HasSubstr("· drain")));
}

TEST(Frame, FitsAnyScreen) {
  Story s;
  s.until("25%/bake").bake_for(10s).verdict(run::Consequence::hold, std::string(900, 'x'));
  for (int width : {20, 33, 44, 80, 200})
    for (int height : {4, 8, 15, 24, 60}) {
      auto rows = frame(s.view(), {.width = width, .height = height}, s.now, "fine");
      EXPECT_LE(static_cast<int>(rows.size()), height) << width << "x" << height;
      for (auto& row : rows) EXPECT_LE(columns(row), width) << row;
    }
}

TEST(Frame, ShowsTheGoingStepOfFiveHundred) {
  run::Runbook book{.environment = "production", .version = "3"};
  book.subjects = Shop().book.subjects;
  for (int i = 0; i < 500; ++i)
    book.steps.push_back(step("rollout/release/step " + std::to_string(i), "run: step " + std::to_string(i), i,
                              {"command", "", "run", {}}));
  Story s(book);
  s.until("/step 321");
  auto rows = frame(s.view(), {.width = 80, .height = 20}, s.now);
  EXPECT_EQ(rows.size(), 20u);
  EXPECT_THAT(rows, AllOf(Contains(HasSubstr("▸ step 321")), Contains(HasSubstr("more above")),
                          Contains(HasSubstr("more below"))));
}

TEST(Frame, SpeaksAsciiWhereItMust) {
  Story s;
  s.until("25%/bake").bake_for(10s).ask("hold", "", "größer als Ω");
  for (auto& row : frame(s.view(), {.unicode = false}, s.now))
    for (unsigned char c : row) EXPECT_LT(c, 0x80) << row;
}

TEST(Frame, ColoursOnlyWhenAskedTo) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  EXPECT_THAT(frame(s.view(), {}, s.now), Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(frame(s.view(), {.colour = true}, s.now), Contains(HasSubstr("\x1b[32m✓\x1b[0m")));
}

TEST(Frame, LetsNobodyElseMoveTheCursor) {
  auto book = Shop().book;
  book.version = "3\x1b[2J", book.steps[0].says += "\x1b]0;title\x07";
  book.subjects[0].service = "shop\xe2\x80\xae\xff";
  Story s(book);
  s.until("infra").end(run::Outcome::failed, "\x1b[31mred\r\nline\xc2\x9b");
  for (auto& row : frame(s.view(), {}, s.now, "judge\x1b[1A")) {
    EXPECT_THAT(row, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\r")), Not(HasSubstr("\xe2\x80\xae")),
                           Not(HasSubstr("\xc2\x9b"))));
  }
}

run::Runbook shared_out() {
  auto book = Shop().book;
  for (auto& step : book.steps)
    if (step.exposes()) step.subject = 0;
  return book;
}

TEST(Frame, SaysUntilWhenACandidateHasSteppedAside) {
  Story s(shared_out());
  s.until("25%/bake").bake_for(10s).step_aside("25%/traffic");
  auto again = clock_text(s.now + 30s);
  EXPECT_THAT(screen(s), AllOf(HasSubstr("\nstepped aside: storefront 3 has no users until " + again +
                                         ", then it is tried again\n"),
                               HasSubstr("no users until " + again)));
  EXPECT_EQ(to_json(s.view())["waits"][0], "stepped aside: " + s.view().aside->says);
  s.begin().after(20ms).hear(run::Finished{s.state.open.back().id, run::Outcome::ok, "2 100%"});
  EXPECT_THAT(screen(s), HasSubstr("users taken away for a while")) << "the step that gave them waits to be done again";
}

TEST(Frame, SaysThatWhoHasSteppedAsideIsNotTriedAgainWhileThatIsHeld) {
  Story s(shared_out());
  s.until("25%/bake").bake_for(10s).step_aside("25%/traffic").ask("hold");
  EXPECT_THAT(screen(s), AllOf(HasSubstr("has no users; while the run is held it is not tried again\n"),
                               HasSubstr("no users while it is held"), HasSubstr("davy resume k3f9")));
  EXPECT_TRUE(to_json(s.view())["aside"]["until"].is_null());
}

TEST(Frame, SaysWhoWaivedWhat) {
  Story s;
  s.until("infra");
  auto events = s.events;
  events.push_back({static_cast<std::int64_t>(events.size()) + 1,
                    run::Skipped{s.state.open.front().step, "waived by kim: tests are down"}, s.now});
  auto rows = frame(project("k3f9", events, {}, s.now), {}, s.now);
  EXPECT_THAT(rows, Contains(HasSubstr("waived by kim: tests are down")));
}

TEST(Frame, SaysThatUsersSeeTheMaintenancePageAndNotWhoIsBehindIt) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  auto view = s.view();
  view.closed = true;
  auto text = joined(frame(view, {}, s.now), "\n");
  EXPECT_THAT(text, AllOf(HasSubstr("users   see the maintenance page"), Not(HasSubstr("25% on 3"))));
}

TEST(Frame, CountsNothingDownWhereNobodyDrivesTheRun) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  auto view = s.view();
  view.silent_since = s.now;
  EXPECT_THAT(frame(view, {}, s.now), Contains(HasSubstr("nobody watches since " + clock_text(s.now))));
}

TEST(Frame, ShowsNoNumbersOfBeforeItsDeath) {
  Story s;
  s.until("25%/bake").bake_for(10s);
  EXPECT_THAT(screen(s), HasSubstr("candidate 3"));
  s.after(6s);
  EXPECT_THAT(screen(s), Not(HasSubstr("candidate 3")));
}

TEST(Frame, SaysNoNameTwice) {
  auto book = Shop().book;
  book.steps[0].says = "Disk space: confirmation by ann";
  Story s(book);
  EXPECT_THAT(screen(s.until("infra")), AllOf(HasSubstr("Disk space"), Not(HasSubstr("Disk space: "))));
  EXPECT_THAT(runbook_tree(book, {}), Not(HasSubstr("Disk space: ")));
}

TEST(Frame, StandsOnNothing) { EXPECT_FALSE(frame(project("none", {}, {}, Time{}), {}, Time{}).empty()); }

}  // namespace
}  // namespace davy::view::testing
