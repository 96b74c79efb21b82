#include "run/state.h"
#include "watch/alarms.h"
#include "watch/opening.h"
#include "watch/watch_testing.h"

namespace davy::watch {
namespace {

using run::Consequence;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(Watch, LooksWhenItIsDueAndIsOver) {
  Story story({once("five-minutes", 5min), once("day", 24h)});
  EXPECT_THAT(story.want(4min).looks, IsEmpty());
  EXPECT_EQ(story.want(4min).wake, at(5min));
  story.look(5min);
  EXPECT_EQ(story.want(6min).wake, at(24h));
  EXPECT_FALSE(story.s.over);
  story.look(24h + 1s);
  ASSERT_TRUE(story.s.over);
  EXPECT_THAT(story.want(25h).looks, IsEmpty());
  EXPECT_THAT(story.told, IsEmpty());
}

TEST(Watch, WhatFailsIsToldOnceAgainAfterFourHoursAndWhenItIsWell) {
  Story story({beats("metrics", {{1h, {}}})});
  for (auto hour : {1h, 2h, 3h, 4h, 5h, 6h})
    story.look(hour, hour < 6h ? Seen::failed : Seen::well, "error_rate is 7%");
  EXPECT_THAT(story.told,
              ElementsAre(HasSubstr("error_rate is 7%"), HasSubstr("error_rate is 7%"), HasSubstr("well again")));
}

TEST(Watch, WhatGoesUpAndDownIsToldByAndByAndAtLastAsItIs) {
  Story story({beats("flag", {{1s, {}}})});
  for (auto t = 1s; t <= 10min; ++t) story.look(t, t.count() % 2 != 0 ? Seen::failed : Seen::well, "no flag");
  EXPECT_LE(story.told.size(), 4u);
  for (auto t = 601s; t <= 720s; ++t) story.look(t);
  EXPECT_THAT(story.told.back(), HasSubstr("well again"));
}

TEST(Watch, WhatFailsBesideItIsToldAtOnce) {
  Story story({beats("group", {{1min, {}}})});
  auto look = [&](Duration t, std::vector<Item> items) {
    auto due = story.want(t).looks.at(0);
    story.hear(Finished{0, due.due, 0, Seen::failed, "", std::move(items), {}, 1s}, t);
  };
  look(1min, {{"Disk", "full"}});
  look(2min, {{"Disk", "full"}});
  look(3min, {{"Disk", "full"}, {"Flag", "is not there"}});
  EXPECT_THAT(story.told, ElementsAre(HasSubstr("Disk"), HasSubstr("Flag")));
}

TEST(Watch, ThatNobodyCanTellIsNoPass) {
  Story story({once("a", 5min)});
  story.look(5min, Seen::cannot_tell, "cannot tell: 3 of 15 min seen");
  EXPECT_THAT(story.told, ElementsAre(HasSubstr("cannot tell")));
}

TEST(Watch, WhatWasDueWhileNobodyWasThereIsMadeUpOnceAndToldAsMissed) {
  Story story({beats("metrics", {{1min, {}}}), once("hour", 1h)});
  story.look(1min);
  story.hear(Took{{.epoch = 2}}, 3h);
  story.look(3h);
  auto missed = story.list<Missed>();
  ASSERT_THAT(missed, SizeIs(1)) << "what is due once is made up, late";
  EXPECT_EQ(missed[0].times, 178);
  EXPECT_EQ(missed[0].first, at(2min));
  EXPECT_THAT(missed[0].why, HasSubstr("nobody kept this watch"));
  EXPECT_EQ(story.list<Looked>().back().due, at(1h));
  EXPECT_EQ(story.want(3h).wake, at(3h + 1min));
}

TEST(Watch, ALookThatTakesLongerThanItsBeatSkipsAndSaysSo) {
  Story story({beats("metrics", {{1min, {}}})});
  auto first = story.want(1min).looks.at(0);
  EXPECT_THAT(story.want(3min).looks, SizeIs(1));
  story.hear(Finished{0, first.due, 0, Seen::well, "", {}, {}, 2min}, 3min);
  story.look(3min);
  EXPECT_THAT(story.list<Missed>(), SizeIs(1));
  EXPECT_THAT(story.list<Missed>()[0].why, HasSubstr("not over, or"));
}

TEST(Watch, AnAnswerThatComesTwiceCountsOnce) {
  Story story({beats("metrics", {{1min, {}}})});
  auto due = story.want(1min).looks.at(0).due;
  for (int i = 0; i < 2; ++i) story.hear(Finished{0, due, 0, Seen::failed, "no", {}, {}, 1s}, 1min);
  EXPECT_THAT(story.list<Looked>(), SizeIs(1));
}

// Its intent is durable before it begins, so that a backup is not made twice: who comes later asks what became of it.
TEST(Watch, ALookThatActsIsWrittenBeforeItBegins) {
  auto duty = daily("backup", 0);
  duty.steps[0].effect = run::Effect::changes;
  Story story({duty});
  auto due = story.want(24h).looks.at(0);
  EXPECT_TRUE(due.to_begin);
  story.hear(Begins{0, due.due}, 24h);
  story.hear(Begins{0, due.due}, 24h);
  EXPECT_THAT(story.list<LookBegan>(), SizeIs(1));
  auto open = story.want(24h).looks.at(0);
  EXPECT_TRUE(open.resume && open.id == 1 && !open.to_begin);
  story.hear(Finished{0, open.due, open.id, Seen::well, "made", {}, {}, 1s}, 25h);
  EXPECT_THAT(story.want(25h).looks, IsEmpty());
}

TEST(Watch, WithinTheWindowWhatFailsTakesTheReleaseBack) {
  auto duty = beats("errors", {{1h, {}}});
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.look(1h, Seen::failed, "error_rate is 7%");
  EXPECT_EQ(story.s.back_wanted, "errors: error_rate is 7%");
  EXPECT_TRUE(story.want(1h).take_back);
  story.hear(CannotGoBack{"the router does not answer"}, 1h);
  EXPECT_FALSE(story.want(1h).take_back);
  EXPECT_TRUE(story.want(1h + 1min).take_back) << "it is tried on";
  story.hear(Took{{.epoch = 2}}, 1h + 2min);
  EXPECT_TRUE(story.want(1h + 2min).take_back) << "whoever keeps it next does what was said";
  a_run_took_it(story.s);
  EXPECT_FALSE(story.want(1h + 2min).take_back);
}

TEST(Watch, WhatCouldNotBeLookedAtTakesNothingBack) {
  auto duty = beats("errors", {{1h, {}}});
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.look(1h, Seen::cannot_tell, "nobody answers");
  EXPECT_FALSE(story.s.back_wanted);
  EXPECT_THAT(story.told, ElementsAre(HasSubstr("nobody answers")));
}

TEST(Watch, AFirstReleaseHasNothingToGoBackTo) {
  auto duty = beats("errors", {{1h, {}}});
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.s.book.subjects[0].previous = {};
  story.look(1h, Seen::failed, "error_rate is 7%");
  EXPECT_FALSE(story.s.back_wanted);
}

TEST(Watch, BehindTheWindowItCallsPeople) {
  auto duty = once("errors", 3h);
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.look(3h, Seen::failed, "error_rate is 7%");
  EXPECT_FALSE(story.s.back_wanted);
  EXPECT_THAT(story.told, ElementsAre(HasSubstr("error_rate is 7%")));
}

TEST(Watch, WhatIsWellAgainBeforeItCouldBeTakenBackStays) {
  auto duty = beats("errors", {{1h, {}}});
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.look(1h, Seen::failed, "error_rate is 7%");
  story.hear(CannotGoBack{"the router does not answer"}, 1h);
  story.look(2h);
  EXPECT_FALSE(story.s.back_wanted);
  EXPECT_THAT(story.told.back(), HasSubstr("not taken back any more"));
}

TEST(Watch, ARuleThatStillHoldsWantsItAgainWhereARunChangedNothing) {
  Story story({daily("a", 0)}, {rule("error_rate > 5%", Consequence::roll_back)});
  story.hear(Alarm{"error_rate > 5%", Consequence::roll_back, true, "7%"}, 1min);
  a_run_took_it(story.s);
  story.hear(Alarm{"error_rate > 5%", Consequence::roll_back, true, "7%"}, 2min);
  EXPECT_TRUE(story.want(2min).take_back);
}

TEST(Watch, BehindTheWindowNobodyTriesOn) {
  auto duty = beats("errors", {{1h, {}}});
  duty.then = Consequence::roll_back;
  Story story({duty});
  story.look(1h, Seen::failed, "error_rate is 7%");
  story.hear(CannotGoBack{"the disk is full"}, 1h);
  EXPECT_FALSE(story.want(2h + 1min).take_back);
  story.hear(Tick{}, 2h + 1min);
  EXPECT_FALSE(story.s.back_wanted);
}

TEST(Watch, TheWayBackIsNotWantedForEver) {
  Story story({daily("a", 0)}, {rule("error_rate > 5%", Consequence::roll_back)});
  for (int i = 0; i < 5; ++i) {
    story.hear(Alarm{"error_rate > 5%", Consequence::roll_back, true, "7%"}, 1min);
    a_run_took_it(story.s);
    story.hear(Alarm{"error_rate > 5%", Consequence::roll_back, false, "1%"}, 3min);
  }
  EXPECT_THAT(story.list<BackWanted>(), SizeIs(kMostWaysBack));
}

TEST(Watch, WhatIsDoneWithARunTakenBackIsTheServicesAlone) {
  run::State done;
  run::Runbook book{
      .environment = "production", .version = "2", .subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}};
  book.watch = {once("five-minutes", 5min), daily("daily", 0)};
  done.carry_out(book);
  auto of_done = opened_by(done, {run::Ending::done, ""}, "r1", at(0s));
  ASSERT_TRUE(of_done);
  EXPECT_EQ(of_done->book.subjects[0].candidate.id, "shop@2");
  EXPECT_FALSE(opened_by(done, {run::Ending::rolled_back, ""}, "r1", at(0s))) << "the watch of before goes on";
  done.takes_back = "r1";
  auto back = opened_by(done, {run::Ending::rolled_back, ""}, "r2", at(0s));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->book.subjects[0].candidate.id, "shop@1");
  Story story({});
  story.take({*back}, at(0s));
  EXPECT_EQ(story.want(5min).wake, at(11h)) << "what belonged to the release is gone with it";
}

