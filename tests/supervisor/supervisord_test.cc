#include <gmock/gmock.h>

#include "ports/testing/platform_contract.h"
#include "providers/platform/supervisor.h"
#include "providers/probe/supervisor.h"
#include "signals/real.h"

namespace davy {
namespace {

using namespace providers;
using namespace real;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What supervisord may be told to run. Each case has only its own: a supervisord that ends takes a second a program.
const std::map<std::string, std::string> kPrograms = {
    {"backend", "command=/bin/sh -c 'echo backend >>DIR/begun; echo $$ >DIR/pid; exec sleep 1000'"},
    {"web_a", "command=/bin/sh -c 'echo web_a >>DIR/begun; exec sleep 1000'\npriority=20"},
    {"web_b",
     "command=/bin/sh -c 'echo web_b >>DIR/begun; exec sleep 1000'\npriority=10\n"
     "[group:web]\nprograms=web_a,web_b"},
    {"broken", "command=/bin/sh -c 'echo Traceback >&2; echo No module named stripe >&2; exit 3'\nstartretries=100"},
    {"hopeless", "command=/bin/sh -c 'echo no such port >&2; exit 3'\nstartretries=0"},
    {"crashing", "command=/bin/sh -c 'sleep 1.5; exit 5'\nautorestart=true"},
    {"brief", "command=/bin/sh -c 'sleep 1.5; exit 5'\nautorestart=false"},
    {"stubborn", "command=/bin/sh -c 'trap \"\" TERM; echo $$ >DIR/pid; while :; do sleep 0.1; done'\nstopwaitsecs=1"},
    {"nowhere", "command=DIR/no/such/program"}};

struct Supervisord : real::World {
  static constexpr int kInstances = 1;
  static constexpr bool kSideBySide = false;

  explicit Supervisord(std::vector<std::string> programs = {"backend"}) {
    std::string config =
        "[supervisord]\nnodaemon=true\nlogfile=DIR/s.log\npidfile=DIR/s.pid\nchildlogdir=DIR\n"
        "[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface\n"
        "[unix_http_server]\nfile=DIR/s.sock\n"
        "[inet_http_server]\nport=127.0.0.1:" +
        std::to_string(port) + "\nusername=davy\npassword=sesame\n";
    for (auto& name : programs) config += "[program:" + name + "]\nautostart=false\n" + kPrograms.at(name) + "\n";
    write("s.conf", config);
    daemon = std::make_unique<Server>(std::vector<std::string>{"supervisord", "-c", dir.path + "/s.conf"},
                                      dir.path + "/out");
    options.programs = "backend";
    options.server = dir.path + "/s.sock";
    options.healthy_for = 300ms;
    made = supervisor_platform(outside(), {"shop", "production", ""});
    eventually([&] { return look("all").has_value(); });
  }

  void write(const std::string& name, std::string text) {
    for (std::size_t at; (at = text.find("DIR")) != text.npos;) text.replace(at, 3, dir.path);
    std::ofstream(dir.path + "/" + name) << text;
  }
  std::vector<std::string> lines(const std::string& name) const {
    std::ifstream in(dir.path + "/" + name);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
  }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return real::run(std::move(task));
  }
  run::Release of(std::string version, std::string id) const {
    return {std::move(version), std::move(id), spec::from_json(spec::encode(options))};
  }
  run::Release one() const { return of("1", "shop@1"); }
  run::Release two() const { return of("2", "shop@2"); }
  ports::Platform& platform() { return *made; }
  static ports::Asking who(const run::Release&) { return {}; }
  long begun() const { return std::ssize(lines("begun")); }
  int alive(const run::Release&) const {  // told by the kernel
    auto pid = lines("pid");
    return !pid.empty() && ::kill(std::stoi(pid.front()), 0) == 0;
  }

  auto start(std::string programs) {
    options.programs = std::move(programs);
    return run(made->start(one(), 1, {}));
  }
  std::string why_not(std::string programs) {
    auto up = start(std::move(programs));
    EXPECT_FALSE(up);
    return up ? "" : to_string(up.error());
  }
  Result<> stop() { return run(made->stop(one(), 0, {})); }
  Result<ports::Observation> look(std::string programs) {
    return run(
        perform(SupervisorProbe{.programs = std::move(programs), .server = options.server}, *made_outside(), {}));
  }
  ports::Outside* made_outside() { return real::World::made.get(); }

