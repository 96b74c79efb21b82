// What a command costs through client and keeper, beside a shell's loop: a figure to look at, never a timed test.
#include "io/io_testing.h"

namespace davy::io {
namespace {

constexpr int kCommands = 300;

double milliseconds_each(const std::function<void()>& work) {
  auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count() / kCommands;
}

TEST(KeeperCost, OfACommandThatDoesNothing) {
  World world;
  auto loop = "i=0; while [ $i -lt " + std::to_string(kCommands) + " ]; do /bin/true; i=$((i+1)); done";
  world.shell("warm", "true");
  for (int round = 0; round < 3; ++round) {
    auto shell = milliseconds_each([&] { world.shell("loop" + std::to_string(round), loop); });
    auto keeper = milliseconds_each([&] {
      for (int i = 0; i < kCommands; ++i) {
        auto key = std::to_string(round) + "-" + std::to_string(i);
        ASSERT_EQ(world.run(world.client->launch(key, {.argv = {"/bin/true"}}))->exit_code, 0);
      }
    });
    std::printf("/bin/true: %.2f ms through the keeper, %.2f ms in a shell loop\n", keeper, shell);
  }
}

}  // namespace
}  // namespace davy::io
