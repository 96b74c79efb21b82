// One suite over every implementation of Journal, Desk, Cursors and Samples.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include "judge/numbers/packing.h"
#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"
#include "store/testing.h"

namespace davy::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct World {
  virtual ~World() = default;
  virtual ports::Journal& journal() = 0;
  virtual ports::Desk& desk() = 0;
  virtual ports::Cursors& cursors() = 0;
  virtual ports::Samples& samples() = 0;
};

struct MemoryWorld : World {
  Memory store;
  ports::Journal& journal() override { return store; }
  ports::Desk& desk() override { return store; }
  ports::Cursors& cursors() override { return store; }
  ports::Samples& samples() override { return store; }
};

struct SqliteWorld : World {
  TempDirectory directory;
  std::unique_ptr<SqliteStore> store = SqliteStore::open(directory / "state").value();
  ports::Journal& journal() override { return *store; }
  ports::Desk& desk() override { return *store; }
  ports::Cursors& cursors() override { return *store; }
  ports::Samples& samples() override { return *store; }
};

struct Kind {
  const char* name;
  std::unique_ptr<World> (*make)();
};

class StoreContract : public ::testing::TestWithParam<Kind> {
 protected:
  ports::Journal& journal() { return world_->journal(); }
  ports::Desk& desk() { return world_->desk(); }
  ports::Cursors& cursors() { return world_->cursors(); }
  ports::Samples& samples() { return world_->samples(); }
  Result<> create(ports::RunInfo run, std::vector<std::string> first = {"begun"}) {
    return wait(journal().create(std::move(run), records(std::move(first))));
  }
  Result<> append(std::string run, std::int64_t epoch, std::int64_t seq, std::vector<std::string> bodies,
                  ports::After then = {}) {
    return wait(journal().append(std::move(run), epoch, seq, records(std::move(bodies), seq), std::move(then)));
  }
  Result<> end(std::string run, std::int64_t seq, std::string ending, std::string sentence = "") {
    return append(std::move(run), 1, seq, {"ended"}, {.close = {{std::move(ending), std::move(sentence)}}});
  }
  std::vector<std::string> ids(ports::Journal::Filter filter) {
    std::vector<std::string> out;
    auto runs = wait(journal().runs(std::move(filter)));
    EXPECT_TRUE(ok(runs));
    for (auto& run : *runs) out.push_back(run.id);
    return out;
  }

 private:
  std::unique_ptr<World> world_ = GetParam().make();
};

INSTANTIATE_TEST_SUITE_P(
    Over, StoreContract,
    ::testing::Values(Kind{"Memory", []() -> std::unique_ptr<World> { return std::make_unique<MemoryWorld>(); }},
                      Kind{"Sqlite", []() -> std::unique_ptr<World> { return std::make_unique<SqliteWorld>(); }}),
    [](auto& info) { return std::string(info.param.name); });

TEST_P(StoreContract, GivesBackWhatARunWasCreatedWith) {
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}), {"begun", "claimed"})));
  auto info = wait(journal().info("r1"));
  ASSERT_TRUE(ok(info));
  EXPECT_THAT(info->services, ElementsAre("api", "web"));
  EXPECT_EQ(info->environment, "production");
  EXPECT_EQ(info->version + info->release + info->digest + info->runbook_hash, "v2r-2d1h1");
  EXPECT_EQ(info->who + ": " + info->why, "ana: login is broken");
  EXPECT_EQ(info->started, at(0));
  EXPECT_EQ(info->epoch, 1);
  EXPECT_EQ(info->seq, 3) << "what is known of the run is its first record";
  EXPECT_EQ(info->number, 1);
  EXPECT_EQ(info->damage, "");
  EXPECT_FALSE(info->ended || info->ending);
}

TEST_P(StoreContract, NumbersRecordsFromOneAndKeepsThemAsTheyCame) {
  std::string odd("{\"a\":\"\0\xff\"}", 11);
  ASSERT_TRUE(ok(create(a_run("r1"), {"begun", odd})));
  ASSERT_TRUE(ok(append("r1", 1, 3, {"", "more"})));
  auto read = wait(journal().read("r1"));
  EXPECT_THAT(bodies(read), ElementsAre("begun", odd, "", "more"));
  for (std::int64_t seq = 1; auto& record : *read) EXPECT_EQ(record.seq, seq++);
  EXPECT_EQ(read->back().at, at(4));
  EXPECT_THAT(kinds(read), ElementsAre("run opened", "step", "step", "step", "step"));
}

