// The guard: what a keeper does when nobody judges.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A little HAProxy: keeps the lines it was told, shows what it holds, answers, closes. Runs in the world's loop.
template <class Protocol>
struct Router {
  typename Protocol::acceptor acceptor;
  std::vector<std::string> heard;
  std::string holder = "v2";
  bool obeys = true, answers = true;
  std::vector<typename Protocol::socket> silent;
  explicit Router(asio::io_context& context, const typename Protocol::endpoint& at) : acceptor(context, at) {}
  ~Router() { acceptor.close(); }
  void serve() {
    acceptor.async_accept([this](boost::system::error_code error, typename Protocol::socket socket) {
      if (error) return;
      std::string line;
      asio::read_until(socket, asio::dynamic_buffer(line), '\n');
      if (line != "who\n") heard.push_back(line);
      if (obeys && line.starts_with("all to ")) holder = line.substr(7, line.size() - 8);
      auto answer = line == "who\n" ? holder + " has users\n" : obeys ? "done\n" : "No such server.\n";
      if (answers)
        asio::write(socket, asio::buffer(answer));
      else
        silent.push_back(std::move(socket));
      serve();
    });
  }
};
using UnixRouter = Router<asio::local::stream_protocol>;
using TcpRouter = Router<asio::ip::tcp>;

ports::Move move_at(const std::string& address, const std::string& what = "traffic to v1") {
  return {.what = what,
          .acts = {{.address = address, .text = "all to v1"}},
          .proof = {.address = address, .text = "who"},
          .expect = {"^v1 has users$"},
          .lacks = {"^v2 "},
          .within = 1s};
}

ports::Act run_by_sh(std::string text) { return {.argv = {"/bin/sh", "-c", std::move(text)}}; }

struct GuardWorld : World {
  GuardWorld() {
    options.patience = 300ms;
    connect();
  }
  std::string at(std::string_view name) const { return scratch / name; }
  ports::WayBack way() const { return {.moves = {move_at(at("router"))}}; }
  // A command that writes down who has users, as a shift command would.
  ports::Move by_command(const std::string& what = "by command") const {
    return {.what = what,
            .acts = {run_by_sh("echo v1 has users > " + at("holder"))},
            .proof = run_by_sh("cat " + at("holder")),
            .expect = {"^v1 "},
            .within = 2s};
  }
  Result<> arm(ports::WayBack way) { return run(client->arm(std::move(way))); }
  std::optional<ports::Guard::Taken> taken() { return run(client->taken()).value(); }
  std::string log() const { return slurp(spool("keeper.log")); }
  bool until(const std::function<bool()>& holds) {
    return eventually([&] {
      context.restart();
      context.poll();
      return holds();
    });
  }
  void pass(Duration time) {
    context.restart();
    context.run_for(time);
  }
  void next_keeper() {
    end_keeper();
    ASSERT_TRUE(start_keeper("/proc/self/exe", options));
  }
};

TEST(Guard, TakesTheWayBackWhenNobodyJudges) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  TcpRouter tcp(world.context, {asio::ip::make_address("127.0.0.1"), 0});
  tcp.serve();
  auto way = world.way();
  way.moves.push_back(move_at("localhost:" + std::to_string(tcp.acceptor.local_endpoint().port()), "second"));
  std::ofstream(world.at("holder")) << "v2 has users\n";
  way.moves.push_back(world.by_command("third"));
  ASSERT_TRUE(world.arm(way));
  EXPECT_EQ(router.heard.size(), 0U) << "arming asks, and tells nobody anything";
  ASSERT_TRUE(world.until([&] { return world.log().contains("every proof holds"); }));
  EXPECT_THAT(router.heard, ElementsAre("all to v1\n"));
  EXPECT_THAT(tcp.heard, ElementsAre("all to v1\n"));
  EXPECT_EQ(slurp(world.at("holder")), "v1 has users\n");

  auto taken = world.taken();
  ASSERT_TRUE(taken);
  EXPECT_THAT(taken->done, ElementsAre("traffic to v1", "second", "third"));
  EXPECT_TRUE(taken->open.empty());
  EXPECT_LT(std::chrono::abs(taken->at - std::chrono::system_clock::now()), 30s);
  EXPECT_TRUE(world.taken()) << "told again until somebody acted on it";
  EXPECT_TRUE(world.run(world.client->disarm()));
  EXPECT_FALSE(world.taken());
  world.pass(800ms);
  EXPECT_EQ(router.heard.size(), 1U) << "and it is not taken twice";
}