  TempDir dir;
  unsigned short port = free_port();
  std::unique_ptr<Server> daemon;
  SupervisorOptions options;
  std::unique_ptr<ports::Platform> made;
};

TEST(RealSupervisord, StartsStopsAndStartsAgain) {
  Supervisord s;
  ASSERT_EQ(because(s.start("backend")), "fine");
  auto first = s.lines("pid");
  ASSERT_EQ(because(s.stop()), "fine");
  ASSERT_EQ(because(s.start("backend")), "fine");
  EXPECT_NE(s.lines("pid"), first);
  EXPECT_EQ(s.begun(), 2);
}

TEST(RealSupervisord, AGroupStartsByPriority) {
  Supervisord s({"web_a", "web_b"});
  ASSERT_EQ(because(s.start("web:*")), "fine");
  EXPECT_THAT(s.lines("begun"), ElementsAre("web_b", "web_a"));
  auto seen = s.look("web:*");
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->ok) << seen->says;
  EXPECT_EQ(seen->numbers["running"], 2);
  EXPECT_EQ(because(s.stop()), "fine");
  EXPECT_EQ(s.look("web:*")->words["value"], "STOPPED");
}

TEST(RealSupervisord, BackoffEndsTheWaitAndSaysWhatTheProgramSaid) {
  Supervisord s({"broken"});
  auto why = s.why_not("broken");
  EXPECT_THAT(why, HasSubstr("broken of shop@1 is BACKOFF: Exited too quickly"));
  EXPECT_THAT(why, HasSubstr("its log ends: Traceback / No module named stripe"));
  EXPECT_EQ(because(s.stop()), "fine");
  EXPECT_EQ(s.look("broken")->words["value"], "STOPPED") << "it is not tried again";
  EXPECT_THAT(s.why_not("broken"), HasSubstr("BACKOFF")) << "each time anew";
}

TEST(RealSupervisord, FatalEndsTheWait) {
  Supervisord s({"hopeless"});
  EXPECT_THAT(s.why_not("hopeless"), HasSubstr("its log ends: no such port"));
  EXPECT_EQ(because(s.stop()), "fine");
}

TEST(RealSupervisord, AProgramThatIsNoneIsSaidAtOnce) {
  Supervisord s({"nowhere"});
  EXPECT_THAT(s.why_not("nowhere"), HasSubstr("starting nowhere: supervisor says NO_FILE"));
}

TEST(RealSupervisord, ACrashWhileItShouldLastIsAFailure) {
  Supervisord s({"brief", "crashing"});
  s.options.healthy_for = 10s;
  EXPECT_THAT(s.why_not("brief"), HasSubstr("EXITED with 5"));
  auto why = s.why_not("crashing");
  EXPECT_TRUE(why.contains("supervisor started it again") || why.contains("EXITED with 5")) << why;
  EXPECT_EQ(because(s.stop()), "fine");
  std::this_thread::sleep_for(2s);
  EXPECT_EQ(s.look("crashing")->numbers["running"], 0) << "it was stopped between two lives, and stays so";
}

TEST(RealSupervisord, WhatDoesNotHearIsKilledBySupervisord) {
  Supervisord s({"stubborn"});
  ASSERT_EQ(because(s.start("stubborn")), "fine");
  EXPECT_EQ(because(s.stop()), "fine");
  EXPECT_FALSE(s.alive(s.one()));
}

TEST(RealSupervisord, OverTcpAUserAndAPasswordAreAskedFor) {
  Supervisord s;
  s.options.server = "http://127.0.0.1:" + std::to_string(s.port);
  s.secret("RIGHT", "sesame");
  s.secret("WRONG", "mustard");
  EXPECT_THAT(s.why_not("backend"), HasSubstr("it wants a user and a password"));
  s.options.user = "davy", s.options.password = "$WRONG";
  auto why = s.why_not("backend");
  EXPECT_THAT(why, HasSubstr("not with this user and password"));
  EXPECT_THAT(why, ::testing::Not(HasSubstr("mustard")));
  EXPECT_EQ(s.begun(), 0);
  s.options.password = "$RIGHT";
  EXPECT_EQ(because(s.start("backend")), "fine");
}

TEST(RealSupervisord, AProgramThatNobodyKnowsIsAskedBack) {
  Supervisord s({"backend", "web_a", "web_b"});
  EXPECT_THAT(s.why_not("web_a"), HasSubstr("is `web:web_a` meant?"));
  EXPECT_THAT(s.why_not("web"), HasSubstr("is `web:*` meant?"));
  EXPECT_THAT(because(s.look("bakcend")), HasSubstr("is `backend` meant?"));
}

TEST(RealSupervisord, WithoutItsSocketNobodyKnows) {
  Supervisord s;
  ASSERT_EQ(because(s.start("backend")), "fine");
  s.daemon->stop(SIGTERM);
  for (auto code : {s.run(s.made->instances(s.one(), {})).error().code, s.stop().error().code,
                    s.look("all").error().code, s.run(s.made->healthy(s.one(), {})).error().code})
    EXPECT_EQ(code, Code::unavailable);
  EXPECT_THAT(because(s.look("all")), HasSubstr("does supervisord run"));
}

}  // namespace
}  // namespace davy

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(RealSupervisord, PlatformContract, davy::Supervisord);
}  // namespace davy::ports::testing