TEST_P(StoreContract, ReadsOnlyWhatCameAfter) {
  ASSERT_TRUE(ok(create(a_run("r1"), {"a", "b", "c"})));
  EXPECT_THAT(bodies(wait(journal().read("r1", 2))), ElementsAre("b", "c"));
  EXPECT_THAT(kinds(wait(journal().read("r1", 4))), IsEmpty());
  EXPECT_THAT(bodies(wait(journal().read("r1", 9))), IsEmpty());
}

TEST_P(StoreContract, RefusesASecondRunAndSaysWhoHoldsTheLockSinceWhenAndWhy) {
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}))));
  auto second = create(a_run("r2", {"worker", "web"}));
  ASSERT_TRUE(is(second, Code::refused));
  for (auto part : {"`web`", "production", "r1", "ana", "2023-11-14T22:13:20.000Z", "login is broken"})
    EXPECT_THAT(second.error().message, HasSubstr(part));
  EXPECT_TRUE(is(wait(journal().info("r2")), Code::invalid)) << "nothing of the refused run is left";
  EXPECT_TRUE(ok(create(a_run("r3", {"worker"})))) << "nor a lock of its other services";
}

TEST_P(StoreContract, LocksAServiceInOneEnvironmentOnly) {
  auto staging = a_run("r2");
  staging.environment = "staging";
  EXPECT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(ok(create(staging)));
}

TEST_P(StoreContract, RefusesRunsThatWouldLockNothingOrExist) {
  EXPECT_TRUE(is(create(a_run("r1", {})), Code::invalid));
  EXPECT_TRUE(is(create(a_run("r1", {"api", "api"})), Code::invalid));
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(create(a_run("r1", {"other"})), Code::conflict));
}

TEST_P(StoreContract, TakesOnlyAppendsOfTheRightEpochAndPlace) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(append("r1", 2, 2, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 0, 2, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 1, 1, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 1, 3, {"x"}), Code::conflict));
  EXPECT_TRUE(ok(append("r1", 1, 2, {"x"})));
  EXPECT_TRUE(is(append("r1", 1, 2, {"x"}), Code::conflict)) << "not twice";
  EXPECT_TRUE(ok(append("r1", 1, 3, {}))) << "asks whether the run is still ours";
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun", "x"));
}

TEST_P(StoreContract, ClaimFencesTheOneBefore) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(wait(journal().claim("r1", 1, 2, records({"claimed"}))), Code::conflict)) << "not a higher epoch";
  EXPECT_TRUE(is(wait(journal().claim("r1", 2, 1, records({"claimed"}))), Code::conflict)) << "read too little";
  EXPECT_TRUE(ok(wait(journal().claim("r1", 2, 2, records({"claimed"})))));
  auto late = append("r1", 1, 3, {"x"});
  ASSERT_TRUE(is(late, Code::conflict));
  EXPECT_THAT(late.error().message, HasSubstr("another Davy"));
  EXPECT_TRUE(ok(append("r1", 2, 3, {"y"})));
  EXPECT_EQ(wait(journal().info("r1"))->epoch, 2);
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun", "claimed", "y"));
}

TEST_P(StoreContract, AnEndingClosesTheRunAndGivesItsLocksBack) {
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}))));
  ASSERT_TRUE(ok(append("r1", 1, 2, {"a", "ended"}, {.close = {{"rolled back", "v1 serves again\xff"}}})));
  auto info = wait(journal().info("r1"));
  EXPECT_EQ(info->ending, "rolled back");
  EXPECT_EQ(info->sentence, "v1 serves again\uFFFD") << "what others read it with may insist on UTF-8";
  EXPECT_EQ(info->ended, at(3)) << "the time of the last record";
  EXPECT_THAT(kinds(wait(journal().read("r1"))), ElementsAre("run opened", "step", "step", "step", "run closed"));
  auto late = append("r1", 1, 5, {"x"});
  ASSERT_TRUE(is(late, Code::conflict));
  EXPECT_THAT(late.error().message, HasSubstr("has ended (rolled back)"));
  EXPECT_TRUE(is(wait(journal().claim("r1", 2, 5, {})), Code::conflict));
  EXPECT_TRUE(ok(create(a_run("r2", {"web", "api"}))));
  EXPECT_TRUE(is(append("r1", 1, 5, {}, {.close = {{"done", "again"}}}), Code::conflict)) << "it frees no new lock";
  EXPECT_TRUE(is(create(a_run("r3")), Code::refused));
}

