#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "view/story_testing.h"
#include "view/words.h"

namespace davy::view::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const StepView& at(const RunView& v, std::string_view path) {
  for (auto& s : v.steps)
    if (s.path.contains(path)) return s;
  ADD_FAILURE() << path;
  return v.steps.front();
}

TEST(Project, KnowsWhatEachStepIsDoing) {
  Story s;
  s.until("5%/bake").bake_for(20s);
  auto v = s.view();
  EXPECT_EQ(at(v, "check").status, Status::done);
  EXPECT_EQ(at(v, "5%/bake").status, Status::running);
  EXPECT_EQ(at(v, "25%/bake").status, Status::waiting);
  EXPECT_EQ(at(v, "return").status, Status::not_needed);
  EXPECT_EQ(at(v, "5%/bake").watched, 20s);
  EXPECT_EQ(at(v, "5%/bake").length, 1min);
  EXPECT_EQ(v.share, 0.05);
}

TEST(Project, CountsTheBakeOnBetweenItsRecordsButNotForEver) {
  Story s;
  s.until("5%/bake").bake_for(20s).after(700ms);
  EXPECT_EQ(at(s.view(), "5%/bake").watched, 20700ms);
  s.after(1h);
  EXPECT_LE(at(s.view(), "5%/bake").watched, 22s) << "time that nobody watched is not told as watched";
}

TEST(Project, ASampleThatHasGrownSinceStandsInItsOwnPlace) {
  auto sample = [](int from, int to, std::uint64_t requests) {
    judge::Window w{.from = Time(std::chrono::seconds(from)), .to = Time(std::chrono::seconds(to))};
    w.releases["shop@2"].requests = requests;
    return w;
  };
  std::vector<judge::Window> shown{sample(0, 10, 100), sample(10, 11, 10)};
  take_newest({sample(10, 20, 100), sample(20, 21, 10)}, shown);
  EXPECT_EQ(shown, (std::vector{sample(0, 10, 100), sample(10, 20, 100), sample(20, 21, 10)}));
}

TEST(Project, TellsARetryFromAFailure) {
  auto book = Shop().book;
  book.steps[3].tries = 2;
  Story s(book);
  s.until("/start").after(1s).end(run::Outcome::failed, "exit 1: no space");
  EXPECT_EQ(at(s.view(), "/start").status, Status::retrying);
  s.after(1s).begin().after(1s).end(run::Outcome::failed, "exit 1: no space");
  EXPECT_EQ(at(s.view(), "/start").status, Status::failed);
  EXPECT_EQ(at(s.view(), "/start").attempts, 2);
  EXPECT_EQ(*at(s.view(), "/start").ended - *at(s.view(), "/start").started, 3s) << "from the first try on";
}

TEST(Project, ARollbackUndoesAndProvesAndNeedsNoMore) {
  Story s;
  s.until("25%/bake").bake_for(3s).verdict(run::Consequence::roll_back, "20% fail");
  s.back();
  auto v = s.view();
  EXPECT_EQ(v.ending, run::Ending::rolled_back);
  EXPECT_EQ(at(v, "/start").status, Status::undone);
  EXPECT_EQ(at(v, "return").status, Status::done);
  EXPECT_EQ(at(v, "5%/bake").status, Status::done) << "it had passed";
  EXPECT_EQ(at(v, "100%/bake").status, Status::not_needed);
  EXPECT_EQ(v.share, 0);
  EXPECT_EQ(v.verdicts.size(), 1u);
}

TEST(Project, UsersWhomTheKeeperCouldNotMoveYetAreStillThere) {
  for (bool whole : {true, false}) {
    Story s(Shop().book);
    s.until("25%/bake").bake_for(5s).hear(run::Returned{s.now, "traffic of storefront", whole});
    EXPECT_EQ(s.view().share, whole ? 0 : 0.25);
    EXPECT_THAT(s.view().people.back(),
                HasSubstr(whole ? "the keeper took the way back" : "the keeper began the way back"));
  }
}

