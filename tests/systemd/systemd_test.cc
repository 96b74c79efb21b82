#include "providers/platform/systemd.h"

#include <gmock/gmock.h>

#include "io/units/units.h"
#include "ports/testing/platform_contract.h"
#include "ports/testing/units_contract.h"
#include "signals/real.h"
#include "source_dir.h"

namespace davy {
namespace {

using namespace providers;
using namespace real;
using ports::Manager;
using ports::UnitAct;
using ::testing::HasSubstr;

const std::map<std::string, std::string> kUnits = {
    {"good.service", "ExecStart=/bin/sleep 1000000"},
    {"bad.service", "ExecStart=/bin/sh -c 'exit 7'\nRestart=always\nRestartSec=50ms"},
    {"loud.service", "ExecStart=/bin/sh -c 'env -0 >/run/environment; exec sleep 1000000'"},
    // It has begun when it no longer hears, so that no stop comes before that.
    {"stubborn.service",
     "Type=notify\nNotifyAccess=all\n"
     "ExecStart=/bin/sh -c 'trap \"\" TERM; systemd-notify --ready; while :; do sleep 0.1; done'"},
    {"needy.service", "ExecStart=/bin/sleep 1000000\n[Unit]\nRequires=failing.service\nAfter=failing.service"},
    {"failing.service", "Type=oneshot\nExecStart=/bin/false"},
    {"notifying.service",
     "Type=notify\nNotifyAccess=all\nExecStart=/bin/sh -c 'sleep 0.5; systemd-notify --ready; exec sleep 1000000'"},
    {"deaf.service", "ExecStart=/bin/sleep 1000000"},
    {"app.service", "ExecStart=/bin/sh -c 'echo app >>/run/begun; exec sleep 1000000'"},
    {"shop@.service",
     "WorkingDirectory=/srv\n"
     "ExecStart=/bin/sh -c 'echo $version >>/run/begun; exec python3 -m http.server --bind 127.0.0.1 %i'\n"
     "[Install]\nWantedBy=davy-test.target"}};

// One for all cases, since it takes a second to boot; each finds its units down and nothing given.
class Booted {
 public:
  Booted() {
    std::vector<std::string> argv{"/bin/sh", "-c", "exec sleep 100000 | exec \"$@\"", "sh",
                                  source_dir() + "/tests/systemd/machine"};
    for (auto& [name, text] : kUnits) {
      auto path = dir.path + "/" + name;
      std::ofstream(path) << "[Service]\n" << text << "\n[Unit]\nStartLimitIntervalSec=60\nStartLimitBurst=4\n";
      argv.push_back(path);
    }
    machine = std::make_unique<Server>(argv, dir.path + "/out");
    if (!eventually([&] { return !(pid = said()).empty(); })) {
      why_not = "no machine of its own can be booted here: " + files.read(dir.path + "/out").value_or("");
      return;
    }
    std::filesystem::create_directories(root() + "/etc/systemd/system/deaf.service.d");
    std::ofstream(root() + "/etc/systemd/system/deaf.service.d/99-own.conf") << "[Service]\nEnvironmentFile=\n";
  }
  std::string said() const {
    std::ifstream in(dir.path + "/out");
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("pid ")) return line.substr(4);
    return "";
  }
  std::string root() const { return "/proc/" + pid + "/root"; }
  io::UnitsPlace place() const {
    return {.bus = "unix:path=" + root() + "/run/dbus/system_bus_socket", .root = root()};
  }
  static Booted& it() {
    static Booted one;
    return one;
  }

  io::Files files;
  TempDir dir;
  std::unique_ptr<Server> machine;
  std::string pid, why_not;
};

// Where no machine can be booted (no root, a container that lets nobody mount) there is nothing to look at.
struct NeedsAMachine : ::testing::Environment {
  void SetUp() override {
    if (auto& why = Booted::it().why_not; !why.empty()) GTEST_SKIP() << why;
  }
};
const auto* kNeedsAMachine = ::testing::AddGlobalTestEnvironment(new NeedsAMachine);

struct Machine : real::World {
  Machine() {
    for (auto& [name, text] : kUnits) clean(name);
    std::filesystem::remove(booted.root() + "/run/begun");
    run(units_.reload(Manager::system));
  }
  void clean(const std::string& name) {
    std::vector<std::string> names{name};
    if (name.contains("@."))
      for (int port = first; port < first + 4; ++port) names.push_back("shop@" + std::to_string(port) + ".service");
    for (auto& unit : names) {
      if (unit.contains("@.")) continue;
      run(units_.act(Manager::system, UnitAct::stop, {unit}, unit == "stubborn.service" ? 0s : 20s));
      run(units_.kill(Manager::system, unit)), run(units_.reset_failed(Manager::system, unit));
      run(units_.take_back(Manager::system, unit));
    }
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return real::run(std::move(task));
  }
  ports::UnitState look(const std::string& unit) {
    auto state = run(units_.look(Manager::system, unit));
    EXPECT_TRUE(state) << because(state);
    return state.value_or(ports::UnitState{});
  }
  std::string act(UnitAct act, const std::string& unit, Duration within = 20s) {
    auto ends = run(units_.act(Manager::system, act, {unit}, within));
    return ends ? ends->front().result : to_string(ends.error());
  }
  // Of the contract.
  ports::Units& units() { return units_; }
  static void wait() { std::this_thread::sleep_for(10ms); }
  static std::string good() { return "good.service"; }
  static std::string bad() { return "bad.service"; }
  static std::string for_all() { return "shop@.service"; }
  static std::string instance() { return "shop@" + std::to_string(first) + ".service"; }
  static std::string nobody() { return "nobody.service"; }

