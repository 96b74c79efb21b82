// The guard and the engine's restarts: what a keeper does when nobody else does anything.
#include <gmock/gmock.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A little HAProxy: keeps the lines it was asked, answers, closes. Runs in the world's loop.
template <class Protocol>
struct Router {
  typename Protocol::acceptor acceptor;
  std::vector<std::string> heard;
  explicit Router(asio::io_context& context, const typename Protocol::endpoint& at) : acceptor(context, at) {}
  ~Router() { acceptor.close(); }
  void serve() {
    acceptor.async_accept([this](boost::system::error_code error, typename Protocol::socket socket) {
      if (error) return;
      std::string line;
      asio::read_until(socket, asio::dynamic_buffer(line), '\n');
      heard.push_back(line);
      asio::write(socket, asio::buffer("done\n", 5));
      serve();
    });
  }
};
using UnixRouter = Router<asio::local::stream_protocol>;
using TcpRouter = Router<asio::ip::tcp>;

struct GuardWorld : World {
  GuardWorld() {
    options.patience = 300ms;
    connect();
  }
  ports::WayBack way() const { return {.questions = {{scratch / "router", "set weight 0"}}, .says = "traffic to v1"}; }
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
};

TEST(Guard, TakesTheWayBackWhenNobodyJudges) {
  GuardWorld world;
  UnixRouter router(world.context, {world.scratch / "router"});
  router.serve();
  TcpRouter tcp(world.context, {asio::ip::make_address("127.0.0.1"), 0});
  tcp.serve();
  auto way = world.way();
  way.questions.push_back({"localhost:" + std::to_string(tcp.acceptor.local_endpoint().port()), "second"});
  way.commands = {{"/bin/sh", "-c", "echo taken > " + (world.scratch / "command")}};
  ASSERT_TRUE(world.run(world.client->arm(way)));
  ASSERT_TRUE(world.until([&] { return !slurp(world.spool("way-back")).empty(); }));
  EXPECT_THAT(router.heard, ElementsAre("set weight 0\n"));
  EXPECT_THAT(tcp.heard, ElementsAre("second\n"));
  EXPECT_EQ(slurp(world.scratch / "command"), "taken\n");
  EXPECT_THAT(slurp(world.spool("way-back")), HasSubstr("\"answers\":[\"done\\n\",\"done\\n\"]"));

  auto taken = world.run(world.client->taken());
  ASSERT_TRUE(taken && *taken);
  EXPECT_EQ((*taken)->says, "traffic to v1");
  EXPECT_LT(std::chrono::abs((*taken)->at - std::chrono::system_clock::now()), 30s);
  EXPECT_TRUE(world.run(world.client->taken()).value()) << "told again until somebody acted on it";
  world.run(world.client->disarm());
  EXPECT_FALSE(world.run(world.client->taken()).value());
  world.pass(800ms);
  EXPECT_EQ(router.heard.size(), 1U) << "and it is not taken twice";
}

// On a machine so busy that this process itself stood still, the guard is right to act: such a round proves nothing.
TEST(Guard, DoesNothingWhileSomebodyJudges) {
  for (int round = 0; round < 5; ++round) {
    GuardWorld world;
    world.end_keeper();
    world.options.patience = 2s;
    UnixRouter router(world.context, {world.scratch / "router"});
    router.serve();
    ASSERT_TRUE(world.run(world.client->arm(world.way())));
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
    EXPECT_FALSE(world.run(world.client->taken()).value());
    return;
  }
  FAIL() << "this machine stood still for a second in each of five rounds";
}

TEST(Guard, DoesNothingWhenDisarmed) {
  GuardWorld world;
  UnixRouter router(world.context, {world.scratch / "router"});
  router.serve();
  ASSERT_TRUE(world.run(world.client->arm(world.way())));
  ASSERT_TRUE(world.run(world.client->disarm()));
  ASSERT_TRUE(world.run(world.client->judged()));
  world.pass(800ms);
  EXPECT_TRUE(router.heard.empty());
  EXPECT_FALSE(std::filesystem::exists(world.spool("armed")));
}

TEST(Guard, TriesAgainUntilItWorks) {
  GuardWorld world;
  ASSERT_TRUE(world.run(world.client->arm(world.way())));
  ASSERT_TRUE(world.until([&] { return slurp(world.spool("keeper.log")).contains("the way back failed"); }));
  UnixRouter router(world.context, {world.scratch / "router"});
  router.serve();
  EXPECT_TRUE(world.until([&] { return !router.heard.empty(); }));
  EXPECT_TRUE(world.run(world.client->taken()).value());
}