// Two services with a HAProxy each; that of the first is dead, or hangs.
TEST(Guard, OneDeadOrHangingRouterKeepsNoOtherFromBeingAsked) {
  for (bool hangs : {false, true}) {
    GuardWorld world;
    UnixRouter first(world.context, {world.at("a.sock")}), second(world.context, {world.at("b.sock")});
    first.serve();
    second.serve();
    ASSERT_TRUE(world.arm({.moves = {move_at(world.at("a.sock"), "a"), move_at(world.at("b.sock"), "b")}}));
    first.answers = false;
    if (!hangs) first.acceptor.close();
    ASSERT_TRUE(world.until([&] { return second.holder == "v1"; }));
    ASSERT_TRUE(world.until([&] { return world.taken() && !world.taken()->done.empty(); }));
    EXPECT_THAT(world.taken()->done, ElementsAre("b"));
    EXPECT_EQ(world.taken()->open.at(0).what, "a");
    auto said = hangs ? "did not answer in time" : "Connection refused";
    EXPECT_TRUE(world.until([&] { return world.taken()->open.at(0).why.contains(said); }))
        << world.taken()->open.at(0).why;
    EXPECT_THAT(slurp(world.spool("way-back")), HasSubstr(said)) << "for `davy status`";
  }
}

TEST(Guard, ALyingAnswerIsNoProofAndIsAskedAgain) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm(world.way()));
  router.obeys = false;  // `No such server.`
  ASSERT_TRUE(world.until([&] { return router.heard.size() >= 2; })) << "tried on";
  auto taken = world.taken();
  ASSERT_TRUE(taken) << "told as soon as one act was carried out";
  EXPECT_TRUE(taken->done.empty());
  EXPECT_THAT(taken->open.at(0).why, HasSubstr("its proof lacks `^v1 has users$`: it answers `v2 has users`"));
  router.obeys = true;
  ASSERT_TRUE(world.until([&] { return world.taken()->open.empty(); }));
  EXPECT_EQ(router.holder, "v1");
}

TEST(Guard, WhatIsMissingIsSaidInWordsAndTheAnswerIsInTheLog) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  auto way = world.way();
  way.moves[0].missing = "the router finds nobody of v1 up", way.moves[0].left = "v2 still has users";
  way.moves[0].acts.insert(way.moves[0].acts.begin(), {.address = world.at("router"), .text = "who", .expect = "^v1 "});
  router.holder = "v1";
  ASSERT_TRUE(world.arm(way));
  router.holder = "v2";
  auto why = [&] { return slurp(world.spool("way-back")); };
  ASSERT_TRUE(world.until([&] { return why().contains("nobody of v1"); }));
  EXPECT_THAT(why(), HasSubstr("\"the router finds nobody of v1 up; it takes nobody away as long as that is so\""));
  EXPECT_THAT(world.log(), HasSubstr("its proof lacks `^v1 has users$`: it answers `v2 has users`"));
  router.obeys = false, router.holder = "v1 has users\nv2";
  EXPECT_TRUE(world.until([&] { return why().contains("\"v2 still has users\""); })) << why();
}

TEST(Guard, ActsHaveFolderVariablesAndSecrets) {
  GuardWorld world;
  ::setenv("LB_TOKEN", "open-sesame", 1);
  world.secrets.add_environment({"LB_TOKEN"});
  ::unsetenv("LB_TOKEN");
  world.connect();
  std::filesystem::create_directory(world.at("ops"));
  std::ofstream(world.at("ops/lb")) << "#!/bin/sh\n[ \"$TOKEN\" = open-sesame ] || { echo bad $TOKEN; exit 1; }\n"
                                       "case $1 in shift) echo \"$release has users\" > state;; *) cat state;; esac\n";
  std::filesystem::permissions(world.at("ops/lb"), std::filesystem::perms::owner_all);
  auto lb = [&](const char* verb) {
    return ports::Act{.argv = {"./lb", verb},
                      .cwd = world.at("ops"),
                      .env = {{"release", "v1"}},
                      .secret_env = {{"TOKEN", {"LB_TOKEN"}}}};
  };
  ports::Move move{.what = "lb", .acts = {lb("shift")}, .proof = lb("read"), .expect = {"^v1 "}};
  auto armed = world.arm({.moves = {move}, .rehearse = true});
  ASSERT_TRUE(armed) << armed.error().message;
  std::ofstream(world.at("ops/state")) << "v2 has users\n";
  ASSERT_TRUE(world.until([&] { return slurp(world.at("ops/state")) == "v1 has users\n"; }));
  for (const auto& file : {"armed", "way-back", "keeper.log"})
    EXPECT_THAT(slurp(world.spool(file)), Not(HasSubstr("open-sesame")));
}

