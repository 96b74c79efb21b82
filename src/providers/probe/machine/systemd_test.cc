// What `systemctl show` prints is systemd 252's own, of Debian 12; no systemd runs where tests do.
#include "providers/probe/machine/systemd.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr const char* kActive =
    "Type=notify\nResult=success\nNRestarts=2\nMainPID=812\nMemoryCurrent=45113344\nLoadState=loaded\n"
    "ActiveState=active\nSubState=running\nUnitFileState=enabled\nActiveEnterTimestampMonotonic=60000000\n";
constexpr const char* kFailed =
    "Result=exit-code\nNRestarts=5\nMainPID=0\nMemoryCurrent=[not set]\nLoadState=loaded\nActiveState=failed\n"
    "SubState=failed\nUnitFileState=enabled\nActiveEnterTimestampMonotonic=60000000\n";
constexpr const char* kUnknown =
    "Result=success\nNRestarts=0\nMainPID=0\nMemoryCurrent=18446744073709551615\nLoadState=not-found\n"
    "ActiveState=inactive\nSubState=dead\nUnitFileState=\nActiveEnterTimestampMonotonic=0\n";

Result<ports::Observation> saw(std::string output, int code = 0) {
  return observed({.unit = "postgresql"}, {.exit_code = code, .output = std::move(output)}, 100s);
}

TEST(SystemdProbe, SeesAnActiveUnit) {
  auto seen = saw(kActive);
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->says, "postgresql is active (running) for 40s");
  EXPECT_EQ(seen->numbers["uptime"], 40);
  EXPECT_EQ(seen->numbers["restarts"], 2);
  EXPECT_EQ(seen->numbers["memory"], 45113344);
  EXPECT_EQ(seen->words["enabled"], "enabled");
}

TEST(SystemdProbe, IsNotWellWhereItFailed) {
  auto seen = *saw(kFailed);
  EXPECT_FALSE(seen.ok);
  EXPECT_THAT(seen.unwell, ElementsAre("value"));
  EXPECT_EQ(seen.says, "postgresql is failed (failed): exit-code");
  EXPECT_EQ(seen.numbers["uptime"], 0);
  EXPECT_FALSE(seen.numbers.contains("memory")) << "which systemd did not count";
}

TEST(SystemdProbe, AUnitThatNobodyKnowsIsNotWell) {
  auto seen = *saw(kUnknown);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "systemd knows no unit postgresql");
  EXPECT_FALSE(seen.numbers.contains("memory"));
}

TEST(SystemdProbe, WithoutSystemdNobodyKnows) {
  EXPECT_EQ(saw("Failed to connect to bus: Host is down\n", 1).error().code, Code::unavailable);
  EXPECT_EQ(saw("").error().code, Code::invalid);
  EXPECT_EQ(observed({.unit = "x"}, {.timed_out = true}, {}).error().code, Code::timed_out);
  EXPECT_FALSE(observed({.unit = "x"}, {.exit_code = 0, .output = kActive}, {})->numbers.contains("uptime"));
}

TEST(SystemdProbe, AsksForOneUnitByName) {
  auto argv = request({.unit = "backup.timer", .user = true}, {}).argv;
  EXPECT_EQ(argv.front() + " " + argv[1] + " " + argv[2], "systemctl --user show");
  EXPECT_EQ(argv[argv.size() - 2] + " " + argv.back(), "-- backup.timer");
  spec::Diagnostics mistakes;
  for (auto unit : {"", "--now", "a b", "nginx*"})
    EXPECT_FALSE(fit_together(SystemdProbe{.unit = unit}, spec::object({}), mistakes)) << unit;
}

}  // namespace
}  // namespace davy::providers
