// What a step `backup` and an undo that restores hand to their child, and what they make of what it says.
#include <gmock/gmock.h>

#include "ports/past.h"
#include "testing/one_service_testing.h"

namespace davy::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

ports::CommandEnd printed(std::string output, int code = 0) { return {.exit_code = code, .output = std::move(output)}; }

// Commands that were launched, and the ends that they come to.
struct Children : ports::Process {
  std::map<std::string, ports::CommandEnd> ends;
  std::vector<std::string> launched;
  std::map<std::string, ports::CommandSpec> specs;
  std::set<std::string> begun;

  ports::Task<ports::CommandEnd> ask(ports::CommandSpec) override { co_return ports::CommandEnd{}; }
  ports::Task<ports::CommandEnd> launch(std::string key, ports::CommandSpec spec) override {
    launched.push_back(key), begun.insert(key), specs[key] = std::move(spec);
    co_return ends[key];
  }
  ports::Task<std::optional<ports::CommandEnd>> find(std::string key) override {
    co_return begun.contains(key) ? std::optional(ends[key]) : std::nullopt;
  }
  ports::Task<> end(std::string, Duration) override { co_return Result<>(); }
};

constexpr const char* kMade =
    R"({"stage": "dump", "bytes": 0}
{"made":{"id":"r-a1","copy":"/copies/database.r-a1","bytes":1500000,"dump":"274ms","tables":3,"rows":100010,)"
    R"("proof":{"where":"a cluster of its own","restore":"395ms","compare":"601ms"}}})";

// What this state directory has on record.
struct OnRecord : ports::Past {
  Result<std::set<std::string>> runs = std::set<std::string>{"q", "r"};
  ports::Task<std::optional<ports::Deployment>> deployed(std::string, std::string) override { co_return std::nullopt; }
  ports::Task<std::optional<ports::Told>> notified(std::string, std::string, std::string, std::string) override {
    co_return std::nullopt;
  }
  ports::Task<std::string> frozen(std::string, Time) override { co_return ""; }
  ports::Task<std::set<std::string>> may_go_back() override { co_return runs; }
  std::string where() const override { return "/state"; }
};

struct Backups : ::testing::Test {
  OneService world;
  Children children;
  OnRecord record;
  run::Chosen signal{"postgres", spec::object({{"postgres", {}, spec::text("$DATABASE_URL")}})};
  run::Step step;
  run::Attempt attempt{.id = 1, .step = 0};

  Backups() {
    step.call = {"backup", "postgres", "dump",
                 spec::object({{"name", {}, spec::text("database")},
                               {"into", {}, spec::text("/copies")},
                               {"format", {}, spec::text("custom")},
                               {"keep-copies", {}, spec::number(14)},
                               {"prove", {}, spec::number(1)}})};
  }

  ports::Done carry_out(bool resume = false) {
    auto around = world.around();
    around.runbook.steps = {step, step};
    around.runbook.setup.signals = {{"database", signal}};
    engine::Surroundings own{.outside = {world.clock, children, world.instances, world.http, world.dialer, world.files},
                             .registry = &world.registry,
                             .run = "r",
                             .runbook = around.runbook};
    own.outside.past = &record;
    auto made = engine::backup_operator(own);
    attempt.due = world.reality.now + 1h;
    asio::io_context context;
    std::optional<ports::Done> out;
    asio::co_spawn(context, resume ? made->resume(attempt, step.call) : made->start(attempt, step.call),
                   [&](std::exception_ptr, ports::Done done) { out = std::move(done); });
    context.run();
    return *out;
  }
};

TEST_F(Backups, TheChildIsToldTheAddressByItsNameAndNothingElse) {
  children.ends["a1"] = printed(kMade);
  EXPECT_EQ(carry_out().outcome, run::Outcome::ok);
  auto& spec = children.specs["a1"];
  EXPECT_THAT(spec.argv,
              ElementsAre("/proc/self/exe", "work", "dump", "--kind=postgres", "--name=database", "--into=/copies",
                          "--id=r-a1", "--format=custom", "--prove", "--keep-copies=14", "--needed=q", "--needed=r"));
  EXPECT_EQ(spec.secret_env.size(), 1u);
  EXPECT_EQ(spec.secret_env["DAVY_SOURCE"].name, "DATABASE_URL");
  EXPECT_THAT(spec.env, IsEmpty());
}

TEST_F(Backups, OfARedisTheChildIsToldAllThatLetsItIn) {
  step.call.name = "redis";
  signal = {"redis", spec::object({{"redis", {}, spec::text("rediss://cache:6379")},
                                   {"password", {}, spec::text("$CACHE_PASSWORD")},
                                   {"ca", {}, spec::text("/etc/ca.pem")}})};
  children.ends["a1"] = printed(R"({"made":{"id":"r-a1","bytes":1500,"dump":"27ms","databases":2,"keys":7,)"
                                R"("proof":{"where":"a server of its own","restore":"2s","compare":"1s"}}})");
  EXPECT_EQ(carry_out().says,
            "1.5 KB in 27ms: 7 keys of 2 databases; proven in a server of its own: loaded in 2s, compared in 1s");
  auto& spec = children.specs["a1"];
  EXPECT_THAT(spec.argv, Contains("--kind=redis"));
  EXPECT_THAT(spec.env, ElementsAre(Pair("DAVY_SOURCE", "rediss://cache:6379"), Pair("DAVY_SOURCE_CA", "/etc/ca.pem")));
  ASSERT_EQ(spec.secret_env.size(), 1u);
  EXPECT_EQ(spec.secret_env["DAVY_SOURCE_PASSWORD"].name, "CACHE_PASSWORD");
}

TEST_F(Backups, WhatWasMadeIsHandedOnAndSaid) {
  children.ends["a1"] = printed(kMade);
  auto done = carry_out();
  EXPECT_EQ(spec::scalar_text(*done.made.find("id")), "r-a1");
  EXPECT_EQ(done.says,
            "1.5 MB in 274ms: 100010 rows of 3 tables; way back: restore 395ms + compare 601ms, proven in a cluster of "
            "its own");
}

TEST_F(Backups, AProofThatTakesTwiceItsUsualIsTold) {
  auto says = [&](const char* restore, const char* usual) {
    children.ends["a1"] = printed(fmt::format(
        R"({{"made":{{"id":"r-a1","entries":1,"proof":{{"where":"here","restore":"{}","compare":"1s"}},"usual":{{"took":"{}","proofs":4}}}}}})",
        restore, usual));
    return carry_out().says;
  };
  EXPECT_THAT(says("7s", "4s"), HasSubstr("; it took 4s in the last 4 proofs, and takes 8s now"));
  EXPECT_THAT(says("6s", "4s"), Not(HasSubstr("it took")));
  EXPECT_THAT(says("100ms", "200ms"), Not(HasSubstr("it took"))) << "a moment is nothing to tell people of";
}

TEST_F(Backups, WhereNobodyKnowsWhatRunsMayNeedAllCopiesStay) {
  record.runs = fail(Code::internal, "run 7 is damaged");
  children.ends["a1"] = printed(kMade);
  auto done = carry_out();
  EXPECT_EQ(done.outcome, run::Outcome::ok);
  EXPECT_THAT(children.specs["a1"].argv, Not(Contains(HasSubstr("--keep"))));
  EXPECT_THAT(done.says, HasSubstr("no old copy was removed, for nobody can tell which ones runs may need: run 7"));
}

TEST_F(Backups, WhyItFailedIsSaidInItsWords) {
  children.ends["a1"] = printed(R"({"error":{"code":"no space","message":"it is full","hint":"free some"}})", 1);
  auto done = carry_out();
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(done.says, "it is full (free some)");
  EXPECT_THAT(children.launched, ElementsAre("a1")) << "it has left nothing";
}

TEST_F(Backups, OneThatWasKilledIsSweptBehind) {
  children.ends["a1"] = {.signal = 9};
  auto done = carry_out();
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_EQ(done.says, "killed by signal 9");
  EXPECT_THAT(children.launched, ElementsAre("a1", "a1-sweep"));
  EXPECT_THAT(children.specs["a1-sweep"].argv, Contains("sweep"));
}

TEST_F(Backups, OneWhoseEndNobodySawIsAskedAgain) {
  children.begun.insert("a1");  // its end is not known
  children.ends["a1-again"] = printed(kMade);
  EXPECT_EQ(carry_out(true).outcome, run::Outcome::ok);
  EXPECT_THAT(children.launched, ElementsAre("a1-again"));
  EXPECT_THAT(children.specs["a1-again"].argv, Contains("--id=r-a1")) << "the same copy: it is there, or is made";
}

TEST_F(Backups, OneThatGoesOnIsWaitedForAndNotBegunTwice) {
  children.begun.insert("a1");
  children.ends["a1"] = printed(kMade);
  EXPECT_EQ(carry_out(true).outcome, run::Outcome::ok);
  EXPECT_THAT(children.launched, IsEmpty());
}

TEST_F(Backups, AnEndWithoutAWordOfWhatWasMadeIsNoSuccess) {
  children.ends["a1"] = printed("all went well, I believe\n");
  EXPECT_EQ(carry_out().outcome, run::Outcome::failed);
}

struct Restores : Backups {
  Restores() {
    step.call = {"backup", "postgres", "restore",
                 spec::object({{"name", {}, spec::text("database")},
                               {"into", {}, spec::text("/copies")},
                               {"step", {}, spec::text("rollout/backup database")}})};
    attempt.id = 9, attempt.way = run::Way::undo;
  }
};

TEST_F(Restores, BringsBackWhatTheStepHandedOn) {
  attempt.made["rollout/backup database"] = spec::object({{"id", {}, spec::text("r-a1")}});
  children.ends["a9"] = printed(
      R"({"restored":{"database":"shop","before":"shop_before_1","already":false,"restore":"2s","compare":"1s","rows":7}})");
  auto done = carry_out();
  EXPECT_EQ(done.outcome, run::Outcome::ok);
  EXPECT_THAT(children.specs["a9"].argv, Contains("--id=r-a1"));
  EXPECT_THAT(children.specs["a9"].argv, Contains("--key=r/r-a1"));
  EXPECT_THAT(done.says, HasSubstr("what stood there is kept as shop_before_1"));
}

TEST_F(Restores, OfARedisWhereItIsKeptIsSaid) {
  step.call.name = "redis";
  attempt.made["rollout/backup database"] = spec::object({{"id", {}, spec::text("r-a1")}});
  children.ends["a9"] = printed(
      R"({"restored":{"database":"cache","before":"database 1","already":false,"restore":"2s","compare":"1s","keys":7}})");
  EXPECT_EQ(carry_out().says,
            "cache is as it was copied: 7 keys in 2s, compared in 1s; what stood there is kept as "
            "database 1: flush it when nobody misses it");
}

TEST_F(Restores, TwoStepsWithOneCopyBringItBackOnce) {
  attempt.made["rollout/backup database"] = spec::object({{"id", {}, spec::text("r-a1")}});
  carry_out();
  attempt.id = 10, attempt.step = 1;
  carry_out();
  ASSERT_THAT(children.launched, ElementsAre("a9", "a10"));
  EXPECT_EQ(children.specs["a9"].argv, children.specs["a10"].argv);
}

TEST_F(Restores, NothingBeginsWhereNoCopyWasMade) {
  auto done = carry_out();
  EXPECT_EQ(done.outcome, run::Outcome::failed);
  EXPECT_THAT(done.says, HasSubstr("has made none in this run"));
  EXPECT_THAT(children.launched, IsEmpty());
}

}  // namespace
}  // namespace davy::testing
