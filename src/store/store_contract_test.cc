// One suite over every implementation of Journal, Desk and Samples.
#include <gmock/gmock.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include "store/memory/memory.h"
#include "store/sqlite/sqlite.h"
#include "store/testing.h"

namespace davy::store {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct World {
  virtual ~World() = default;
  virtual ports::Journal& journal() = 0;
  virtual ports::Desk& desk() = 0;
  virtual ports::Samples& samples() = 0;
};

struct MemoryWorld : World {
  Memory store;
  ports::Journal& journal() override { return store; }
  ports::Desk& desk() override { return store; }
  ports::Samples& samples() override { return store; }
};

struct SqliteWorld : World {
  TempDirectory directory;
  std::unique_ptr<SqliteStore> store = SqliteStore::open(directory / "state").value();
  ports::Journal& journal() override { return *store; }
  ports::Desk& desk() override { return *store; }
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
  ports::Samples& samples() { return world_->samples(); }
  Result<> create(ports::RunInfo run, std::vector<std::string> first = {"begun"}) {
    return wait(journal().create(std::move(run), records(std::move(first))));
  }
  Result<> append(std::string run, std::int64_t epoch, std::int64_t seq, std::vector<std::string> bodies,
                  std::optional<ports::Journal::Close> close = {}) {
    return wait(journal().append(std::move(run), epoch, seq, records(std::move(bodies), seq), std::move(close)));
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
  EXPECT_EQ(info->seq, 2);
  EXPECT_FALSE(info->ended || info->ending);
}

TEST_P(StoreContract, NumbersRecordsFromOneAndKeepsThemAsTheyCame) {
  std::string odd("{\"a\":\"\0\xff\"}", 11);
  ASSERT_TRUE(ok(create(a_run("r1"), {"begun", odd})));
  ASSERT_TRUE(ok(append("r1", 1, 2, {"", "more"})));
  auto read = wait(journal().read("r1"));
  EXPECT_THAT(bodies(read), ElementsAre("begun", odd, "", "more"));
  for (std::int64_t seq = 1; auto& record : *read) EXPECT_EQ(record.seq, seq++);
  EXPECT_EQ(read->back().at, at(3));
  EXPECT_EQ(read->back().kind, "step");
}

TEST_P(StoreContract, ReadsOnlyWhatCameAfter) {
  ASSERT_TRUE(ok(create(a_run("r1"), {"a", "b", "c"})));
  EXPECT_THAT(bodies(wait(journal().read("r1", 1))), ElementsAre("b", "c"));
  EXPECT_THAT(bodies(wait(journal().read("r1", 3))), IsEmpty());
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
  EXPECT_TRUE(is(append("r1", 2, 1, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 0, 1, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 1, 0, {"x"}), Code::conflict));
  EXPECT_TRUE(is(append("r1", 1, 2, {"x"}), Code::conflict));
  EXPECT_TRUE(ok(append("r1", 1, 1, {"x"})));
  EXPECT_TRUE(is(append("r1", 1, 1, {"x"}), Code::conflict)) << "not twice";
  EXPECT_TRUE(ok(append("r1", 1, 2, {}))) << "asks whether the run is still ours";
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun", "x"));
}

TEST_P(StoreContract, ClaimFencesTheOneBefore) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  EXPECT_TRUE(is(wait(journal().claim("r1", 1, 1, records({"claimed"}))), Code::conflict)) << "not a higher epoch";
  EXPECT_TRUE(is(wait(journal().claim("r1", 2, 0, records({"claimed"}))), Code::conflict)) << "read too little";
  EXPECT_TRUE(ok(wait(journal().claim("r1", 2, 1, records({"claimed"})))));
  auto late = append("r1", 1, 2, {"x"});
  ASSERT_TRUE(is(late, Code::conflict));
  EXPECT_THAT(late.error().message, HasSubstr("another Davy"));
  EXPECT_TRUE(ok(append("r1", 2, 2, {"y"})));
  EXPECT_EQ(wait(journal().info("r1"))->epoch, 2);
  EXPECT_THAT(bodies(wait(journal().read("r1"))), ElementsAre("begun", "claimed", "y"));
}

TEST_P(StoreContract, AnEndingClosesTheRunAndGivesItsLocksBack) {
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}))));
  ASSERT_TRUE(ok(append("r1", 1, 1, {"a", "ended"}, {{"rolled back", "v1 serves again"}})));
  auto info = wait(journal().info("r1"));
  EXPECT_EQ(info->ending, "rolled back");
  EXPECT_EQ(info->sentence, "v1 serves again");
  EXPECT_EQ(info->ended, at(2)) << "the time of the last record";
  EXPECT_TRUE(is(append("r1", 1, 3, {"x"}), Code::conflict));
  EXPECT_TRUE(is(wait(journal().claim("r1", 2, 3, {})), Code::conflict));
  EXPECT_TRUE(ok(create(a_run("r2", {"web", "api"}))));
  EXPECT_TRUE(is(append("r1", 1, 3, {}, {{"done", "again"}}), Code::conflict)) << "an old run frees no new lock";
  EXPECT_TRUE(is(create(a_run("r3")), Code::refused));
}

TEST_P(StoreContract, ARefusedEndingClosesNothing) {
  ASSERT_TRUE(ok(create(a_run("r1"))));
  ASSERT_TRUE(is(append("r1", 1, 9, {"ended"}, {{"done", ""}}), Code::conflict));
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

TEST_P(StoreContract, ListsRunsNewestFirstAndFiltersThem) {
  auto staging = a_run("r3", {"api"}, 3);
  staging.environment = "staging";
  ASSERT_TRUE(ok(create(a_run("r1", {"api", "web"}, 1))));
  ASSERT_TRUE(ok(append("r1", 1, 1, {"ended"}, {{"done", ""}})));
  ASSERT_TRUE(ok(create(a_run("r2", {"web"}, 2))));
  ASSERT_TRUE(ok(create(staging)));
  ASSERT_TRUE(ok(create(a_run("r0", {"api"}, 4))));
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
  ASSERT_TRUE(ok(append("r1", 1, 1, {"ended"}, {{"done", ""}})));
  auto asked = wait(desk().put("r1", {.who = "ana", .ask = "hold"}));
  ASSERT_TRUE(is(asked, Code::refused));
  EXPECT_THAT(asked.error().message, HasSubstr("has ended (done)"));
}

TEST_P(StoreContract, KeepsSamplesByRunAndGrain) {
  using namespace std::chrono_literals;
  ASSERT_TRUE(
      ok(wait(samples().add("r1", {{at(2), 1s, "b"}, {at(1), 1s, "a"}, {at(3), 1s, "c"}, {at(0), 10s, "ten"}}))));
  ASSERT_TRUE(ok(wait(samples().add("r1", {{at(3), 1s, "c again"}}))));
  auto seconds = wait(samples().since("r1", 1s, at(2)));
  ASSERT_TRUE(ok(seconds));
  ASSERT_EQ(seconds->size(), 2u) << "from that time on, oldest first";
  EXPECT_EQ(seconds->front().body, "b");
  EXPECT_EQ(seconds->back().body, "c again") << "the later one of the same time";
  EXPECT_EQ(seconds->back().at, at(3));
  EXPECT_EQ(wait(samples().since("r1", 10s, at(0)))->size(), 1u);
  EXPECT_THAT(*wait(samples().since("r2", 1s, at(0))), IsEmpty());
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
  asio::co_spawn(io, journal().append("r1", 1, 1, records({"x"})),
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
