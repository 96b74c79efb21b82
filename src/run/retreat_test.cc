// The way back: users first, then what can be taken back, whatever cannot.
#include "run/run_testing.h"

namespace davy::run {
namespace {

Step home() {
  Step s{.path = "home", .subject = 0, .side = Side::previous, .repeatable = true};
  s.undo = {UndoKind::call, {"router", "", "home", {}}};
  return s;
}

Step machine(std::string path, Effect effect, Side side = Side::candidate) {
  auto s = step(std::move(path), 0);
  s.subject = 0, s.side = side, s.effect = effect, s.repeatable = true;
  s.call = {effect == Effect::exposes ? "router" : "platform", "", "act", {}};
  s.undo.call = {s.call.port, "", "back", {}};
  return s;
}

// start, what the plan did before, traffic, what it does behind, the end of the previous release, the way home
class Retreat : public Run {
 protected:
  void begin_shipping(std::vector<Step> before, std::vector<Step> behind, std::vector<Step> last = {}) {
    std::vector<Step> steps{machine("start", Effect::changes)};
    std::ranges::move(before, std::back_inserter(steps));
    steps.push_back(machine("traffic", Effect::exposes));
    std::ranges::move(behind, std::back_inserter(steps));
    std::ranges::move(last, std::back_inserter(steps));
    steps.push_back(home());
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].wave = static_cast<std::int32_t>(i);
    begin(std::move(steps));
  }
  void judge() { hear(Judged{"error_rate > 5%", Consequence::roll_back, "20 % fail", {}}); }
  void fails_for_good(std::string says) {
    for (int i = 0; i < 3; ++i) {
      now_ += 1min;
      go();
      end(Outcome::failed, says);
    }
  }
};

TEST_F(Retreat, BringsUsersHomeBeforeAnythingElseIsUndone) {
  begin_shipping({}, {step("warm caches", 0), look("wait", 0)});
  all_well_until("wait");
  judge();
  EXPECT_TRUE(users_on_their_way(state_));
  EXPECT_THAT(go(), ElementsAre("undo home")) << "and does not wait for what still runs";
  end(Outcome::cancelled);  // the wait
  end();
  EXPECT_FALSE(users_on_their_way(state_));
  EXPECT_THAT(retreat_order(), ElementsAre("undo warm caches", "undo traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

// A platform that replaces by itself brings them home by replacing it once more.
TEST_F(Retreat, OfWhatAPlatformReplacedByItselfUsersAreHomeBeforeAnythingElseIsUndone) {
  auto ship = machine("ship", Effect::exposes);
  ship.call = {"roller", "", "ship", {}}, ship.undo.call = {"roller", "", "back", {}};
  begin({step("migrate", 0), ship, step("warm caches", 1), look("wait", 2)});
  all_well_until("wait");
  judge();
  EXPECT_TRUE(users_on_their_way(state_));
  EXPECT_THAT(go(), ElementsAre("undo ship")) << "and does not wait for what still runs";
  end(Outcome::cancelled);  // the wait
  for (int i = 0; i < 20; ++i) now_ += 1min, go(), end(Outcome::failed, "no answer");
  EXPECT_TRUE(users_on_their_way(state_)) << "it is tried until the platform answers";
  now_ += 1min;
  go(), end();
  EXPECT_THAT(retreat_order(), ElementsAre("undo warm caches", "undo migrate"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(Retreat, WhoTriesInVainToBringUsersHomeIsStuckOnTheWay) {
  begin_shipping({}, {look("wait", 0)});
  all_well_until("wait");
  judge();
  go();
  end(Outcome::cancelled);
  end(Outcome::failed, "too many open files");
  EXPECT_FALSE(stuck_on_the_way(state_)) << "once is nothing";
  for (int i = 0; i < 2; ++i) {
    now_ += 1min;
    go();
    end(Outcome::failed, "too many open files");
  }
  EXPECT_TRUE(stuck_on_the_way(state_)) << "the keeper is to do it";
  now_ += 1min;
  go();
  end();
  EXPECT_FALSE(stuck_on_the_way(state_));
}

TEST_F(Retreat, WaitsForWhatIsAtWorkOnTheRouterOnly) {
  begin_shipping({}, {});
  all_well_until("traffic");
  ask("rollback");
  EXPECT_THAT(go(), ElementsAre());
  end(Outcome::cancelled);
  EXPECT_THAT(go(), ElementsAre("undo home"));
}

TEST_F(Retreat, BringsUsersHomeUntilTheRouterAnswers) {
  begin_shipping({}, {look("bake", 0)});
  all_well_until("bake");
  judge();
  go();
  end(Outcome::cancelled);
  for (int i = 0; i < 100; ++i) {
    end(Outcome::failed, "HAProxy does not answer");
    now_ += 5s;
    EXPECT_THAT(go(), ElementsAre("undo home"));
  }
  end();
  EXPECT_THAT(retreat_order(), ElementsAre("undo traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(Retreat, BringsUsersHomeAsSoonAsAnybodyIsUpThere) {
  begin_shipping({}, {look("bake", 0)});
  all_well_until("bake");
  judge();
  go();
  end(Outcome::cancelled);
  for (int i = 0; i < 7; ++i) {
    end_for_people("no server of app 1 is up");
    EXPECT_EQ(state_.mode, Mode::retreat) << "and no verdict begins it anew";
    now_ += 1min;
    EXPECT_THAT(go(), ElementsAre("undo home"));
  }
  EXPECT_TRUE(exposed(state_)) << "nothing else was touched";
  end();
  EXPECT_THAT(go(), ElementsAre("undo traffic"));
}

TEST_F(Retreat, UsersAreBroughtHomeOnceMoreWhenNobodyIsUpThere) {
  begin_shipping({}, {step("warm caches", 0), look("wait", 0)});
  all_well_until("wait");
  judge();
  go();
  end(Outcome::cancelled);
  end();
  EXPECT_THAT(go(), ElementsAre("undo warm caches"));
  hear(NobodyHome{"nobody of app 1 is up", 0});
  EXPECT_THAT(go(), ElementsAre("undo home")) << "and what is slow behind it is not waited for";
  hear(NobodyHome{"nobody of app 1 is up", 0});
  EXPECT_EQ(std::ranges::count_if(events_, [](auto& e) { return std::holds_alternative<GivenBack>(e); }), 1);
}

TEST_F(Retreat, NoServiceInAnOutageWaitsForAnother) {
  auto of = [](std::string path, Effect effect, Side side, std::int32_t subject) {
    auto s = machine(std::move(path), effect, side);
    return s.subject = subject, s;
  };
  std::vector<Step> steps{of("shop traffic", Effect::exposes, Side::candidate, 0),
                          of("api traffic", Effect::exposes, Side::candidate, 1),
                          of("stop shop", Effect::parts, Side::previous, 0),
                          of("stop api", Effect::parts, Side::previous, 1), look("serves", 0)};
  for (std::size_t i = 0; i < steps.size(); ++i) steps[i].wave = static_cast<std::int32_t>(i);
  begin(std::move(steps));
  auto book = state_.runbook;
  book.subjects = {{.service = "shop", .previous = {"1", "shop@1"}}, {.service = "api", .previous = {"1", "api@1"}}};
  state_.carry_out(std::move(book));
  all_well_until("serves");
  judge();
  end(Outcome::cancelled);
  EXPECT_THAT(go(), ElementsAre("undo stop shop", "undo stop api"));
}

TEST_F(Retreat, UsersGoToWhatCouldBeBroughtUpOfThePreviousRelease) {
  begin_shipping({}, {step("tell", 0)}, {machine("stop previous", Effect::parts, Side::previous), look("serves", 0)});
  all_well_until("serves");
  judge();
  end(Outcome::cancelled);
  fails_for_good("1 of 2 is up");
  EXPECT_THAT(go(), ElementsAre("undo home"));
  end();
  retreat_order();
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_THAT(state_.why, HasSubstr("All users of app are with 1"));
}

TEST_F(Retreat, AQuestionStaysOpenWhenTheKeeperReportsWhatItDid) {
  auto restore = step("data", 0);
  begin_shipping({restore}, {look("bake", 0)});
  all_well_until("bake");
  ask("rollback");
  go();
  end(Outcome::cancelled);
  end();
  go();
  end();
  go();
  hear(Finished{state_.open.front().id, Outcome::unknown, "", {}});
  ASSERT_EQ(state_.mode, Mode::held) << "nobody saw the end of an undo";
  auto why = state_.why;
  hear(Returned{now_ + 1s, "traffic of app"});
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_EQ(state_.why, why);
}

TEST_F(Retreat, BringsThePreviousReleaseUpBeforeUsersAreMoved) {
  begin_shipping({}, {step("tell", 0)}, {machine("stop previous", Effect::parts, Side::previous), look("serves", 0)});
  all_well_until("serves");
  judge();
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(),
              ElementsAre("undo stop previous", "undo home", "undo tell", "undo traffic", "undo start"));
}

TEST_F(Retreat, AnUndoThatFailsStopsNoneBehindItAndTheRunNeedsPeopleAtItsEnd) {
  begin_shipping({}, {step("tell chat", 0), look("bake", 0)});
  all_well_until("bake");
  judge();
  go();
  end(Outcome::cancelled);
  end();
  fails_for_good("chat is down");
  EXPECT_THAT(retreat_order(), ElementsAre("undo traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_THAT(state_.why,
              testing::AllOf(HasSubstr("as far as it goes: 20 % fail"), HasSubstr("tell chat: chat is down"),
                             HasSubstr("All users of app are with 1")));
}

TEST_F(Retreat, TheCandidateStaysWithItsUsersWhenThePreviousReleaseCannotBeBroughtUp) {
  auto migrate = step("migrate", 0);
  migrate.data = true;
  begin_shipping({migrate}, {step("tell", 0)},
                 {machine("stop previous", Effect::parts, Side::previous), look("serves", 0)});
  all_well_until("serves");
  judge();
  end(Outcome::cancelled);
  fails_for_good("exit 127: no such release");
  fails_for_good("nobody of app 1 is up");
  EXPECT_THAT(retreat_order(), ElementsAre("undo tell"))
      << "the candidate runs on its data, and nobody is moved to what is not there";
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_THAT(state_.why, HasSubstr("Whether app 1 serves was not seen"));
}

TEST_F(Retreat, DataStaysUnderAnApplicationThatCouldNotBeStopped) {
  auto migrate = step("migrate", 0);
  migrate.data = true;
  begin({migrate, machine("start", Effect::changes), look("verify", 2)});
  all_well_until("verify");
  end(Outcome::failed, "broken");
  fails_for_good("permission denied");
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_TRUE(state_.at(0).tainted);
}

TEST_F(Retreat, GoesBackAsFarAsAPointOfNoReturnLets) {
  auto ticket = step("ticket", 0);
  ticket.undo = {UndoKind::impossible, {}};
  begin_shipping({step("notice", 0), ticket}, {look("bake", 0)});
  all_well_until("bake");
  judge();
  go();
  end(Outcome::cancelled);
  end();
  EXPECT_THAT(retreat_order(), ElementsAre("undo traffic", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("cannot be taken back and stays: notice, ticket"));
}

TEST_F(Retreat, LeavesAMigrationThatThePreviousReleaseCanLiveWith) {
  auto migrate = step("migrate", 0);
  migrate.undo = {UndoKind::impossible, {}}, migrate.compatible = true;
  begin_shipping({step("notice", 0), migrate}, {},
                 {machine("stop previous", Effect::parts, Side::previous), look("serves", 0)});
  all_well_until("serves");
  judge();
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(),
              ElementsAre("undo stop previous", "undo home", "undo traffic", "undo notice", "undo start"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
  EXPECT_THAT(state_.why, HasSubstr("cannot be taken back and stays: migrate"));
}

TEST_F(Retreat, IsHeldBeforeAPointOfNoReturnWhenThePreviousReleaseIsGone) {
  auto migrate = step("migrate", 0);
  migrate.undo = {UndoKind::impossible, {}};
  begin({machine("stop previous", Effect::parts, Side::previous), migrate, step("start", 2)});
  all_well_until("start");
  end(Outcome::failed, "broken");
  EXPECT_EQ(state_.mode, Mode::held);
  EXPECT_THAT(state_.why, HasSubstr("migrate cannot be taken back"));
}

// In place, on a platform where both can run: page on, the previous release stopped, the candidate started.
class InPlace : public Retreat {
 protected:
  void begin_in_place(std::vector<Step> between, std::vector<Step> behind) {
    auto stop = machine("stop previous", Effect::parts, Side::previous);
    stop.beside = true;
    std::vector<Step> steps{page("on"), stop};
    std::ranges::move(between, std::back_inserter(steps));
    steps.push_back(machine("start", Effect::changes));
    steps.push_back(machine("traffic", Effect::exposes));
    std::ranges::move(behind, std::back_inserter(steps));
    steps.push_back(home());
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].wave = static_cast<std::int32_t>(i);
    begin(std::move(steps));
  }
  static Step page(std::string operation) {
    Step s{.path = "page " + operation, .subject = 0, .repeatable = true, .effect = Effect::changes};
    s.call = {"maintenance", "router", std::move(operation), {}};
    s.undo = {UndoKind::call, {"maintenance", "router", "restore", {}}};
    return s;
  }
};

TEST_F(InPlace, ThePreviousReleaseIsUpBeforeAnythingOfTheCandidateIsTakenDown) {
  begin_in_place({}, {page("off"), step("tell", 0), look("wait", 0)});
  all_well_until("wait");
  judge();
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(),
              ElementsAre("undo stop previous", "undo home", "undo tell", "undo traffic", "undo start", "undo page on"))
      << "and the page stays away: nothing is left to do that is not for users' eyes";
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(InPlace, ThePageIsPutBackForWhatIsNotForUsersEyes) {
  begin_in_place({step("convert", 0)}, {page("off"), look("wait", 0)});
  all_well_until("wait");
  judge();
  end(Outcome::cancelled);
  EXPECT_THAT(retreat_order(), ElementsAre("undo stop previous", "undo home", "undo page off", "undo traffic",
                                           "undo start", "undo convert", "undo page on"));
}

TEST_F(InPlace, TheCandidateStaysWhereThePreviousReleaseDoesNotStartBesideIt) {
  begin_in_place({}, {page("off"), look("wait", 0)});
  all_well_until("wait");
  judge();
  end(Outcome::cancelled);
  fails_for_good("exit 127: no such release");
  fails_for_good("nobody of app 1 is up");
  EXPECT_THAT(retreat_order(), ElementsAre("undo page on")) << "which is off: users stay where they are";
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_THAT(state_.why, HasSubstr("exit 127: no such release"));
}

TEST_F(InPlace, ThePageStaysOnWhereNobodyIsWellBehindIt) {
  begin_in_place({}, {look("verify", 0), page("off")});
  all_well_until("verify");
  end(Outcome::failed, "payments are broken");
  fails_for_good("exit 127: no such release");
  fails_for_good("nobody of app 1 is up");
  EXPECT_THAT(retreat_order(), ElementsAre());
  EXPECT_EQ(state_.ended, Ending::needs_people);
  EXPECT_TRUE(state_.why.starts_with("The maintenance page is on")) << state_.why;
}

TEST_F(InPlace, ThePageStaysOnBeforeDataThatCouldNotBePutRight) {
  for (bool compatible : {false, true}) {
    auto migrate = step("migrate", 0);
    migrate.data = true, migrate.compatible = compatible;
    std::vector<Step> steps{page("on"), migrate, machine("start", Effect::changes)};
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].wave = static_cast<std::int32_t>(i);
    state_ = {};
    begin(std::move(steps));
    all_well_until("migrate");
    end(Outcome::failed, "table orders is locked");
    fails_for_good("no such column");
    retreat_order();
    EXPECT_EQ(state_.ended, Ending::needs_people);
    EXPECT_EQ(state_.why.starts_with("The maintenance page is on"), !compatible) << state_.why;
  }
}

// A list of steps that is taken back by carrying it out again for the previous version.
class ReleaseList : public Run {
 protected:
  void begin_release() {
    Step again{.path = "return", .wave = 0, .covers_first = 1, .covers_last = 3};
    again.undo = {UndoKind::call, {"command", "", "run", {}}};
    begin({again, step("fetch", 1), step("link", 2)});
  }
};

TEST_F(ReleaseList, OfWhichNothingSucceededNeedsNoReturn) {
  begin_release();
  go();
  end(Outcome::failed, "no route to host");
  EXPECT_THAT(retreat_order(), ElementsAre("undo fetch"));
  EXPECT_EQ(state_.ended, Ending::rolled_back);
}

TEST_F(ReleaseList, OfWhichSomethingSucceededIsCarriedOutAgain) {
  begin_release();
  all_well_until("link");
  end(Outcome::failed);
  EXPECT_THAT(retreat_order(), ElementsAre("undo link", "undo fetch", "undo return"));
}

// The files are the previous release's again before it is started from them.
TEST_F(ReleaseList, IsCarriedOutAgainBeforeThePreviousReleaseIsStarted) {
  Step again{.path = "return", .covers_first = 1, .covers_last = 4};
  again.undo = {UndoKind::call, {"command", "", "run", {}}};
  auto migrate = step("migrate", 2);
  migrate.data = true;
  Step stop{.path = "stop previous", .wave = 4, .subject = 0, .side = Side::previous, .effect = Effect::parts};
  stop.call = stop.undo.call = {"platform", "", "act", {}};
  stop.undo.kind = UndoKind::call;
  begin({again, step("fetch", 1), migrate, step("link", 3), stop, step("start", 5), look("verify", 6)});
  all_well_until("verify");
  end(Outcome::failed, "broken");
  EXPECT_THAT(retreat_order(), ElementsAre("undo start", "undo link", "undo migrate", "undo fetch", "undo return",
                                           "undo stop previous"));
}

TEST_F(InPlace, DataThatThePreviousReleaseCannotLiveWithIsTakenBackBeforeItIsStarted) {
  for (bool compatible : {false, true}) {
    auto migrate = step("migrate", 0);
    migrate.data = true, migrate.compatible = compatible;
    auto stop = machine("stop previous", Effect::parts, Side::previous);
    std::vector<Step> steps{step("notice", 0), migrate, step("fill", 0), stop, machine("start", Effect::changes),
                            look("verify", 0)};
    for (std::size_t i = 0; i < steps.size(); ++i) steps[i].wave = static_cast<std::int32_t>(i);
    state_ = {};
    begin(std::move(steps));
    all_well_until("verify");
    end(Outcome::failed, "broken");
    if (compatible)
      EXPECT_THAT(retreat_order(),
                  ElementsAre("undo start", "undo stop previous", "undo fill", "undo migrate", "undo notice"));
    else
      EXPECT_THAT(retreat_order(),
                  ElementsAre("undo start", "undo fill", "undo migrate", "undo stop previous", "undo notice"));
  }
}

}  // namespace
}  // namespace davy::run