TEST(Guard, ArmsOnlyWhatWasFoundWorking) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  auto why = [&](ports::Move move, bool rehearse = false) {
    auto armed = world.arm({.moves = {move_at(world.at("router"), "good"), move}, .rehearse = rehearse});
    return armed ? "armed" : armed.error().message;
  };
  auto lacking = [&](auto&& change) {
    auto move = world.by_command("bad");
    std::ofstream(world.at("holder")) << "v1 has users\n";
    change(move);
    return why(std::move(move));
  };
  EXPECT_EQ(lacking([](auto&) {}), "armed");
  EXPECT_THAT(why(move_at(world.at("nobody"), "bad")), HasSubstr("bad: connecting to " + world.at("nobody")));
  EXPECT_THAT(lacking([](auto& m) { m.acts[0].argv[0] = "no-such-lb"; }),
              HasSubstr("bad: there is no program `no-such-lb`"));
  EXPECT_THAT(lacking([](auto& m) { m.acts[0].cwd = "/no/such/folder"; }), HasSubstr("/no/such/folder is no folder"));
  EXPECT_THAT(lacking([](auto& m) { m.acts[0].secret_env["T"] = {"NOBODY"}; }), HasSubstr("NOBODY"));
  EXPECT_THAT(lacking([](auto& m) { m.proof = run_by_sh("exit 3"); }), HasSubstr("failed with exit 3"));
  EXPECT_THAT(lacking([](auto& m) { m.proof = run_by_sh("sleep 60"), m.within = 200ms; }),
              HasSubstr("was not done after"));
  EXPECT_THAT(lacking([](auto& m) { m.expect.clear(); }), HasSubstr("expects nothing"));
  EXPECT_THAT(lacking([](auto& m) { m.acts[0].expect = "("; }), HasSubstr("no expression"));
  EXPECT_THAT(lacking([](auto& m) { m.acts.clear(); }), HasSubstr("no acts"));
  EXPECT_THAT(lacking([](auto& m) { m.host = "lb2"; }), HasSubstr("no other host"));
}

TEST(Guard, IsNotArmedByAWayBackThatFailed) {
  GuardWorld world;
  EXPECT_FALSE(world.arm(world.way()));
  EXPECT_FALSE(std::filesystem::exists(world.spool("armed")));
  world.pass(600ms);
  EXPECT_FALSE(world.taken());
}

TEST(Guard, ARehearsalCarriesOutAndBelievesTheProof) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  auto way = world.way();
  way.rehearse = true;
  router.obeys = false;
  way.moves[0].missing = "nobody of v1 is up";
  EXPECT_THAT(world.arm(way).error().message, HasSubstr("traffic to v1: nobody of v1 is up (its proof lacks"));
  router.obeys = true;
  EXPECT_TRUE(world.arm(way));
  EXPECT_EQ(router.heard.size(), 2U);
}

// The previous release has all users then, so the proof holds whatever the acts can do.
TEST(Guard, ARehearsalWhoseActFailsIsNoneThoughItsProofHolds) {
  GuardWorld world;
  std::ofstream(world.at("holder")) << "v1 has users\n";
  auto move = world.by_command();
  move.acts = {run_by_sh("echo no such token >&2; exit 9")};
  auto armed = world.arm({.moves = {move}, .rehearse = true});
  ASSERT_FALSE(armed);
  EXPECT_THAT(armed.error().message, HasSubstr("exit 9"));
  EXPECT_THAT(armed.error().message, HasSubstr("no such token"));
  move.acts = {run_by_sh("sleep 600")};
  move.within = 300ms;
  EXPECT_FALSE(world.arm({.moves = {move}, .rehearse = true})) << "one that hangs";
}

