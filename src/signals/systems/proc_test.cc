#include "signals/systems/proc.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

const Time kBegin{1'700'000'000s};

TEST(Proc, ReadsAStatWhoseNameHoldsParentheses) {
  auto s = parse_process_stat(
      "42 (a) b (c) S 7 42 42 0 -1 4194304 129 0 0 0 150 50 0 0 20 0 3 0 191068 3133440 394 18446744073709551615\n");
  ASSERT_TRUE(s);
  EXPECT_EQ(s->name, "a) b (c");
  EXPECT_EQ(s->state, 'S');
  EXPECT_EQ(s->parent, 7);
  EXPECT_EQ(s->cpu_seconds, 2);
  EXPECT_EQ(s->threads, 3u);
  EXPECT_EQ(s->started, 191068u);
}

TEST(Proc, RefusesWhatIsNoStat) {
  for (auto wrong :
       {"", "42", "42 (a", "42 a) S 7", ")(", "42 (a) S 7", "42 (a) SS 7 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "42 (a) S x 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"})
    EXPECT_FALSE(parse_process_stat(wrong)) << wrong;
}

TEST(Proc, ReadsSmallFiles) {
  EXPECT_EQ(parse_resident_bytes("Name:\tx\nVmRSS:\t    1234 kB\nRssAnon: 1 kB\n"), 1234 * 1024);
  EXPECT_EQ(parse_resident_bytes("Name:\tkworker\n"), 0);
  EXPECT_EQ(parse_open_files_limit("Limit   Soft Hard\nMax open files            1024                 4096   files\n"),
            1024);
  EXPECT_EQ(parse_open_files_limit("Max open files unlimited unlimited files\n"), std::nullopt);
  EXPECT_THAT(parse_pids("1 23 x -4\n5 "), testing::ElementsAre(1, 23, 5));
}

ProcessSeen process(std::int64_t pid, std::uint64_t started, double cpu, double resident = 100) {
  return {.pid = pid,
          .stat = {.cpu_seconds = cpu, .threads = 2, .started = started},
          .resident = resident,
          .open_files = 10,
          .open_files_limit = 40};
}
struct Look {
  ProcessAccount account;
  Time last = kBegin;
  judge::Window operator()(std::vector<ProcessSeen> all) {
    auto from = std::exchange(last, last + 10s);
    return account.look({{"", std::move(all)}}, from, last);
  }
};

TEST(ProcessAccount, AddsProcessesUp) {
  Look look;
  auto first = look({process(1, 5, 100), process(2, 6, 50, 300)});
  EXPECT_FALSE(first.numbers.contains("cpu"));
  EXPECT_EQ(first.numbers["memory"][""], 400);
  auto w = look({process(1, 5, 105), process(2, 6, 55)});
  EXPECT_DOUBLE_EQ(w.numbers["cpu"][""], 1) << "one whole core";
  EXPECT_EQ(w.numbers["threads"][""], 4);
  EXPECT_EQ(w.numbers["open_files"][""], 20);
  EXPECT_DOUBLE_EQ(w.numbers["open_files_share"][""], .25) << "of the worst, not of all";
  EXPECT_EQ(w.numbers["processes"][""], 2);
  EXPECT_EQ(w.numbers["restarts"][""], 0);
}

TEST(ProcessAccount, SeesARestartByPidAndByStartTime) {
  Look look;
  look({process(1, 5, 100)});
  EXPECT_EQ(look({process(9, 7, 1)}).numbers["restarts"][""], 1);
  auto w = look({process(9, 8, 2)});
  EXPECT_EQ(w.numbers["restarts"][""], 2) << "the pid was used again";
  EXPECT_DOUBLE_EQ(w.numbers["cpu"][""], .2) << "a new one counts from its start";
}

TEST(ProcessAccount, SeesARestartThatTookLonger) {
  Look look;
  look({process(1, 5, 100)});
  auto gone = look({});
  EXPECT_EQ(gone.numbers["processes"][""], 0);
  EXPECT_EQ(gone.numbers["restarts"][""], 0);
  EXPECT_EQ(look({process(2, 9, 0)}).numbers["restarts"][""], 1);
}

TEST(ProcessAccount, DoesNotTakeGrowthForARestart) {
  Look look;
  look({process(1, 5, 0)});
  EXPECT_EQ(look({process(1, 5, 0), process(2, 6, 0), process(3, 6, 0)}).numbers["restarts"][""], 0);
}

constexpr const char* kMemory =
    "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: 250 kB\nSwapTotal: 100 kB\nSwapFree: 90 kB\n";

TEST(MachineAccount, ReadsTheMachine) {
  MachineAccount account;
  auto first = account.look({"cpu  100 0 100 700 100 0 0 0 0 0\ncpu0 1\ncpu1 1\n", "3.00 2.5 1.25 1/2 3\n", kMemory},
                            kBegin, kBegin);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->numbers.contains("cpu"));
  EXPECT_EQ(first->numbers["load1"][""], 3);
  EXPECT_EQ(first->numbers["load_per_core"][""], 1.5);
  EXPECT_DOUBLE_EQ(first->numbers["memory"][""], .75);
  EXPECT_DOUBLE_EQ(first->numbers["swap"][""], .1);
  auto w = account.look({"cpu  130 0 120 730 110 0 0 10 0 0\ncpu0 1\ncpu1 1\n", "3.00 2.5 1.25 1/2 3\n", kMemory},
                        kBegin, kBegin + 1s);
  EXPECT_DOUBLE_EQ(w->numbers["cpu"][""], .6);
  EXPECT_DOUBLE_EQ(w->numbers["steal"][""], .1);
}

TEST(MachineAccount, RefusesWhatIsNot) {
  MachineAccount account;
  EXPECT_FALSE(account.look({"", "", ""}, kBegin, kBegin));
  EXPECT_FALSE(account.look({"cpu 1 2 3", "1 2 3", kMemory}, kBegin, kBegin));
  EXPECT_FALSE(account.look({"cpu 1 2 3 4 5", "1 2", kMemory}, kBegin, kBegin));
}

}  // namespace
}  // namespace davy::signals