  Booted& booted = Booted::it();
  inline static const int first = real::free_ports(4);
  io::Units units_{secrets, booted.place()};
};

TEST(RealSystemd, AnEnvironmentArrivesExactlyAsItWasGiven) {
  Machine m;
  ports::Gift gift{.note = "n"};
  const char* const kValues[] = {"plain",
                                 "two words ",
                                 " before",
                                 "a\"b'c",
                                 "back\\slash\\",
                                 "$HOME ${HOME} `id`",
                                 "# no comment",
                                 "; neither",
                                 "two\nlines\n",
                                 "%i %% %n",
                                 "Grüße 🚀",
                                 "",
                                 "=",
                                 "\\n\\x41",
                                 "a=b",
                                 "\ttab"};
  int n = 0;
  for (auto value : kValues) gift.variables["V" + std::to_string(n++)] = value;
  m.secret("SESAME", "s$e\"s\\ame");
  gift.secrets["TOKEN"] = SecretRef{"SESAME"};
  auto expected = gift.variables;
  expected["TOKEN"] = "s$e\"s\\ame";
  ASSERT_TRUE(m.run(m.units().give(Manager::system, "loud.service", gift)));
  ASSERT_TRUE(m.run(m.units().reload(Manager::system)));
  ASSERT_EQ(m.act(UnitAct::start, "loud.service"), "done");
  auto path = m.booted.root() + "/run/environment";
  auto all = [&] { return *m.files.read(path); };
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(path) && all().contains("TOKEN="); }));
  for (auto& [name, value] : expected)
    EXPECT_TRUE(("\0" + all()).contains(name + "=" + value + std::string(1, '\0'))) << name << " " << value;
}

TEST(RealSystemd, ANotifyingUnitHasBegunWhenItSaysSo) {
  Machine m;
  EXPECT_EQ(m.act(UnitAct::start, "notifying.service", 1ms), "running");
  EXPECT_EQ(m.look("notifying.service").active, "activating");
  EXPECT_EQ(m.act(UnitAct::start, "notifying.service"), "done") << "who asks again hears of the same";
  EXPECT_EQ(m.look("notifying.service").active, "active");
}

TEST(RealSystemd, AUnitThatNeedsOneThatFailsIsNotStarted) {
  Machine m;
  EXPECT_EQ(m.act(UnitAct::start, "needy.service"), "dependency");
}

TEST(RealSystemd, KillEndsWhatDoesNotHear) {
  Machine m;
  ASSERT_EQ(m.act(UnitAct::start, "stubborn.service"), "done");
  EXPECT_EQ(m.act(UnitAct::stop, "stubborn.service", 300ms), "running");
  EXPECT_TRUE(m.run(m.units().kill(Manager::system, "stubborn.service")));
  EXPECT_EQ(m.act(UnitAct::stop, "stubborn.service"), "done");
  EXPECT_EQ(m.look("stubborn.service").pid, 0);
}

TEST(RealSystemd, HowAProcessWasKilledIsSaid) {
  Machine m;
  ASSERT_EQ(m.act(UnitAct::start, "good.service"), "done");
  auto first = m.look("good.service");
  EXPECT_GT(first.pid, 0);
  ASSERT_TRUE(m.run(m.units().kill(Manager::system, "good.service")));
  ASSERT_TRUE(eventually([&] { return m.look("good.service").active == "failed"; }));
  auto now = m.look("good.service");
  EXPECT_EQ(now.result, "signal");
  EXPECT_EQ(now.ended, 2);
  EXPECT_EQ(now.status, SIGKILL);
}