TEST(Guard, MovesUsersWithNotOneDescriptorToSpare) {
#if __has_feature(undefined_behavior_sanitizer) || __has_feature(address_sanitizer)
  GTEST_SKIP() << "to ask whether memory may be read the sanitizer opens a pipe";
#endif
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  auto way = world.way();
  std::ofstream(world.at("holder")) << "v2 has users\n";
  way.moves.push_back(world.by_command());
  ASSERT_TRUE(world.arm(way));
  auto highest = 0;
  for (auto& one : std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", world.keeper())))
    highest = std::max(highest, std::stoi(one.path().filename()));
  rlimit limit{static_cast<rlim_t>(highest + 1), static_cast<rlim_t>(highest + 1)};
  ASSERT_EQ(::prlimit(world.keeper(), RLIMIT_NOFILE, &limit, nullptr), 0);
  ASSERT_TRUE(world.until([&] { return world.log().contains("every proof holds"); })) << world.log();
  EXPECT_EQ(router.holder, "v1");
  EXPECT_EQ(slurp(world.at("holder")), "v1 has users\n");
}

TEST(Guard, AnActThatExpectsSomethingStopsWhatComesAfterIt) {
  GuardWorld world;
  std::ofstream(world.at("holder")) << "v2 has users\n";
  auto move = world.by_command();
  auto look = run_by_sh("cat " + world.at("up"));
  look.expect = "^v1 is up$";
  move.acts.insert(move.acts.begin(), look);
  std::ofstream(world.at("up")) << "v1 is up\n";
  ASSERT_TRUE(world.arm({.moves = {move}}));
  std::ofstream(world.at("up")) << "nobody is up\n";
  ASSERT_TRUE(world.until([&] { return world.log().contains("it takes nobody away"); }));
  EXPECT_EQ(slurp(world.at("holder")), "v2 has users\n");
  std::ofstream(world.at("up")) << "v1 is up\n";
  ASSERT_TRUE(world.until([&] { return slurp(world.at("holder")) == "v1 has users\n"; }));
}

TEST(Guard, WhatWasArmedStaysSoWhenTheNextIsNotFoundWorking) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm(world.way()));
  EXPECT_FALSE(world.arm({.moves = {move_at(world.at("nobody"))}}));
  EXPECT_TRUE(world.until([&] { return router.holder == "v1"; }));
}

// On a machine so busy that this process itself stood still, the guard is right to act: such a round proves nothing.
// An engine dies while a platform or a router is being told: that must not be what was said last.
TEST(Guard, EndsWhatProvidersLaunchedBeforeItMovesAnybody) {
  GuardWorld world;
  auto told =
      world.going(world.client->launch("a3-shift", World::sh("sleep 600; echo v2 has users > " + world.at("holder"))));
  auto own = world.going(world.client->launch("a4", World::sh("sleep 600")));
  ASSERT_TRUE(world.has_begun("a3-shift") && world.has_begun("a4"));
  std::ofstream(world.at("holder")) << "v2 has users\n";
  ASSERT_TRUE(world.arm({.moves = {world.by_command()}}));
  EXPECT_TRUE(told.get()) << "nobody judges: it is ended";
  EXPECT_TRUE(process_lives(world.begun("a4"))) << "a command of the plan's own, a migration say";
}

TEST(Guard, DoesNothingWhileSomebodyJudges) {
  for (int round = 0; round < 5; ++round) {
    GuardWorld world;
    world.end_keeper();
    world.options.patience = 2s;
    UnixRouter router(world.context, {world.at("router")});
    router.serve();
    ASSERT_TRUE(world.arm(world.way()));
    auto last = std::chrono::steady_clock::now();
    auto longest = last - last;
    for (int i = 0; i < 15; ++i) {
      ASSERT_TRUE(world.run(world.client->judged()));
      longest =
          std::max(longest, std::chrono::steady_clock::now() - std::exchange(last, std::chrono::steady_clock::now()));
      world.pass(200ms);
    }
    if (longest > 1s) continue;
    EXPECT_TRUE(router.heard.empty());
    EXPECT_FALSE(world.taken());
    return;
  }
  FAIL() << "this machine stood still for a second in each of five rounds";
}

TEST(Guard, DoesNothingWhenDisarmed) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm(world.way()));
  ASSERT_TRUE(world.run(world.client->disarm()));
  ASSERT_TRUE(world.run(world.client->judged()));
  world.pass(800ms);
  EXPECT_TRUE(router.heard.empty());
  EXPECT_FALSE(std::filesystem::exists(world.spool("armed")));
}