TEST_P(StoreContract, ARefusedEndingClosesNothing) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(is(end("r1", 9, "done"), Code::conflict));
  EXPECT_FALSE(wait(journal().info("r1"))->ending);
  EXPECT_TRUE(is(create(a_run("r2")), Code::refused));
}

TEST_P(StoreContract, NamesTheNearestRunWhenThereIsNone) {
  ASSERT_TRUE(ok(create(a_run("20261121-015443-k3f"))));
  auto info = wait(journal().info("20261121-015443-k3g"));
  ASSERT_TRUE(is(info, Code::invalid));
  EXPECT_THAT(info.error().hint, HasSubstr("20261121-015443-k3f"));
  EXPECT_TRUE(is(wait(journal().read("nope")), Code::invalid));
  EXPECT_TRUE(is(append("nope", 1, 0, {"x"}), Code::invalid));
  EXPECT_TRUE(is(wait(journal().claim("nope", 1, 0, {})), Code::invalid));
  EXPECT_TRUE(is(wait(desk().put("nope", {})), Code::invalid));
}

TEST_P(StoreContract, ListsTheRunThatBeganLastFirstAndFiltersThem) {
  auto staging = a_run("r3", {"api"}, 3);
  staging.environment = "staging";
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}, 1))));
  ASSERT_TRUE(ok(end("r1", 2, "done")));
  ASSERT_TRUE(ok(create(a_run("r2", {"web"}, 2))));
  ASSERT_TRUE(ok(create(staging)));
  ASSERT_TRUE(ok(create(a_run("r0", {"api"}, -3600)))) << "the clock was set back meanwhile";
  EXPECT_THAT(ids({}), ElementsAre("r0", "r3", "r2", "r1"));
  EXPECT_THAT(ids({.service = "web"}), ElementsAre("r2", "r1"));
  EXPECT_THAT(ids({.service = "api", .environment = "production"}), ElementsAre("r0", "r1"));
  EXPECT_THAT(ids({.ending = "done"}), ElementsAre("r1"));
  EXPECT_THAT(ids({.service = "web", .open_only = true}), ElementsAre("r2"));
  EXPECT_THAT(ids({.most = 2}), ElementsAre("r0", "r3"));
  EXPECT_THAT(ids({.service = "nope"}), IsEmpty());
}

TEST_P(StoreContract, NumbersTheDeskWithinEachRun) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(create(a_run("r2", {"web"}))));
  EXPECT_EQ(wait(desk().put("r1", {.at = at(1), .who = "ana", .ask = "hold"})), 1);
  EXPECT_EQ(wait(desk().put("r2", {.at = at(1), .who = "bo", .ask = "abort"})), 1);
  EXPECT_EQ(wait(desk().put("r1", {.number = 7, .at = at(2), .who = "bo", .ask = "waive", .about = "x", .note = "y"})),
            2);
  auto all = wait(desk().after("r1", 0));
  ASSERT_TRUE(ok(all));
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ(all->front().ask, "hold");
  auto& last = all->back();
  EXPECT_EQ(last.who + last.ask + last.about + last.note, "bowaivexy");
  EXPECT_EQ(last.at, at(2));
  EXPECT_EQ(wait(desk().after("r1", 1))->size(), 1u);
  EXPECT_THAT(*wait(desk().after("r1", 2)), IsEmpty());
  EXPECT_THAT(*wait(desk().after("nope", 0)), IsEmpty());
}

TEST_P(StoreContract, TakesNothingForTheDeskOfARunThatHasEnded) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(end("r1", 2, "done")));
  auto asked = wait(desk().put("r1", {.who = "ana", .ask = "hold"}));
  ASSERT_TRUE(is(asked, Code::refused));
  EXPECT_THAT(asked.error().message, HasSubstr("has ended (done)"));
}