TEST(Project, UsersWhoAreTakenAwayForAWhileAreTold) {
  auto book = Shop().book;
  for (auto& step : book.steps)
    if (step.call.of_shares()) step.subject = 0;
  Story s(book);
  s.until("25%/bake").bake_for(5s).hear(run::Judged{"count test", run::Consequence::note, "bad", {}, s.now, true});
  s.begin();
  EXPECT_EQ(at(s.view(), "25%/traffic").status, Status::undoing);
  s.after(8ms).hear(run::Finished{s.state.open.back().id, run::Outcome::ok, "no users until it is tried again", {}});
  auto v = s.view();
  EXPECT_EQ(at(v, "25%/traffic").status, Status::waiting);
  EXPECT_EQ(v.share, 0);
  EXPECT_THAT(v.facts, ::testing::Contains(HasSubstr("stepping aside: the candidate has no users until ")));
  EXPECT_THAT(v.facts.back(), HasSubstr("aside canary/25%/traffic  ok in 8ms  no users until it is tried again"));
  s.after(30s).begin().hear(run::Finished{s.state.open.back().id, run::Outcome::ok, "25%", {}});
  EXPECT_EQ(s.view().share, 0.25);
  EXPECT_EQ(at(s.view(), "25%/traffic").status, Status::done);
}

TEST(Project, UsersWhoAreToBeTakenAwayAreThereUntilTheyAre) {
  auto book = Shop().book;
  for (auto& step : book.steps)
    if (step.call.of_shares()) step.subject = 0;
  Story s(book);
  s.until("25%/bake").bake_for(5s).hear(run::Judged{"count test", run::Consequence::note, "bad", {}, s.now, true});
  EXPECT_EQ(s.view().share, 0.25);
  s.begin().hear(run::Finished{s.state.open.back().id, run::Outcome::failed, "the router does not answer", {}});
  EXPECT_EQ(s.view().share, 0.25);
  s.verdict(run::Consequence::roll_back, "40% fail");
  EXPECT_EQ(s.view().mode, run::Mode::retreat);
  EXPECT_EQ(s.view().share, 0.25) << "on the way back, too";
}

run::Runbook two_services() {
  run::Runbook book{.environment = "production", .version = "2"};
  book.subjects = {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}, {"api", {"2", "api@2"}, {"1", "api@1"}}};
  auto half = spec::object({arg("share", "50%")});
  for (std::int32_t i : {0, 1}) {
    auto& name = book.subjects[static_cast<std::size_t>(i)].service;
    book.steps.push_back(step("50%/" + name + "/traffic", "50%", i, {"router", "", "shift", half},
                              {run::UndoKind::call, {"router", "", "restore", half}}));
    book.steps.back().subject = i, book.steps.back().effect = run::Effect::exposes;
  }
  book.steps.push_back(step("50%/bake", "watch", 2, {"bake", "", "watch", {}}));
  for (std::int32_t i : {0, 1}) {
    auto& name = book.subjects[static_cast<std::size_t>(i)].service;
    book.steps.push_back(step("home/" + name, "", 3, {}, {run::UndoKind::call, {"router", "", "home", {}}}));
    book.steps.back().subject = i, book.steps.back().effect = run::Effect::looks;
  }
  return book;
}

TEST(Project, OneServiceThatIsHomeSaysNothingOfAnother) {
  Story s(two_services());
  s.until("bake");
  EXPECT_EQ(exposed_in_words(s.view().shares), "50% of the users");
  s.verdict(run::Consequence::roll_back, "20% fail").begin();
  auto ends = [&](std::string_view path, run::Outcome how) {
    auto open = std::ranges::find_if(s.state.open, [&](auto& a) { return s.state.step(a.step).path == path; });
    ASSERT_NE(open, s.state.open.end()) << path;
    s.after(1s).hear(run::Finished{open->id, how, "nobody of api 1 is up", {}});
  };
  ends("home/shop", run::Outcome::ok);
  auto v = s.view();
  EXPECT_EQ(v.share, 0.5);
  EXPECT_EQ(v.shares[0].candidate, 0);
  EXPECT_EQ(v.shares[1].candidate, 0.5);
  EXPECT_EQ(exposed_in_words(v.shares), "50% of the users of api");
  auto rows = joined(frame(v, {.width = 80}, s.now), "\n");
  EXPECT_THAT(rows, HasSubstr("0% on 2, 100% on 1  shop\n"));
  EXPECT_THAT(rows, HasSubstr("50% on 2, 50% on 1  api"));
  EXPECT_EQ(to_json(v)["shares"]["api"]["candidate"], 0.5);
  ends("home/api", run::Outcome::ok);
  EXPECT_EQ(exposed_in_words(s.view().shares), "");
}