TEST(Watch, EventsAreReadAsTheyWereWritten) {
  Story story({once("a", 5min), daily("b", 3)}, {rule("error_rate > 5% for 5m", Consequence::page)});
  story.hear(Finished{0, {1, at(5min), at(5min)}, 0, Seen::failed, "no", {{"look", "7%", Seen::failed}}, {"x"}, 1s},
             5min);
  story.hear(Alarm{"error_rate > 5% for 5m", Consequence::page, true, "7%"}, 6min);
  State again;
  for (auto& e : story.all) {
    auto json = encode(e);
    auto back = decode(kind_of(e), json.front(), "test");
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(encode(*back), json);
    fold(again, *back, at(0s));
  }
  EXPECT_EQ(again.duties[0].done_to, at(5min));
  EXPECT_FALSE(decode("nonsense", spec::Json::object(), "test"));
}

struct Ringing {
  Alarms alarms;
  std::vector<std::string> all;
  explicit Ringing(std::string_view text, Consequence then = Consequence::page, std::set<std::string> firing = {})
      : alarms({rule(text, then)}, firing) {}
  void see(std::optional<bool> holds, Duration since, bool quiet = false) {
    for (auto& one : alarms.see(0, {holds, quiet, "7%"}, at(since)))
      all.push_back((one.holds ? "began " : "over ") + one.rule);
  }
};