TEST_P(StoreContract, LetsNobodyWriteTheRecordsThatAreItsOwn) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  std::vector<ports::Record> forged{{.at = at(1), .kind = "run closed", .body = R"({"ending":"done","sentence":""})"}};
  EXPECT_TRUE(is(wait(journal().append("r1", 1, 2, forged)), Code::invalid));
  EXPECT_TRUE(is(wait(journal().claim("r1", 2, 2, forged)), Code::invalid));
  EXPECT_TRUE(is(wait(journal().create(a_run("r2", {"web"}), forged)), Code::invalid));
  EXPECT_TRUE(is(wait(journal().info("r2")), Code::invalid)) << "nothing of it is left";
  EXPECT_TRUE(ok(append("r1", 1, 2, {"x"}))) << "nor of the claim";
}

TEST_P(StoreContract, KeepsWatchesBesideRuns) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w1", {"watch of x"})))));
  auto watch = wait(journal().stream("w1"));
  ASSERT_TRUE(ok(watch));
  EXPECT_EQ(watch->kind, ports::StreamKind::watch);
  EXPECT_THAT(watch->locks, ElementsAre("watch of x"));
  EXPECT_EQ(watch->about, R"({"release":"api@2~r1"})");
  EXPECT_EQ(watch->opened, at(9));
  EXPECT_EQ(watch->number, 2);
  EXPECT_FALSE(watch->ending);
  ASSERT_TRUE(ok(wait(journal().claim("w1", 2, 2, records({"second"})))));
  EXPECT_THAT(kinds(wait(journal().read("w1"))), ElementsAre("watch opened", "looked", "step"));
  EXPECT_EQ(wait(journal().open_streams(ports::StreamKind::watch))->size(), 1u);
  EXPECT_THAT(ids({}), ElementsAre("r1")) << "a watch is no run";
  EXPECT_TRUE(is(wait(journal().info("w1")), Code::invalid));
  EXPECT_EQ(wait(desk().put("w1", {.ask = "silence"})), 1);
  ASSERT_TRUE(ok(wait(journal().append("w1", 2, 3, {}, {.close = {{"over", "all was well"}}}))));
  EXPECT_EQ(wait(journal().stream("w1"))->ending, "over");
  EXPECT_THAT(*wait(journal().open_streams(ports::StreamKind::watch)), IsEmpty());
}

TEST_P(StoreContract, OpensNoStreamTwiceNorOneWhoseLockIsHeld) {
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w1", {"watch of x"})))));
  EXPECT_TRUE(is(wait(journal().open(a_watch("w1"))), Code::conflict));
  EXPECT_TRUE(is(wait(journal().open(a_watch("w2", {"a", "a"}))), Code::invalid));
  auto held = wait(journal().open(a_watch("w2", {"watch of y", "watch of x"})));
  ASSERT_TRUE(is(held, Code::refused));
  EXPECT_THAT(held.error().message, HasSubstr("watch of x is locked by watch w1"));
  EXPECT_EQ(wait(journal().holder("watch of y")), std::nullopt) << "nothing of it is left";
  EXPECT_TRUE(is(wait(journal().open({.info = {.id = "w2", .about = "{no json"}})), Code::invalid));
  EXPECT_TRUE(is(wait(journal().open({.info = {.id = "r9", .kind = ports::StreamKind::run}})), Code::invalid));
}

TEST_P(StoreContract, TheEndOfARunOpensItsWatchInTheSameBreath) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  auto lock = ports::lock_of_watch("api", "production");
  ports::After then{.close = {{"done", ""}}, .open = {a_watch("w1", {lock}), a_watch("w2")}};
  ASSERT_TRUE(ok(append("r1", 1, 2, {"ended"}, then)));
  EXPECT_EQ(wait(journal().info("r1"))->ending, "done");
  EXPECT_EQ(wait(journal().holder(lock)), "w1");
  EXPECT_THAT(bodies(wait(journal().read("w2"))), ElementsAre("first"));
}

