#include "providers/platform/systemd.h"

#include <gmock/gmock.h>

#include "ports/testing/platform_contract.h"
#include "ports/testing/units_contract.h"
#include "providers/platform/systemd_testing.h"
#include "providers/platform/systemd_text.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Fate = FakeSystemd::Fate;

// A machine with systemd: the unit `app`, and the template `shop@`.
struct Machine : World {
  explicit Machine(std::string unit) {
    options.unit = std::move(unit);
    systemd.all["app.service"] = {};
    outside.units = &systemd;
    made = systemd_platform(outside, {"shop", "production", ""});
    process.answer = [this](auto&) { return ports::CommandEnd{.exit_code = 0, .output = journal}; };
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  run::Release of(std::string version, std::string id) const {
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  run::Release one() const { return of("1", "shop@1~r1"); }
  run::Release two() const { return of("2", "shop@2~r2"); }
  ports::Platform& platform() { return *made; }
  static ports::Asking who(const run::Release& r) {  // of the run r2, which ships the second
    return {.variables = {{"url", "http://127.0.0.1:8000"}, {"run", "r2"}, {"version", r.version}},
            .secrets = {{"TOKEN", SecretRef{"TOKEN"}}}};
  }
  int begun() const { return systemd.lives; }
  long alive(const run::Release& r) const {
    return std::ranges::count_if(systemd.all, [&](auto& one) {
      return one.second.state.pid > 0 && one.second.loaded && one.second.loaded->note.contains('"' + r.id + '"');
    });
  }
  auto start(const run::Release& r, int n = 1) { return run(made->start(r, n, who(r))); }
  auto stop(const run::Release& r, int keep = 0) { return run(made->stop(r, keep, who(r))); }
  std::vector<ports::Endpoint> listed(const run::Release& r) {
    auto all = run(made->instances(r, who(r)));
    EXPECT_TRUE(all) << because(all);
    return all.value_or(std::vector<ports::Endpoint>{});
  }
  std::string why_not(int n = 1) {
    auto up = start(two(), n);
    EXPECT_FALSE(up);
    return up ? "" : to_string(up.error());
  }

  FakeSystemd systemd{clock};
  SystemdOptions options;
  std::string journal;
  std::unique_ptr<ports::Platform> made;
};

struct InPlace : Machine {
  static constexpr int kInstances = 1;
  static constexpr bool kSideBySide = false;
  InPlace() : Machine("app") {}
  FakeSystemd::One& app() { return systemd.all["app.service"]; }
};
struct OfTemplate : Machine {
  static constexpr int kInstances = 2;
  static constexpr bool kSideBySide = true;
  OfTemplate() : Machine("shop@") { options.health = "/health", options.instances = 2; }
};

TEST(SystemdPlatform, GivesTheUnitItsReleaseAndStartsIt) {
  InPlace host;
  auto up = host.start(host.two());
  ASSERT_EQ(because(up), "fine");
  auto& gift = *host.app().loaded;
  EXPECT_EQ(gift.variables.at("version"), "2");
  EXPECT_EQ(gift.variables.at("release"), "shop@2~r2");
  EXPECT_EQ(gift.variables.at("environment"), "production");
  EXPECT_EQ(gift.secrets.at("TOKEN").name, "TOKEN");
  EXPECT_FALSE(gift.variables.contains("port"));
  EXPECT_THAT(up->at(0).says, HasSubstr("app.service active (running), pid 4711, for 1"));
  EXPECT_EQ(up->at(0).address, "");
}

TEST(SystemdPlatform, WhatRanBeforeDavyIsThePreviousReleaseAndNotTheOneThisRunShips) {
  InPlace host;
  host.systemd.live(host.app());
  EXPECT_EQ(host.listed(host.one()).size(), 1u);
  EXPECT_THAT(host.listed(host.two()), IsEmpty());
  EXPECT_TRUE(host.stop(host.two()));
  EXPECT_GT(host.app().state.pid, 0) << "it is none of the second's";
  EXPECT_TRUE(host.stop(host.one()));
  EXPECT_EQ(host.app().state.pid, 0);
}

TEST(SystemdPlatform, WhoeverRunsInItsPlaceIsStoppedBeforeItIsGivenAnotherRelease) {
  InPlace host;
  ASSERT_TRUE(host.start(host.one()));
  auto first = host.app().state.pid;
  ASSERT_TRUE(host.start(host.two()));
  EXPECT_NE(host.app().state.pid, first);
  EXPECT_THAT(host.listed(host.one()), IsEmpty());
  EXPECT_EQ(host.listed(host.two()).size(), 1u);
  EXPECT_TRUE(host.stop(host.one())) << "nothing of it runs";
  EXPECT_GT(host.app().state.pid, 0);
}

TEST(SystemdPlatform, WhatWasGivenButNeverLoadedIsNoSignOfALife) {
  InPlace host;  // Davy was killed in between, and the unit was started by hand
  host.systemd.live(host.app());
  host.app().given = gift({"shop@2~r2", "2"}, {"shop", "production", ""}, {});
  EXPECT_THAT(host.listed(host.two()), IsEmpty());
  auto first = host.app().state.pid;
  ASSERT_TRUE(host.start(host.two()));
  EXPECT_NE(host.app().state.pid, first);
}

TEST(SystemdPlatform, TakesBackWhatItGave) {
  OfTemplate host;
  ASSERT_TRUE(host.start(host.two(), 2));
  ASSERT_TRUE(host.stop(host.two(), 1));
  EXPECT_EQ(host.listed(host.two()).size(), 1u);
  ASSERT_TRUE(host.stop(host.two()));
  for (auto& [name, one] : host.systemd.all) EXPECT_FALSE(one.given || one.loaded || one.state.enabled()) << name;
}

TEST(SystemdPlatform, AnInstanceStartsInItsReleasesOwnFolder) {
  OfTemplate host;
  host.systemd.of_template.state.directory = "/srv/shop/current";
  auto two = host.two();
  two.folder = "/srv/shop/folders/2~r2";
  ASSERT_TRUE(host.start(two));
  EXPECT_EQ(host.systemd.all["shop@18100.service"].loaded->directory, "/srv/shop/folders/2~r2");
}

TEST(SystemdPlatform, OneThatWouldStartElsewhereIsNotStarted) {
  OfTemplate host;
  host.systemd.of_template.loads = false;
  auto two = host.two();
  two.folder = "/srv/shop/folders/2~r2";
  EXPECT_FALSE(host.start(two));
  EXPECT_EQ(host.begun(), 0);
}

TEST(SystemdPlatform, InPlaceAUnitStartsWhereItSaysItself) {
  InPlace host;
  auto two = host.two();
  two.folder = "/srv/shop/folders/2~r2";
  ASSERT_TRUE(host.start(two));
  EXPECT_EQ(host.app().loaded->directory, "");
}

TEST(SystemdPlatform, SaysWhereItRuns) {
  InPlace host;
  host.app().state.directory = "/srv/shop/current", host.app().state.program = "/usr/bin/node server.js";
  auto homes = host.run(host.made->homes(host.two(), host.who(host.two())));
  ASSERT_TRUE(homes && homes->size() == 1);
  EXPECT_EQ(homes->front().what, "app.service");
  EXPECT_EQ(homes->front().directory, "/srv/shop/current");
  EXPECT_EQ(homes->front().program, "/usr/bin/node server.js");
  EXPECT_FALSE(homes->front().given);
  OfTemplate of_template;
  homes = of_template.run(of_template.made->homes(of_template.two(), of_template.who(of_template.two())));
  ASSERT_TRUE(homes && homes->size() == 1);
  EXPECT_TRUE(homes->front().given);
}

TEST(SystemdPlatform, InstancesAreNamedByTheirPorts) {
  OfTemplate host;
  host.dialer.listens = [](auto& address) { return address == "127.0.0.1:18100"; };
  auto who = host.who(host.two());
  who.taken = {"127.0.0.1:18102"};
  auto up = host.run(host.made->start(host.two(), 2, who));
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(up->at(0).address, "127.0.0.1:18101");
  EXPECT_EQ(up->at(1).address, "127.0.0.1:18103");
  EXPECT_EQ(host.systemd.all["shop@18103.service"].loaded->variables.at("port"), "18103");
  EXPECT_EQ(host.systemd.all["shop@18103.service"].loaded->variables.at("index"), "1");
  EXPECT_EQ(host.http.asked.back().url, "http://127.0.0.1:18103/health");
  EXPECT_EQ(host.systemd.reloads, 1) << "for both";
  EXPECT_TRUE(host.systemd.all["shop@18103.service"].state.enabled()) << "after a reboot it is there again";
}

TEST(SystemdPlatform, SomebodysOwnInstanceIsLeftAlone) {
  OfTemplate host;
  host.systemd.live(*host.systemd.find("shop@18100.service"));
  auto up = host.start(host.two(), 1);
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(up->at(0).address, "127.0.0.1:18101");
  EXPECT_TRUE(host.stop(host.two()));
  EXPECT_GT(host.systemd.all["shop@18100.service"].state.pid, 0);
}

TEST(SystemdPlatform, ADeadInstanceIsStartedAnew) {
  OfTemplate host;
  ASSERT_TRUE(host.start(host.two(), 2));
  host.systemd.end(host.systemd.all["shop@18101.service"], false);
  auto seen = host.listed(host.two());
  EXPECT_FALSE(seen.at(1).alive);
  EXPECT_THAT(seen.at(1).says, HasSubstr("failed (failed): exit 7"));
  auto up = host.start(host.two(), 2);
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(host.systemd.lives, 3);
}

TEST(SystemdPlatform, OneThatCrashesEndsTheWaitWithItsLastLines) {
  for (bool notifies : {false, true}) {
    InPlace host;
    host.app().fate = Fate::crashes, host.app().notifies = notifies;
    host.journal = "Traceback\n\nNo module named stripe\n";
    auto why = host.why_not();
    EXPECT_THAT(why, HasSubstr("app.service of shop@2~r2 ended: exit 7, and systemd starts it again"));
    EXPECT_THAT(why, HasSubstr("its journal ends: Traceback / No module named stripe"));
    EXPECT_LE(host.systemd.lives, 2) << "it is not waited for";
    auto& asked = host.process.asked.back().argv;
    EXPECT_EQ(asked.back(), "_SYSTEMD_UNIT=app.service");
    EXPECT_TRUE(host.stop(host.two()));
    EXPECT_EQ(host.app().state.active, "inactive") << "it is not tried again";
  }
}

TEST(SystemdPlatform, OneThatFailedIsTriedAnewWhenSomebodyAsks) {
  InPlace host;
  host.app().fate = Fate::fails;
  EXPECT_THAT(host.why_not(), HasSubstr("failed: exit 7"));
  host.app().fate = Fate::runs;
  EXPECT_EQ(because(host.start(host.two())), "fine");
}

TEST(SystemdPlatform, ACrashThatSystemdHidesIsSeen) {
  InPlace host;
  host.app().fate = Fate::ends;
  host.options.healthy_for = 10s;
  EXPECT_THAT(host.why_not(), HasSubstr("ended"));
}

TEST(SystemdPlatform, ANotifyingOneIsWaitedForAndOneThatHangsIsNot) {
  InPlace host;
  host.app().notifies = true;
  EXPECT_EQ(because(host.start(host.two())), "fine");
  InPlace other;
  other.app().fate = Fate::hangs;
  EXPECT_THAT(other.why_not(), HasSubstr("app.service of shop@2~r2 is activating (start), pid 4711, after 1m 30s"));
}

TEST(SystemdPlatform, ActiveWithoutAProcessIsNotWell) {
  InPlace host;
  host.app().fate = Fate::stays;
  EXPECT_THAT(host.why_not(), HasSubstr("RemainAfterExit="));
}

TEST(SystemdPlatform, HealthIsAskedBehindTheUrl) {
  InPlace host;
  host.options.health = "/health", host.options.up_within = 5s;
  ASSERT_TRUE(host.start(host.two()));
  EXPECT_EQ(host.http.asked.back().url, "http://127.0.0.1:8000/health");
  host.http.answer = [](auto&) { return ports::HttpAnswer{.status = 503}; };
  EXPECT_THAT(to_string(host.run(host.made->healthy(host.two(), host.who(host.two()))).error()),
              HasSubstr("http://127.0.0.1:8000/health answers 503"));
  EXPECT_TRUE(host.stop(host.two()));
  EXPECT_THAT(host.why_not(), HasSubstr("answers 503, after 5s"));
}

TEST(SystemdPlatform, OneThatDoesNotHearIsKilledWhereThePlanSaysWhen) {
  InPlace host;
  host.app().stubborn = true;
  ASSERT_TRUE(host.start(host.two()));
  EXPECT_THAT(because(host.stop(host.two())), HasSubstr("its job is running after 1m"));
  host.options.stop_within = 3s;
  EXPECT_EQ(because(host.stop(host.two())), "fine");
  EXPECT_THAT(host.systemd.acts, ::testing::Contains("kill app.service"));
}

TEST(SystemdPlatform, AUnitThatDoesNotLoadWhatItIsGivenIsNotStarted) {
  InPlace host;
  host.app().loads = false;
  auto why = host.why_not();
  EXPECT_THAT(why, HasSubstr("app.service does not load what it is given for its release"));
  EXPECT_THAT(why, HasSubstr("`EnvironmentFile=/etc/systemd/system/app.service.d/90-davy.env`"));
  EXPECT_EQ(host.systemd.lives, 0);
}

TEST(SystemdPlatform, WhatRanBeforeIsNotStoppedWhereItCouldNotBeStartedAgain) {
  InPlace host;
  host.app().loads = false;
  host.systemd.live(host.app());
  auto stopped = host.stop(host.one());
  EXPECT_EQ(stopped.error().code, Code::refused);
  EXPECT_THAT(to_string(stopped.error()), HasSubstr("does not load"));
  EXPECT_GT(host.app().state.pid, 0);
  EXPECT_FALSE(host.app().given) << "it is as it was";
}

TEST(SystemdPlatform, AUnitThatNobodyKnowsIsAMistake) {
  Machine host("apq");
  EXPECT_THAT(host.why_not(), HasSubstr("systemd knows no unit apq.service"));
  EXPECT_EQ(host.stop(host.two()).error().code, Code::invalid);
  Machine other("other@");
  EXPECT_THAT(other.why_not(), HasSubstr("systemd knows no unit other@.service"));
}

TEST(SystemdPlatform, ThatItCouldNotLookIsNotThatNothingRuns) {
  InPlace host;
  ASSERT_TRUE(host.start(host.two()));
  host.systemd.gone = Error{Code::unavailable, "the bus of systemd: Connection refused"};
  EXPECT_EQ(host.run(host.made->instances(host.two(), {})).error().code, Code::unavailable);
  EXPECT_EQ(host.stop(host.two()).error().code, Code::unavailable);
  EXPECT_EQ(host.start(host.two()).error().code, Code::unavailable);
  EXPECT_FALSE(host.run(host.made->healthy(host.two(), {})));
  host.outside.units = nullptr;
  EXPECT_EQ(host.run(host.made->instances(host.two(), {})).error().code, Code::unavailable);
}

TEST(SystemdPlatform, KnowsItsNames) {
  EXPECT_EQ(full_name("app"), "app.service");
  EXPECT_EQ(full_name("app.service"), "app.service");
  EXPECT_EQ(instance_name("shop@", 18100), "shop@18100.service");
  EXPECT_EQ(instance_name("shop@.service", 1), "shop@1.service");
  EXPECT_TRUE(is_template("shop@.service"));
  EXPECT_FALSE(is_template("shop@blue"));
  auto fits = [](SystemdOptions o) {
    spec::Diagnostics d;
    return fit_together(o, spec::from_json(spec::encode(o)), d);
  };
  for (auto bad : {"", "--now", "a b", "app.socket", "@", "a@b@c", "../app", "app\n"})
    EXPECT_FALSE(fits({.unit = bad})) << bad;
  EXPECT_TRUE(fits({.unit = "shop@", .instances = 3}));
  EXPECT_FALSE(fits({.unit = "shop@", .instances = 3, .ports = {1000, 1001}}));
}

// The port's own contract, which the real one keeps in tests/systemd.
struct Fake {
  Fake() { systemd.all = {{"good.service", {}}, {"bad.service", {.fate = Fate::crashes}}}; }
  ports::Units& units() { return systemd; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return testing::run(std::move(task));
  }
  void wait() { clock.time += 10ms; }
  static std::string good() { return "good.service"; }
  static std::string bad() { return "bad.service"; }
  static std::string instance() { return "shop@18100.service"; }
  static std::string for_all() { return "shop@.service"; }
  static std::string nobody() { return "nobody.service"; }
  FakeClock clock;
  FakeSystemd systemd{clock};
};

}  // namespace
}  // namespace davy::providers

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(SystemdInPlace, PlatformContract, davy::providers::InPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(SystemdTemplate, PlatformContract, davy::providers::OfTemplate);
INSTANTIATE_TYPED_TEST_SUITE_P(SystemdThatIsFake, UnitsContract, davy::providers::Fake);
}  // namespace davy::ports::testing
