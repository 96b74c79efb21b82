#include "providers/platform/supervisor.h"

#include <gmock/gmock.h>

#include "ports/testing/platform_contract.h"
#include "providers/platform/supervisor_testing.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Fate = FakeSupervisord::Fate;

struct Host : World {
  static constexpr int kInstances = 1;
  static constexpr bool kSideBySide = false;
  Host() {
    supervisord.all["backend"] = {};
    options.programs = "backend";
    made = supervisor_platform(outside, {"shop", "production", ""});
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  run::Release of(std::string version, std::string id) const {
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  run::Release one() const { return of("1", "shop@1"); }
  run::Release two() const { return of("2", "shop@2"); }
  ports::Platform& platform() { return *made; }
  static ports::Asking who(const run::Release&) { return {.variables = {{"url", "http://127.0.0.1:8000"}}}; }
  int begun() const { return supervisord.begun; }
  long alive(const run::Release&) const {
    return std::ranges::count_if(supervisord.all, [](auto& one) { return one.second.pid > 0; });
  }
  // A group of two behind a database.
  void several(std::string which) {
    supervisord.all = {{"db", {.priority = 1}},
                       {"web:a", {.priority = 10, .group = "web"}},
                       {"web:b", {.priority = 20, .group = "web"}}};
    options.programs = std::move(which);
  }
  auto start() { return run(made->start(one(), 1, who(one()))); }
  Result<> stop() { return run(made->stop(one(), 0, who(one()))); }
  Result<> healthy() { return run(made->healthy(one(), who(one()))); }
  std::string why_not() {
    auto up = start();
    EXPECT_FALSE(up);
    return up ? "" : to_string(up.error());
  }

  FakeSupervisord supervisord{*this};
  SupervisorOptions options;
  std::unique_ptr<ports::Platform> made;
};

TEST(SupervisorPlatform, SaysWhereEachOfItsProgramsRuns) {
  Host host;
  host.several("all");
  host.supervisord.all["web:a"].directory = "/srv/shop/current";
  auto homes = host.run(host.made->homes(host.one(), host.who(host.one())));
  ASSERT_TRUE(homes && homes->size() == 3);
  EXPECT_EQ(homes->at(0).what, "db");
  EXPECT_EQ(homes->at(0).directory, "") << "its word is none";
  EXPECT_EQ(homes->at(1).directory, "/srv/shop/current");
  EXPECT_EQ(homes->at(1).program, "./run");
}

TEST(SupervisorPlatform, ThatItDoesNotSayWhereIsNotThatItRunsThere) {
  Host host;
  host.supervisord.all["backend"].command = "";
  EXPECT_FALSE(host.run(host.made->homes(host.one(), host.who(host.one()))));
}

TEST(SupervisorPlatform, StartsAndWaitsUntilItHasRunForAWhile) {
  Host host;
  auto begin = host.clock.now();
  auto up = host.start();
  ASSERT_EQ(because(up), "fine");
  EXPECT_THAT(host.supervisord.acts(), ElementsAre("startProcess backend"));
  EXPECT_EQ(up->at(0).says, "backend RUNNING, pid 4711, for 11s");
  EXPECT_EQ(up->at(0).release, "shop@1");
  EXPECT_GE(host.clock.now() - begin, 11s) << "1 s until RUNNING, 10 s of it";
}

TEST(SupervisorPlatform, AsksByPostOverTheSocket) {
  Host host;
  ASSERT_TRUE(host.healthy().error().message.contains("STOPPED"));
  auto& asked = host.http.asked.front();
  EXPECT_EQ(asked.method, "POST");
  EXPECT_EQ(asked.url, "http+unix://%2Fvar%2Frun%2Fsupervisor.sock/RPC2");
  EXPECT_EQ(asked.headers.at("Content-Type"), "text/xml");
  EXPECT_EQ(asked.most.value, kMostOfAnAnswer.value);
  EXPECT_FALSE(asked.auth);
  host.options.user = "davy", host.options.password = "$SECRET";
  EXPECT_FALSE(host.healthy());
  EXPECT_EQ(host.http.asked.back().auth->user, "davy");
  EXPECT_EQ(host.http.asked.back().auth->secret.name, "SECRET");
}

TEST(SupervisorPlatform, WhatEndsTooQuicklyIsNotWaitedFor) {
  Host host;
  host.supervisord.all["backend"] = {.fate = Fate::ends_quickly, .err = "Traceback\nModuleNotFoundError: stripe\n"};
  auto begin = host.clock.now();
  auto why = host.why_not();
  EXPECT_THAT(why, HasSubstr("backend of shop@1 is BACKOFF: Exited too quickly; its log ends: Traceback / "
                             "ModuleNotFoundError: stripe (`supervisorctl tail backend stderr` has what it said)"));
  EXPECT_LT(host.clock.now() - begin, 1s);
  EXPECT_EQ(host.start().error().code, Code::invalid) << "no try is worth another";
}

TEST(SupervisorPlatform, WhatGaveUpIsBegunAnewByTheNextTry) {
  Host host;
  host.supervisord.all["backend"] = {.state = ProgramState::backoff};
  EXPECT_EQ(because(host.start()), "fine");
  EXPECT_THAT(host.supervisord.acts(), ElementsAre("stopProcess backend", "startProcess backend"));
  host.supervisord.all["backend"] = {.state = ProgramState::fatal};
  EXPECT_EQ(because(host.start()), "fine");
}

TEST(SupervisorPlatform, ARestartWhileItShouldLastIsAFailure) {
  Host host;
  host.supervisord.all["backend"] = {.fate = Fate::ends_later};
  EXPECT_THAT(host.why_not(), HasSubstr("ended, and supervisor started it again (pid 4711, then 4712)"));
  host.supervisord.all["backend"] = {.fate = Fate::ends_later, .lives = 0};
  EXPECT_THAT(host.why_not(), HasSubstr("is EXITED with 3"));
}

TEST(SupervisorPlatform, WhatIsStillStoppingIsWaitedFor) {
  Host host;
  host.supervisord.all["backend"] = {.state = ProgramState::stopping, .pid = 7, .since = host.clock.now()};
  EXPECT_EQ(because(host.start()), "fine");
  EXPECT_EQ(host.supervisord.all["backend"].pid, 4711);
}

TEST(SupervisorPlatform, ThatItRunsIsNotThatItIsHealthy) {
  Host host;
  host.options.health = "/health";
  host.supervisord.well = false;
  EXPECT_THAT(host.why_not(), HasSubstr("not healthy after 30s: http://127.0.0.1:8000/health answers 503"));
  EXPECT_FALSE(host.healthy());
  host.supervisord.well = true;
  EXPECT_EQ(because(host.start()), "fine");
  EXPECT_EQ(because(host.healthy()), "fine");
}

TEST(SupervisorPlatform, WhatCannotBeAskedForItsHealthIsNotStarted) {
  Host host;
  host.options.health = "/health";
  auto up = host.run(host.made->start(host.one(), 1, {}));
  EXPECT_THAT(to_string(up.error()), HasSubstr("the environment has no `url`"));
  EXPECT_EQ(host.begun(), 0);
}

TEST(SupervisorPlatform, SeveralStartByPriorityAndStopTheOtherWayRound) {
  Host host;
  host.several("all");
  ASSERT_EQ(because(host.start()), "fine");
  EXPECT_THAT(host.supervisord.acts(), ElementsAre("startProcess db", "startProcess web:a", "startProcess web:b"));
  host.supervisord.called.clear();
  ASSERT_EQ(because(host.stop()), "fine");
  EXPECT_THAT(host.supervisord.acts(), ElementsAre("stopProcess web:b", "stopProcess web:a", "stopProcess db"));
}

TEST(SupervisorPlatform, TheNextPriorityWaitsUntilTheOneBeforeRuns) {
  Host host;
  host.several("all");
  host.supervisord.all["db"].fate = Fate::ends_quickly;
  EXPECT_THAT(host.why_not(), HasSubstr("db of shop@1 is BACKOFF"));
  EXPECT_THAT(host.supervisord.acts(), ElementsAre("startProcess db"));
}

TEST(SupervisorPlatform, OneThatIsTakenOutOfTheConfigurationMeanwhileIsNotWell) {
  Host host;
  host.several("all");
  host.clock.slept = [&] { host.supervisord.all.erase("web:a"); };
  EXPECT_THAT(host.why_not(), HasSubstr("supervisor has no web:a any more"));
}

TEST(SupervisorPlatform, AGroupIsItsOwnProgramsAndNoOthers) {
  Host host;
  host.several("web:*");
  auto up = host.start();
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(up->size(), 2u);
  EXPECT_EQ(up->at(1).index, 1);
  EXPECT_EQ(host.supervisord.all["db"].pid, 0);
}

TEST(SupervisorPlatform, ThatItCouldNotLookIsNotThatNothingRuns) {
  Host host;
  ASSERT_TRUE(host.start());
  auto listed = [&] { return host.run(host.made->instances(host.one(), {})); };
  host.supervisord.gone = true;
  EXPECT_EQ(listed().error().code, Code::unavailable);
  EXPECT_EQ(host.stop().error().code, Code::unavailable);
  host.supervisord.gone = false;
  for (int status : {401, 404, 500}) {
    host.supervisord.status = status;
    EXPECT_FALSE(listed()) << status;
  }
  host.supervisord.status = 200;
  for (auto garbage : {" ", "<html/>", "<methodResponse><params><param><value><array/></value></param></params>"}) {
    host.supervisord.says = garbage;
    EXPECT_FALSE(listed()) << garbage;
    EXPECT_FALSE(host.stop()) << garbage;
  }
  host.supervisord.says.clear();
  host.supervisord.all["backend"].state = ProgramState::unknown;
  EXPECT_EQ(listed().error().code, Code::unavailable);
}

TEST(SupervisorPlatform, ThatSupervisorShutsDownSaysNothingOfItsPrograms) {
  Host host;
  host.supervisord.says = "<methodResponse>" + FakeSupervisord::fault(6, "SHUTDOWN_STATE") + "</methodResponse>";
  auto found = host.run(host.made->instances(host.one(), {}));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::unavailable);
}

TEST(SupervisorPlatform, AProgramThatIsNotThereIsAMistake) {
  Host host;
  host.options.programs = "bakcend";
  EXPECT_THAT(host.why_not(), HasSubstr("is `backend` meant?"));
  EXPECT_EQ(host.stop().error().code, Code::invalid);
}

}  // namespace
}  // namespace davy::providers

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(SupervisorThatIsFake, PlatformContract, davy::providers::Host);
}  // namespace davy::ports::testing