TEST_P(StoreContract, ARunEndsNotAtAllWhenItsWatchCannotBegin) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w1", {"watch of x"})))));
  ports::After then{.close = {{"done", ""}}, .open = {a_watch("w2"), a_watch("w3", {"watch of x"})}};
  EXPECT_TRUE(is(append("r1", 1, 2, {"ended"}, then), Code::refused));
  EXPECT_FALSE(wait(journal().info("r1"))->ending);
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun"));
  EXPECT_TRUE(is(wait(journal().stream("w2")), Code::invalid));
  EXPECT_EQ(wait(journal().holder(ports::lock_of_service("api", "production"))), "r1");
  then.supersede = {{"watch of x", ports::Close{"superseded", "by r1"}}};
  EXPECT_TRUE(ok(append("r1", 1, 2, {"ended"}, then))) << "the old watch gives way first";
  EXPECT_EQ(wait(journal().stream("w1"))->ending, "superseded");
  EXPECT_EQ(wait(journal().holder("watch of x")), "w3");
}

TEST_P(StoreContract, ANewRunFencesWhoWatchesItsServices) {
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w1", {ports::lock_of_watch("api", "production")})))));
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w2", {ports::lock_of_watch("api", "staging")})))));
  ASSERT_TRUE(ok(create(a_run("r1"))));
  auto late = wait(journal().append("w1", 1, 2, records({"x"})));
  ASSERT_TRUE(is(late, Code::conflict));
  EXPECT_THAT(late.error().message, HasSubstr("taken over"));
  EXPECT_TRUE(ok(wait(journal().append("w2", 1, 2, records({"x"}))))) << "elsewhere";
  auto watch = wait(journal().read("w1"));
  EXPECT_THAT(kinds(watch), ElementsAre("watch opened", "looked", "watch superseded"));
  EXPECT_THAT(watch->back().body, HasSubstr("r1"));
  EXPECT_FALSE(wait(journal().stream("w1"))->ending) << "it may go on: the run may be taken back";
  EXPECT_TRUE(ok(wait(journal().claim("w1", 3, 3, records({"on again"})))));
}

TEST_P(StoreContract, ARefusedRunFencesNobody) {
  ASSERT_TRUE(ok(wait(journal().open(a_watch("w1", {ports::lock_of_watch("web", "production")})))));
  ASSERT_TRUE(ok(create(a_run("r1", {"api"}))));
  ASSERT_TRUE(is(create(a_run("r2", {"web", "api"})), Code::refused));
  EXPECT_TRUE(ok(wait(journal().append("w1", 1, 2, records({"x"})))));
}

ports::RunInfo instead_of(const std::string& run, std::string id, std::vector<std::string> services = {"api"}) {
  auto out = a_run(std::move(id), std::move(services));
  out.replaces = run;
  return out;
}

TEST_P(StoreContract, ARunThatReplacesAnotherIsGivenItsLocksInTheSameBreath) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(create(instead_of("r1", "r2"))));
  EXPECT_EQ(wait(journal().holder(ports::lock_of_service("api", "production"))).value(), "r1") << "until it ends";
  EXPECT_TRUE(is(wait(journal().claim("r2", 2, 2, records({"claimed"}))), Code::refused)) << "nobody drives it yet";
  EXPECT_TRUE(is(create(a_run("r3")), Code::refused));
  ASSERT_TRUE(ok(wait(
      journal().append("r1", 1, 2, records({"ended"}), {.close = ports::Close{"replaced", "api 3 instead", true}}))));
  EXPECT_EQ(wait(journal().holder(ports::lock_of_service("api", "production"))).value(), "r2");
  EXPECT_TRUE(is(create(a_run("r3")), Code::refused)) << "there is no moment for another";
  EXPECT_TRUE(ok(wait(journal().claim("r2", 2, 2, records({"claimed"})))));
  EXPECT_EQ(wait(journal().info("r2"))->replaces, "r1");
}

TEST_P(StoreContract, ARunWhoseOneToReplaceEndsOtherwiseEndsWithIt) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(create(instead_of("r1", "r2"))));
  ASSERT_TRUE(
      ok(wait(journal().append("r1", 1, 2, records({"ended"}), {.close = ports::Close{"done", "api 2 serves"}}))));
  auto r2 = wait(journal().info("r2"));
  EXPECT_EQ(r2->ending, "refused");
  EXPECT_THAT(r2->sentence, HasSubstr("r1, which it was to replace, ended as done first: api 2 serves"));
  EXPECT_FALSE(wait(journal().holder(ports::lock_of_service("api", "production"))).value()) << "nobody's";
  EXPECT_TRUE(ok(create(a_run("r3"))));
}