TEST(Alarm, RingsOnceItsForIsOverAndEndsWithIt) {
  Ringing r("error_rate > 5% for 5m");
  for (auto t : {0min, 4min}) r.see(true, t);
  EXPECT_THAT(r.all, IsEmpty());
  for (auto t : {5min, 6min}) r.see(true, t);
  r.see(false, 7min);
  EXPECT_THAT(r.all, ElementsAre("began error_rate > 5% for 5m", "over error_rate > 5% for 5m"));
}

TEST(Alarm, AGapInReadingBreaksItsForAndEndsNoAlarm) {
  Ringing r("error_rate > 5% for 5m");
  r.see(true, 0min), r.see({}, 3min), r.see(true, 6min);
  EXPECT_THAT(r.all, IsEmpty());
  r.see(true, 11min), r.see({}, 12min);
  EXPECT_THAT(r.all, SizeIs(1)) << "it rings, and nobody said that it is over";
}

TEST(Alarm, ThatNobodyComesEndsNoneAndBlindsNobody) {
  Ringing r("error_rate > 5%");
  r.see(true, 0min);
  for (auto t : {1min, 30min, 120min}) r.see({}, t, true);
  EXPECT_THAT(r.all, ElementsAre("began error_rate > 5%")) << "users who were sent away are no sign of health";
  r.see(false, 121min);
  EXPECT_THAT(r.all, SizeIs(2));
}

TEST(Alarm, OneThatIsBlindWarnsThenCallsAndIsOverWhenItSees) {
  Ringing r("error_rate > 5%");
  for (auto t : {0min, 9min, 10min, 30min, 60min, 70min}) r.see({}, t);
  EXPECT_THAT(r.all, ElementsAre(HasSubstr("cannot tell for 10m"), HasSubstr("cannot tell for 1h")));
  r.see(false, 71min);
  EXPECT_THAT(r.all, SizeIs(4));
}

TEST(Alarm, AfterARestartWhatRingsIsSaidOnceMore) {
  Ringing r("error_rate > 5%", Consequence::page, {"error_rate > 5%"});
  r.see(true, 0min), r.see(true, 1min);
  r.see(false, 2min);
  EXPECT_THAT(r.all, ElementsAre("began error_rate > 5%", "over error_rate > 5%"));
}

}  // namespace
}  // namespace davy::watch