TEST(Guard, AnswersOnlyWhenAWayBackThatIsBeingTakenIsTaken) {
  GuardWorld world;
  ports::WayBack way{.commands = {{"/bin/sh", "-c", "echo x > " + (world.scratch / "began") + "; sleep 0.7"}},
                     .says = "slow"};
  ASSERT_TRUE(world.run(world.client->arm(way)));
  ASSERT_TRUE(world.until([&] { return std::filesystem::exists(world.scratch / "began"); }));
  EXPECT_EQ(world.run(world.client->taken()).value()->says, "slow");
}

TEST(Guard, SurvivesItsKeeper) {
  GuardWorld world;
  world.end_keeper();
  world.options.patience = 1s;
  UnixRouter router(world.context, {world.scratch / "router"});
  router.serve();
  ASSERT_TRUE(world.run(world.client->arm(world.way())));
  world.end_keeper();
  ASSERT_TRUE(start_keeper("/proc/self/exe", world.options));
  EXPECT_TRUE(world.until([&] { return !router.heard.empty(); })) << "the next one holds it";
}

struct EngineWorld : World {
  void start(const std::string& text) {
    options.engine = {"/bin/sh", "-c", "echo started >> " + (scratch / "starts") + "; " + text};
    options.restart_pauses = {20ms, 40ms, 60ms};
    options.clean_ends = {0, 3};
    ASSERT_TRUE(start_keeper("/proc/self/exe", options));
  }
  std::size_t starts() const { return split(slurp(scratch / "starts"), '\n').size() - 1; }
};

TEST(Engine, IsStartedThreeTimesMoreThenNot) {
  for (const std::string text : {"kill -KILL $$", "exit 1"}) {
    EngineWorld world;
    world.start(text);
    EXPECT_TRUE(world.keeper_gone());
    EXPECT_EQ(world.starts(), 4U);
    EXPECT_THAT(slurp(world.spool("keeper.log")), HasSubstr("it is not started again"));
  }
}

TEST(Engine, IsNotStartedAgainAfterACleanEnd) {
  for (const std::string text : {"exit 0", "exit 3"}) {
    EngineWorld world;
    world.start("echo says; " + text);
    EXPECT_TRUE(world.keeper_gone());
    EXPECT_EQ(world.starts(), 1U);
    EXPECT_EQ(slurp(world.spool("engine.log")), "says\n");
    EXPECT_FALSE(std::filesystem::exists(world.spool("ctl")));
  }
}

TEST(Engine, IsNotStartedAgainByAKeeperThatIsToEnd) {
  EngineWorld world;
  world.start("exec sleep 600");
  ASSERT_TRUE(eventually([&] { return world.starts() == 1; }));
  auto keeper = world.keeper();
  std::string children;
  EXPECT_TRUE(eventually([&] {
    children = slurp("/proc/" + std::to_string(keeper) + "/task/" + std::to_string(keeper) + "/children");
    return !children.empty();
  }));
  ::kill(keeper, SIGTERM);
  EXPECT_TRUE(world.keeper_gone()) << "no command runs";
  auto engine = static_cast<pid_t>(std::atoi(children.c_str()));
  EXPECT_TRUE(process_lives(engine)) << "the engine is not ended";
  ::kill(engine, SIGKILL);
}

TEST(Engine, ThatLostItsKeeperIsWatchedByTheNext) {
  EngineWorld world;
  auto pids = world.scratch / "pids";
  world.start("echo $$ >> " + pids + "; [ $(wc -l < " + pids + ") = 1 ] && exec sleep 600; exit 0");
  ASSERT_TRUE(eventually([&] { return slurp(pids).ends_with('\n'); }));
  world.end_keeper();
  world.options.engine_pid = static_cast<pid_t>(std::atoi(slurp(pids).c_str()));
  ASSERT_TRUE(start_keeper("/proc/self/exe", world.options));
  EXPECT_EQ(world.starts(), 1U) << "it runs: no second one";
  ::kill(world.options.engine_pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return world.starts() == 2; }));
  EXPECT_TRUE(world.keeper_gone());
}

TEST(Engine, IsOutlivedByItsKeeperWhileACommandRuns) {
  EngineWorld world;
  world.start("sleep 0.3");
  auto call = world.going(world.client->launch("1", World::sh("sleep 1; exit 4")));
  EXPECT_EQ(call.get()->exit_code, 4);
  EXPECT_TRUE(world.keeper_gone());
}

}  // namespace
}  // namespace davy::io
