// Rules about what grows.
#include "judge/judge.h"
#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

Window with_memory(Windows& windows, double bytes) {
  auto w = windows.empty();
  w.numbers["memory"][kNew] = bytes;
  return w;
}

TEST(Judge, GrowthIsJudgedByItsSlopeNotByItsEnds) {
  Judge judge(setup({rule("memory grows > 100 MB/min")}));
  Windows windows(5s);
  for (int i = 0; i < 120; ++i)  // 60 MB/min, and a wild reading now and then
    ASSERT_TRUE(judge.see(with_memory(windows, 1e9 + i * 5e6 + (i % 11 == 10 ? 4e9 : 0))).empty()) << i;
  std::vector<Verdict> said;
  for (int i = 0; i < 120 && said.empty(); ++i) said = judge.see(with_memory(windows, 2e9 + i * 20e6));
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_TRUE(said[0].sentence.starts_with("shop 3: memory is ")) << said[0].sentence;
}

TEST(Judge, AFewReadingsAreNoSlope) {
  Judge judge(setup({rule("memory grows > 1 MB/min"), rule("memory rises")}));
  Windows windows(1s);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(judge.see(with_memory(windows, 1e9 + i * 1e8)).empty()) << i;
}

TEST(Judge, ASlopeMayBeAShareOfItsOwnLevel) {
  for (auto [text, alarms] : {std::pair{"memory over 1h grows > 2%/h", true}, {"memory over 1h grows > 4%/h", false}}) {
    Judge judge(setup({rule(text, Consequence::warn)}));
    Windows windows(1min);
    std::size_t said = 0;
    for (int i = 0; i < 240; ++i) said += judge.see(with_memory(windows, 1e9 * (1 + 0.03 * i / 60))).size();
    EXPECT_EQ(said > 0, alarms) << text;
  }
}

TEST(Judge, LatencyMayRise) {
  Judge judge(setup({rule("latency.p95 rises", Consequence::warn)}));
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 600, tally(100)).empty());
  std::size_t said = 0;
  for (int i = 0; i < 600; ++i) said += judge.see(windows.next(tally(100, 0, 10ms + i * 100us))).size();
  EXPECT_EQ(said, 1u);
}

}  // namespace
}  // namespace davy::judge