TEST(Project, AStepBackBakesAgain) {
  auto book = Shop().book;
  for (auto& step : book.steps) step.on_trouble = run::Trouble::step_back;
  Story s(book);
  s.until("25%/bake").bake_for(3s).verdict(run::Consequence::roll_back, "20% fail");
  EXPECT_TRUE(s.view().stepping_back);
  s.back();
  auto v = s.view();
  EXPECT_EQ(v.mode, run::Mode::held);
  EXPECT_EQ(v.share, 0.05);
  EXPECT_EQ(at(v, "25%/bake").status, Status::waiting);
  s.ask("resume").begin();
  EXPECT_EQ(at(s.view(), "5%/bake").status, Status::running);
}

TEST(Project, ReadsTheNumbersOfTheLastTenSecondsOfBothReleases) {
  Story s;
  s.until("5%/bake").bake_for(30s);
  auto v = s.view();
  ASSERT_TRUE(v.candidate && v.before);
  EXPECT_NEAR(v.candidate->requests_per_second, 100, 15);
  EXPECT_NEAR(v.before->requests_per_second, 1900, 200);
  EXPECT_NEAR(v.before->error_rate, 0.001, 0.0002);
  EXPECT_NEAR(v.candidate->p95_ms, 24, 1);
  EXPECT_EQ(v.traffic.size(), 30u);
  s.after(1min);
  EXPECT_FALSE(s.view().candidate) << "old numbers are no numbers";
}

TEST(Project, TellsWhatPeopleAskedAndWhatCameOfIt) {
  Story s;
  s.until("5%/bake").ask("hold", "", "slow carts");
  ASSERT_EQ(s.view().holds.size(), 1u);
  EXPECT_FALSE(s.view().holds[0].to);
  s.ask("resume");
  EXPECT_TRUE(s.view().holds[0].to) << "drawn as a band that ends there";
  EXPECT_THAT(s.view().people, ElementsAre(HasSubstr("bob asked to hold (“slow carts”): held"),
                                           HasSubstr("bob asked to resume: resumed")));
}

TEST(Project, NamesTheCommandThatAnswersAPerson) {
  auto book = Shop().book;
  book.steps[0].call = {"person", "", "approve", spec::object({arg("who", "production owner")})};
  Story s(book);
  s.begin();
  EXPECT_EQ(s.view().next_command, "davy approve k3f9 \"production owner\"");
}

TEST(Project, AsksWhatBecameOfAStepThatNobodySawEnd) {
  auto book = Shop().book;
  book.steps[3].repeatable = false;
  Story s(book);
  s.until("/start").end(run::Outcome::unknown);
  EXPECT_EQ(s.view().next_command,
            "davy confirm k3f9 done   or   davy confirm k3f9 not-done   or   davy rollback k3f9");
  s.ask("settle", "done");
  EXPECT_EQ(at(s.view(), "/start").status, Status::done);
}

// Whoever follows folds each event once, and sees after each what a look from the beginning would show.
TEST(Project, GoesOnFromWhereItWas) {
  Story s;
  s.until("25%/bake").bake_for(10s).step_aside("25%/traffic").ask("hold", "", "slow carts");
  Projection goes_on("k3f9");
  for (std::size_t i = 0; i < s.events.size(); ++i) {
    goes_on.take(s.events[i]);
    std::vector so_far(s.events.begin(), s.events.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    auto now = s.events[i].at;
    EXPECT_EQ(to_json(goes_on.view(s.samples, now)), to_json(project("k3f9", so_far, s.samples, now))) << i;
    EXPECT_EQ(frame(goes_on.view({}, now), {}, now), frame(project("k3f9", so_far, {}, now), {}, now)) << i;
  }
}

TEST(Project, LooksAtATamperedJournalWithoutFalling) {
  Story s;
  s.until("5%/bake");
  s.events.push_back({99, run::Skipped{1 << 20, "x"}, s.now});
  s.events.push_back({99, run::Watched{-7, 1s}, s.now});
  s.events.push_back({99, run::AttemptEnded{.id = 12345}, s.now});
  EXPECT_EQ(s.view().steps.size(), 13u);
  s.events.erase(s.events.begin());
  EXPECT_TRUE(s.view().steps.empty());
}

TEST(Json, SaysTheSameToPrograms) {
  Story s;
  s.until("5%/bake").bake_for(20s).ask("hold", "", "slow carts");
  auto json = to_json(s.view());
  EXPECT_EQ(json["mode"], "held");
  EXPECT_EQ(json["question"], "held by bob: slow carts");
  EXPECT_EQ(json["steps"][6]["bake"]["watched_seconds"], 20);
  EXPECT_EQ(json["candidate"]["errors"].get<int>(), static_cast<int>(s.view().candidate->errors));
  EXPECT_EQ(json["ended"], nullptr);
}

}  // namespace
}  // namespace davy::view::testing