TEST(Guard, AJudgeThatLivesAgainBeforeAnybodyWasMovedIsInTime) {
  GuardWorld world;
  std::optional<UnixRouter> router(std::in_place, world.context, world.at("router"));
  router->serve();
  auto way = world.way();
  way.rehearse = true;
  ASSERT_TRUE(world.arm(way));
  router.reset();
  ASSERT_TRUE(world.until([&] { return slurp(world.spool("way-back")).contains("Connection refused"); }));
  EXPECT_FALSE(world.taken()) << "nobody was moved";
  world.end_keeper();  // the next one has more patience than the test
  world.options.patience = 60s;
  ASSERT_TRUE(start_keeper("/proc/self/exe", world.options));
  ASSERT_TRUE(world.run(world.client->judged()));
  std::filesystem::remove(world.at("router"));
  router.emplace(world.context, world.at("router"));
  router->serve();
  world.pass(1500ms);
  EXPECT_TRUE(router->heard.empty());
  EXPECT_FALSE(std::filesystem::exists(world.spool("way-back")));
}

TEST(Guard, NobodyArmsOrDisarmsBeforeHearingThatUsersWereMoved) {
  GuardWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm(world.way()));
  ASSERT_TRUE(world.until([&] { return world.log().contains("every proof holds"); }));
  EXPECT_EQ(world.arm(world.way()).error().code, Code::conflict);
  EXPECT_EQ(world.run(world.client->disarm()).error().code, Code::conflict);
  ASSERT_TRUE(world.taken());
  EXPECT_TRUE(world.arm(world.way()));
  EXPECT_FALSE(world.taken());
}

TEST(Guard, IsNotDisarmedInTheMiddleOfAnAct) {
  GuardWorld world;
  std::ofstream(world.at("holder")) << "v1 has users\n";
  auto slow = world.by_command("slow");
  slow.acts = {run_by_sh("echo x > " + world.at("began") + "; sleep 0.7; echo x > " + world.at("ended"))};
  ASSERT_TRUE(world.arm({.moves = {slow}}));
  ASSERT_TRUE(world.until([&] { return std::filesystem::exists(world.at("began")); }));
  EXPECT_EQ(world.run(world.client->disarm()).error().code, Code::conflict) << "by then users were moved";
  EXPECT_TRUE(std::filesystem::exists(world.at("ended")));
}

TEST(Guard, SurvivesItsKeeper) {
  GuardWorld world;
  world.options.patience = 1s;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm(world.way()));
  world.next_keeper();
  EXPECT_TRUE(world.until([&] { return router.holder == "v1"; })) << "the next one holds it";
  ASSERT_TRUE(world.until([&] { return world.log().contains("every proof holds"); }));
  world.next_keeper();
  EXPECT_THAT(world.taken()->done, ElementsAre("traffic to v1")) << "and the one after that knows of it";
}

struct SecretWorld : GuardWorld {
  SecretWorld() {
    ::setenv("GUARD_TOKEN", "open-sesame", 1);
    secrets.add_environment({"GUARD_TOKEN"});
    ::unsetenv("GUARD_TOKEN");
    std::ofstream(at("holder")) << "v2 has users\n";
    options.patience = 1s;
    connect();
  }
  ports::Move secret_move() const {
    auto move = by_command("with a secret");
    move.acts = {run_by_sh("[ \"$T\" = open-sesame ] && echo v1 has users > " + at("holder"))};
    move.acts[0].secret_env["T"] = {"GUARD_TOKEN"};
    return move;
  }
};

TEST(Guard, AKeeperWithoutItsSecretsSaysSoAndTakesTheOtherMoves) {
  SecretWorld world;
  UnixRouter router(world.context, {world.at("router")});
  router.serve();
  ASSERT_TRUE(world.arm({.moves = {world.secret_move(), move_at(world.at("router"), "without")}}));
  world.next_keeper();
  ASSERT_TRUE(world.until([&] { return router.holder == "v1"; }));
  ASSERT_TRUE(world.until([&] { return world.taken() && !world.taken()->done.empty(); }));
  EXPECT_EQ(world.taken()->open.at(0).what, "with a secret");
  EXPECT_THAT(world.taken()->open.at(0).why, HasSubstr("was not given its secrets again"));
  EXPECT_THAT(world.log(), HasSubstr("with a secret: its secrets are gone until Davy arms it anew"));
  EXPECT_EQ(slurp(world.at("holder")), "v2 has users\n");
}

TEST(Guard, AJudgeGivesTheNextKeeperItsSecretsAgain) {
  SecretWorld world;
  ASSERT_TRUE(world.arm({.moves = {world.secret_move()}}));
  world.next_keeper();
  ASSERT_TRUE(world.run(world.client->judged()));
  EXPECT_TRUE(world.until([&] { return slurp(world.at("holder")) == "v1 has users\n"; }));
}

}  // namespace
}  // namespace davy::io
