#include "judge/judge.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;
using run::Consequence;

TEST(Judge, AGoodCandidateIsLeftAlone) {
  Judge judge(setup({rule("error_rate > 5% for 5m"), rule("error_rate > 1%", Consequence::hold)}));
  Windows windows;
  for (int i = 0; i < 3000; ++i)
    ASSERT_TRUE(judge.see(windows.next(tally(10, i % 100 == 0), tally(190, i % 5 == 0))).empty()) << i;
}

TEST(Judge, AServiceWhoseReleasesCannotBeToldApartIsJudgedAsAWhole) {
  auto given = setup({rule("error_rate > 5%")});
  given.subjects[0].previous = {};
  Judge judge(given);
  auto w = Windows().empty();
  w.releases[""] = tally(100, 20);
  auto said = judge.see(w);
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].sentence.substr(0, 5), "shop:");
}

TEST(Judge, TheSentenceSaysWhatWouldDecide) {
  Judge judge(setup({rule("latency.p99 > 1s")}));
  Windows windows;
  EXPECT_EQ(judge.sentence(), "shop 3: no requests yet");
  watch(judge, windows, 5, tally(10, 0), tally(190, 0));
  EXPECT_EQ(judge.sentence(),
            "shop 3: 0 errors in 50 requests (0%) against 0 in 950 (0%); no sign of a difference; latency.p99 > 1s "
            "cannot tell: 50 of 100 requests");
  watch(judge, windows, 100, tally(10, 0), tally(190, 0));
  watch(judge, windows, 1, tally(10, 2), tally(190, 1));
  EXPECT_NE(judge.sentence().find("would decide"), std::string::npos) << judge.sentence();
}

TEST(Judge, RefilledFromSamplesItKnowsWhatItKnew) {
  auto given = setup({rule("error_rate > 5% for 20s")});
  Judge first(given), second(given);
  Windows windows(1s);
  std::vector<std::string> samples;
  for (int i = 0; i < 15; ++i) {
    auto w = windows.next(tally(100, 8), tally(1900, 150));
    samples.push_back(encode(w));
    EXPECT_TRUE(first.see(w).empty());
  }
  for (auto& s : samples) second.see(*decode(s));
  EXPECT_EQ(first.sentence(), second.sentence());
  EXPECT_EQ(watch(first, windows, 6, tally(100, 8), tally(1900, 150)).size(), 1u);
  windows.jump(-6s);
  EXPECT_EQ(watch(second, windows, 6, tally(100, 8), tally(1900, 150)).size(), 1u);
}

}  // namespace
}  // namespace davy::judge