TEST_P(StoreContract, OfTwoThatWereToReplaceARunTheLaterOneCounts) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(create(instead_of("r1", "r2"))));
  ASSERT_TRUE(ok(create(instead_of("r1", "r3"))));
  EXPECT_EQ(wait(journal().info("r2"))->ending, "refused");
  ASSERT_TRUE(
      ok(wait(journal().append("r1", 1, 2, records({"ended"}), {.close = ports::Close{"rolled back", "", true}}))));
  EXPECT_EQ(wait(journal().holder(ports::lock_of_service("api", "production"))).value(), "r3");
}

TEST_P(StoreContract, NothingIsReplacedThatHasEndedOrShipsSomethingElse) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(create(instead_of("r1", "r2", {"web"})), Code::refused));
  EXPECT_TRUE(is(create(instead_of("r9", "r2")), Code::invalid));
  ASSERT_TRUE(ok(wait(journal().append("r1", 1, 2, records({"ended"}), {.close = ports::Close{"done", ""}}))));
  EXPECT_TRUE(is(create(instead_of("r1", "r2")), Code::refused));
}

TEST_P(StoreContract, TakesLocksOnTheWayAndGivesThemBack) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(ok(create(a_run("r2", {"web"}))));
  ASSERT_TRUE(ok(append("r1", 1, 2, {"x"}, {.take = {"host db1", "migration of api"}})));
  EXPECT_TRUE(ok(append("r1", 1, 3, {}, {.take = {"host db1"}}))) << "it is ours already";
  auto held = append("r2", 1, 2, {"x"}, {.take = {"host db2", "host db1"}});
  ASSERT_TRUE(is(held, Code::refused));
  EXPECT_THAT(held.error().message, HasSubstr("host db1 is locked by run r1"));
  EXPECT_EQ(wait(journal().holder("host db2")), std::nullopt);
  EXPECT_TRUE(is(append("r2", 1, 2, {}, {.give = {"host db1"}}), Code::invalid)) << "not theirs";
  EXPECT_TRUE(ok(append("r1", 1, 3, {"y"}, {.give = {"host db1"}})));
  EXPECT_TRUE(ok(append("r2", 1, 2, {"x"}, {.take = {"host db1"}})));
  ASSERT_TRUE(ok(end("r1", 4, "done")));
  EXPECT_EQ(wait(journal().holder("migration of api")), std::nullopt) << "the end gives back all";
}

TEST_P(StoreContract, KeepsTheLockOfAServiceUntilTheEnd) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(append("r1", 1, 2, {"x"}, {.give = {ports::lock_of_service("api", "production")}}), Code::invalid));
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun"));
}

TEST_P(StoreContract, KeepsAReadersPlaceAndNeverMovesItBack) {
  ASSERT_TRUE(ok(create(a_run("r1"), {"a", "b", "c"})));
  EXPECT_EQ(wait(cursors().cursor("mail", "r1")), 0);
  ASSERT_TRUE(ok(wait(cursors().advance("mail", "r1", 3))));
  ASSERT_TRUE(ok(wait(cursors().advance("mail", "r1", 2))));
  EXPECT_EQ(wait(cursors().cursor("mail", "r1")), 3);
  EXPECT_EQ(wait(cursors().cursor("chat", "r1")), 0) << "each reader has its own";
  EXPECT_TRUE(is(wait(cursors().advance("mail", "r1", 5)), Code::invalid)) << "there are four records";
  EXPECT_TRUE(is(wait(cursors().advance("mail", "r1", -1)), Code::invalid));
  EXPECT_TRUE(is(wait(cursors().advance("mail", "nope", 0)), Code::invalid));
  ASSERT_TRUE(ok(wait(journal().append("r1", 1, 4, {}, {.close = {{"done", ""}}}))));
  EXPECT_TRUE(ok(wait(cursors().advance("mail", "r1", 5)))) << "also when it is over: the end is news";
}

TEST_P(StoreContract, KeepsWhatIsKnownOfWhoAsks) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_EQ(wait(desk().put("r1", {.who = "ana", .ask = "hold", .speaker = R"({"uid":1000})"})), 1);
  EXPECT_EQ(wait(desk().after("r1", 0))->front().speaker, R"({"uid":1000})");
}

const ports::SampleKey kApi{"api", "production", "api@2~r1"};

