// Who tells people of a run, as its keeper starts them.
#include <gmock/gmock.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::HasSubstr;

struct SenderWorld : World {
  void start(const std::string& engine, const std::string& sender) {
    options.engine = {"/bin/sh", "-c", engine};
    options.restart_pauses = {20ms};
    options.sender = {"/bin/sh", "-c", "echo $$ >> " + told() + "; " + sender};
    ASSERT_TRUE(start_keeper("/proc/self/exe", options));
  }
  std::string told() const { return scratch / "told"; }
  std::size_t times() const { return split(slurp(told()), '\n').size() - 1; }
};

TEST(Sender, IsStartedBesideTheEngineAndOnceWhereAllIsTold) {
  SenderWorld world;
  world.start("exit 0", "echo says");
  EXPECT_TRUE(world.keeper_gone());
  EXPECT_EQ(world.times(), 1U);
  EXPECT_EQ(slurp(world.spool("notices.log")), "says\n");
}

TEST(Sender, ThatIsKilledIsStartedAgainAlsoBehindTheEnginesEnd) {
  SenderWorld world;
  world.start("exit 0", "[ $(wc -l <" + world.told() + ") = 2 ] || kill -KILL $$");
  EXPECT_TRUE(world.keeper_gone());
  EXPECT_EQ(world.times(), 2U);
  EXPECT_THAT(slurp(world.spool("keeper.log")), HasSubstr("who tells people was killed by signal 9"));
}

TEST(Sender, IsStartedOnceMoreWhenTheEngineIsGivenUp) {
  SenderWorld world;
  world.start("sleep 0.3; exit 1", "exit 0");
  EXPECT_TRUE(world.keeper_gone());
  EXPECT_EQ(world.times(), 2U);
}

TEST(Sender, ThatGoesOnKeepsNoKeeperThatIsToEnd) {
  SenderWorld world;
  world.start("exit 0", "exec sleep 600");
  ASSERT_TRUE(eventually([&] { return world.times() == 1; }));
  auto sender = static_cast<pid_t>(std::atoi(slurp(world.told()).c_str()));
  world.end_keeper(SIGTERM);
  EXPECT_TRUE(process_lives(sender)) << "it goes on telling";
  ::kill(sender, SIGKILL);
}

}  // namespace
}  // namespace davy::io