// The platform, whose program of the template answers at its port.
struct OfPlatform : Machine {
  explicit OfPlatform(std::string unit) {
    options.unit = std::move(unit);
    options.healthy_for = 200ms;
    process.answer = [](auto&) { return ports::CommandEnd{.exit_code = 0}; };  // the journal: tests/systemd/run
    outside().units = &units_;
    made = systemd_platform(*real::World::made, {"shop", "production", ""});
  }
  run::Release of(std::string version, std::string id) const {
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  run::Release one() const { return of("1", "shop@1~r1"); }
  run::Release two() const { return of("2", "shop@2~r2"); }
  ports::Platform& platform() { return *made; }
  static ports::Asking who(const run::Release&) { return {.variables = {{"run", "r2"}}}; }
  long begun() {
    auto text = files.read(booted.root() + "/run/begun").value_or("");
    return std::ranges::count(text, '\n');
  }
  long alive(const run::Release& r) {  // told by systemd
    auto all = run(units_.given(Manager::system, options.unit + (options.unit.ends_with('@') ? ".service" : "")));
    return std::ranges::count_if(
        *all, [&](auto& one) { return one.note.contains('"' + r.id + '"') && look(one.unit).pid > 0; });
  }
  std::string why_not() {
    auto up = run(made->start(two(), 1, who(two())));
    EXPECT_FALSE(up);
    return up ? "" : to_string(up.error());
  }
  SystemdOptions options;
  std::unique_ptr<ports::Platform> made;
};
struct InPlace : OfPlatform {
  static constexpr int kInstances = 1;
  static constexpr bool kSideBySide = false;
  InPlace() : OfPlatform("app.service") {}
};
struct OfTemplate : OfPlatform {
  static constexpr int kInstances = 2;
  static constexpr bool kSideBySide = true;
  OfTemplate() : OfPlatform("shop@") {
    options.instances = 2, options.ports = {first, first + 3}, options.health = "/";
  }
};

TEST(RealSystemd, ACrashLoopIsNotWaitedFor) {
  OfPlatform m("bad");
  EXPECT_THAT(m.why_not(), HasSubstr("bad.service of shop@2~r2 "));
  EXPECT_THAT(m.why_not(), HasSubstr("exit 7")) << "each time anew, though it has used up its starts";
  EXPECT_EQ(because(m.run(m.made->stop(m.two(), 0, m.who(m.two())))), "fine");
  EXPECT_EQ(m.look("bad.service").active, "inactive");
}

TEST(RealSystemd, AUnitWhoseStartsWereUsedUpIsStartedAllTheSame) {
  OfPlatform m("app");
  for (int i = 0; i < 6; ++i) m.act(UnitAct::restart, "app.service");
  EXPECT_EQ(m.act(UnitAct::restart, "app.service"), "failed") << "systemd has had enough of it";
  auto up = m.run(m.made->start(m.two(), 1, m.who(m.two())));
  EXPECT_EQ(because(up), "fine");
}

TEST(RealSystemd, AUnitThatDoesNotLoadWhatItIsGivenSaysWhichLine) {
  OfPlatform m("deaf");
  auto why = m.why_not();
  EXPECT_THAT(why, HasSubstr("does not load what it is given for its release"));
  EXPECT_THAT(why, HasSubstr("in /etc/systemd/system/deaf.service.d/99-own.conf"));
  EXPECT_EQ(m.look("deaf.service").pid, 0);
}

TEST(RealSystemd, AnInstanceStartsInItsReleasesOwnFolder) {
  OfTemplate m;
  auto two = m.two();
  two.folder = "/run/folders/50% 2~r2";
  std::filesystem::create_directories(m.booted.root() + two.folder);
  auto up = m.run(m.made->start(two, 1, m.who(two)));
  ASSERT_EQ(because(up), "fine");
  EXPECT_EQ(m.look(OfTemplate::instance()).directory, two.folder);
  EXPECT_EQ(because(m.run(m.made->stop(two, 0, m.who(two)))), "fine");
  EXPECT_EQ(m.look(OfTemplate::instance()).directory, "/srv") << "as the template says itself";
}

TEST(RealSystemd, AUnitSaysWhereItRuns) {
  InPlace in_place;
  auto homes = in_place.run(in_place.made->homes(in_place.two(), in_place.who(in_place.two())));
  ASSERT_EQ(because(homes), "fine");
  EXPECT_EQ(homes->front().directory, "");
  EXPECT_EQ(homes->front().program, "/bin/sh -c echo app >>/run/begun; exec sleep 1000000");
  OfTemplate of_template;
  homes = of_template.run(of_template.made->homes(of_template.two(), of_template.who(of_template.two())));
  ASSERT_EQ(because(homes), "fine");
  EXPECT_EQ(homes->front().directory, "/srv");
}

TEST(RealSystemd, WithoutItsBusNobodyKnows) {
  Machine m;
  io::Units away(m.secrets, {.bus = "unix:path=/nonexistent/bus", .root = m.booted.root()});
  EXPECT_EQ(m.run(away.look(Manager::system, "good.service")).error().code, Code::unavailable);
}

}  // namespace
}  // namespace davy

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(RealSystemd, UnitsContract, davy::Machine);
INSTANTIATE_TYPED_TEST_SUITE_P(RealSystemdInPlace, PlatformContract, davy::InPlace);
INSTANTIATE_TYPED_TEST_SUITE_P(RealSystemdTemplate, PlatformContract, davy::OfTemplate);
}  // namespace davy::ports::testing