// So many requests of both releases in a second, with latencies that differ from one to the next.
ports::Sample a_sample(int second, int requests = 5) {
  ports::Sample out{.from = at(second), .to = at(second + 1)};
  for (auto* release : {"api@1~r0", "api@2~r1"}) {
    auto& tally = out.releases[release];
    auto& part = tally.endpoints["/cart"];
    for (int i = 0; i < requests; ++i) {
      auto took = 1ms * (1 + (second * 7 + i * 13) % 40);
      ++tally.requests, tally.latency.add(took);
      if (i % 2 == 0) ++part.requests, part.latency.add(took);
    }
  }
  out.numbers["load"][""] = second;
  return out;
}
std::vector<ports::Sample> seconds_of(int from, int to) {
  std::vector<ports::Sample> out;
  for (int second = from; second < to; ++second) out.push_back(a_sample(second));
  return out;
}
std::uint64_t requests_in(const std::vector<ports::Sample>& samples) {
  std::uint64_t out = 0;
  for (auto& one : samples)
    for (auto& [_, tally] : one.releases) out += tally.requests;
  return out;
}

TEST_P(StoreContract, KeepsSamplesByRelease) {
  ASSERT_TRUE(ok(wait(samples().add(kApi, {a_sample(2), a_sample(1), a_sample(3)}))));
  ASSERT_TRUE(ok(wait(samples().add(kApi, {a_sample(3, 9)}))));
  auto seconds = wait(samples().since(kApi, at(2)));
  ASSERT_TRUE(ok(seconds));
  EXPECT_THAT(*seconds, ElementsAre(a_sample(2), a_sample(3, 9))) << "oldest first, and the later one of the same time";
  for (auto other : {ports::SampleKey{"web", "production", "api@2~r1"}, ports::SampleKey{"api", "staging", "api@2~r1"},
                     ports::SampleKey{"api", "production", ""}})
    EXPECT_THAT(*wait(samples().since(other, at(0))), IsEmpty());
}

TEST_P(StoreContract, FindsARunsSamplesByWhatTheRunSaysOfItself) {
  auto run = a_run("r1", {"api", "web"});
  ASSERT_TRUE(ok(create(run)));
  ASSERT_TRUE(ok(wait(samples().add(ports::samples_of(run), {a_sample(1)}))));
  EXPECT_EQ(wait(samples().since(ports::samples_of(*wait(journal().info("r1"))), at(0)))->size(), 1u);
}

TEST_P(StoreContract, AnswersAStretchOfSamplesAndTheNewestOfTooMany) {
  auto all = seconds_of(0, 300);
  for (auto& one : all) ASSERT_TRUE(ok(wait(samples().add(kApi, {one}))));
  auto part = [&](int from, int to) { return std::vector(all.begin() + from, all.begin() + to); };
  EXPECT_EQ(*wait(samples().since(kApi, at(0))), all) << "exactly what was kept, however long ago";
  EXPECT_EQ(*wait(samples().since(kApi, at(50), at(130))), part(50, 130));
  EXPECT_EQ(*wait(samples().since(kApi, at(2), Time::max(), 3)), part(297, 300));
  EXPECT_EQ(*wait(samples().since(kApi, at(0), Time::max(), 200)), part(100, 300));
  EXPECT_THAT(*wait(samples().since(kApi, at(2), at(5), 0)), IsEmpty());
}

TEST_P(StoreContract, WhatComesLateReplacesWhatWasKeptLongAgo) {
  ASSERT_TRUE(ok(wait(samples().add(kApi, seconds_of(100, 300)))));
  ASSERT_TRUE(ok(wait(samples().add(kApi, {a_sample(130, 9)}))));
  ASSERT_TRUE(ok(wait(samples().add(kApi, {a_sample(10), a_sample(100, 7)})))) << "a clock was set back";
  auto all = seconds_of(100, 300);
  all[30] = a_sample(130, 9), all[0] = a_sample(100, 7);
  all.insert(all.begin(), a_sample(10));
  EXPECT_EQ(*wait(samples().since(kApi, at(0))), all);
  EXPECT_EQ(requests_in(*wait(samples().between(kApi, at(0), Time::max(), 40))), requests_in(all));
}

