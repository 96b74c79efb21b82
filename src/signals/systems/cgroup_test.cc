#include "signals/systems/cgroup.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

const Time kBegin{1'700'000'000s};

CgroupFiles files(int usage, int throttled, int killed) {
  return {.memory_current = "500\n",
          .memory_max = "1000\n",
          .memory_events = "low 0\nhigh 0\noom 3\noom_kill " + std::to_string(killed) + "\n",
          .cpu_stat = "usage_usec " + std::to_string(usage) + "\nnr_periods " + std::to_string(2 * throttled) +
                      "\nnr_throttled " + std::to_string(throttled) + "\n",
          .cpu_max = "200000 100000\n",
          .pids_current = "7\n",
          .pids_max = "max\n"};
}

TEST(CgroupAccount, ReadsSharesAndGrowth) {
  CgroupAccount account;
  auto first = account.look(files(1'000'000, 10, 4), kBegin, kBegin);
  EXPECT_EQ(first->numbers["oom_kills"][""], 0) << "those before are not this run's";
  EXPECT_FALSE(first->numbers.contains("cpu"));
  auto w = account.look(files(6'000'000, 20, 5), kBegin, kBegin + 10s);
  EXPECT_EQ(w->numbers["memory"][""], 500);
  EXPECT_EQ(w->numbers["memory_share"][""], .5);
  EXPECT_DOUBLE_EQ(w->numbers["cpu"][""], .5);
  EXPECT_DOUBLE_EQ(w->numbers["cpu_share"][""], .25);
  EXPECT_DOUBLE_EQ(w->numbers["throttled"][""], .5);
  EXPECT_EQ(w->numbers["oom_kills"][""], 1);
  EXPECT_EQ(w->numbers["processes"][""], 7);
  EXPECT_FALSE(w->numbers.contains("processes_share")) << "no limit";
}

TEST(CgroupAccount, DoesWithTheControllersThatAreOn) {
  CgroupAccount account;
  auto w = account.look({.memory_current = "5"}, kBegin, kBegin);
  ASSERT_TRUE(w);
  EXPECT_EQ(w->numbers.size(), 1u);
  EXPECT_EQ(account.look({}, kBegin, kBegin).error().code, Code::unavailable);
}

TEST(Cgroup, ReadsFlatKeyedFiles) {
  auto all = parse_flat_keyed("a 1\nb\nc x\nd  2 \n");
  EXPECT_EQ(all, (std::map<std::string, double>{{"a", 1}, {"d", 2}}));
  CgroupAccount account;
  EXPECT_TRUE(account.look({.memory_current = "5e37877"}, kBegin, kBegin)->numbers.empty()) << "found by the fuzzer";
}

}  // namespace
}  // namespace davy::signals