TEST_P(StoreContract, AnswersAStretchInAboutSoManyPoints) {
  auto all = seconds_of(0, 1000);
  for (int i = 400; i < 500; ++i) all[static_cast<std::size_t>(i)].complete = false;
  ASSERT_TRUE(ok(wait(samples().add(kApi, all))));
  for (std::size_t points : {30u, 100u, 2000u}) {
    auto few = *wait(samples().between(kApi, at(0), Time::max(), points));
    EXPECT_LE(few.size(), points + ports::Samples::kNewest + 3) << "of what is whole and of what is not";
    EXPECT_EQ(requests_in(few), requests_in(all)) << "nothing is lost";
    for (std::size_t i = 1; i < few.size(); ++i) EXPECT_LE(few[i - 1].to, few[i].from);
    for (auto& one : few)
      EXPECT_EQ(one.complete, one.to <= at(400) || one.from >= at(500))
          << "what is whole is never told with what is not";
    EXPECT_TRUE(few.back().releases.at("api@2~r1").endpoints.empty()) << "that is the judge's";
    EXPECT_EQ(few.back().length(), 1s) << "how it is now";
  }
  EXPECT_EQ(wait(samples().between(kApi, at(0), Time::max(), 2000))->size(), 1000u) << "they fit";
  EXPECT_THAT(*wait(samples().between({"web", "production", ""}, at(0), Time::max(), 9)), IsEmpty());
}

TEST_P(StoreContract, PrunesDetailsBeforeOutlinesALittleAtATime) {
  ports::SampleKey web{"web", "production", ""};
  ASSERT_TRUE(ok(wait(samples().add(kApi, seconds_of(0, 5000)))));
  ASSERT_TRUE(ok(wait(samples().add(web, {a_sample(1)}))));
  auto prune_all = [&](ports::Samples::Before before) {
    for (int i = 0; i < 1000; ++i)
      if (auto done = wait(samples().prune(before)); !ok(done) || *done == 0) return;
    FAIL() << "it never ends";
  };
  prune_all({.all = at(1000), .details = at(3000), .at_rest = at(4500)});
  auto detailed = *wait(samples().since(kApi, at(0)));
  EXPECT_EQ(detailed.back(), a_sample(4999));
  EXPECT_GT(detailed.front().from, at(2900)) << "what was kept together goes together";
  EXPECT_LE(detailed.front().from, at(3000));
  auto outlines = *wait(samples().between(kApi, at(0), Time::max(), 10000));
  EXPECT_GT(outlines.front().from, at(900));
  EXPECT_LE(outlines.front().from, at(1000));
  EXPECT_THAT(*wait(samples().between(web, at(0), Time::max(), 10)), IsEmpty());
}

TEST_P(StoreContract, RefusesASampleThatCouldNotBePacked) {
  auto huge = a_sample(1);
  huge.gap.assign(judge::kMostPacked.text, 'x');
  EXPECT_TRUE(is(wait(samples().add(kApi, {huge})), Code::invalid));
  EXPECT_THAT(*wait(samples().since(kApi, at(0))), IsEmpty());
}

// (Not a strand: thread sanitizer does not understand the fence with which Boost 1.81 counts references to one.)
TEST_P(StoreContract, AnswersOnTheCallersExecutorWhateverItIs) {
  asio::thread_pool pool(1);
  auto executor = pool.get_executor();
  auto there = asio::co_spawn(
      executor,
      [&]() -> asio::awaitable<bool> {
        auto created = co_await journal().create(a_run("r1"), records({"begun"}));
        co_return created.has_value() && executor.running_in_this_thread();
      },
      asio::use_future);
  EXPECT_TRUE(there.get());
  pool.join();
}

// A cancelled engine still has to know whether its record was written.
TEST_P(StoreContract, IsNotCancelledWithItsCaller) {
  asio::io_context io;
  asio::cancellation_signal signal;
  std::optional<Result<>> appended;
  ASSERT_TRUE(ok(create(a_run("r1"))));
  asio::co_spawn(io, journal().append("r1", 1, 2, records({"x"})),
                 asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown, Result<> result) {
                   EXPECT_FALSE(thrown);
                   appended = result;
                 }));
  signal.emit(asio::cancellation_type::all);  // before the first step of it
  io.poll_one();
  signal.emit(asio::cancellation_type::all);  // and under way
  io.run();
  ASSERT_TRUE(appended.has_value());
  EXPECT_TRUE(ok(*appended));
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun", "x"));
}

}  // namespace
}  // namespace davy::store
