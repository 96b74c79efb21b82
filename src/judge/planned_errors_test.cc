#include "judge/planned_errors.h"

#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

struct Found {
  std::vector<Verdict> verdicts;
  std::vector<int> at;  // seconds
};

Found watched(run::PlannedLooks how, int seconds, const std::function<Window(Windows&, int)>& make) {
  PlannedErrors test(how);
  Windows windows(1s);
  Found out;
  for (int i = 0; i < seconds; ++i) {
    auto w = make(windows, i);
    if (auto v = test.see(w, w.releases[kNew], w.releases[kOld], subject()))
      out.verdicts.push_back(*v), out.at.push_back(i + 1);
  }
  return out;
}

constexpr run::PlannedLooks kFour{.looks = 4, .every = 1min, .alpha = {0.01}};

TEST(PlannedErrors, DecideAtALookAndAtNoOtherMoment) {
  auto found =
      watched(kFour, 600, [](Windows& w, int i) { return w.next(tally(50, i % 10 == 0), tally(950, i % 10 == 0)); });
  ASSERT_EQ(found.verdicts.size(), 1U);
  EXPECT_EQ(found.at[0] % 60, 0);
  EXPECT_EQ(found.verdicts[0].kind, Kind::roll_back);
  EXPECT_TRUE(found.verdicts[0].sentence.contains("at look ")) << found.verdicts[0].sentence;
}

TEST(PlannedErrors, EqualReleasesAreNotAccused) {
  auto found = watched(kFour, 600, [](Windows& w, int) { return w.next(tally(50, 1), tally(950, 19)); });
  EXPECT_TRUE(found.verdicts.empty());
}

TEST(PlannedErrors, AfterTheLastLookNothingIsDecided) {
  auto found =
      watched(kFour, 3000, [](Windows& w, int i) { return w.next(tally(50, i < 300 ? 1 : 25), tally(950, 19)); });
  EXPECT_TRUE(found.verdicts.empty()) << "whoever plans four looks has four";
}

TEST(PlannedErrors, TimeInWhichTheyDidNotServeSideBySideDoesNotCount) {
  auto found =
      watched(kFour, 3000, [](Windows& w, int i) { return w.next(tally(50, 25), i < 2000 ? Tally{} : tally(950)); });
  ASSERT_EQ(found.at.size(), 1U);
  EXPECT_EQ(found.at[0], 2060);
}

// Half of the time at 5 %, when errors are rare, half of it at 50 %, when they are frequent for both: pooled, the
// candidate looks three times as bad.
TEST(PlannedErrors, AreComparedWithinTheSameMomentsAndNotInPools) {
  auto found = watched(kFour, 240, [](Windows& w, int i) {
    return i < 120 ? w.next(tally(50, i % 20 == 0), tally(950, 1)) : w.next(tally(500, 10), tally(500, 10));
  });
  EXPECT_TRUE(found.verdicts.empty());
}

TEST(PlannedErrors, FollowWhatThePlanSays) {
  auto how = kFour;
  how.then = run::Consequence::hold;
  auto found = watched(how, 240, [](Windows& w, int) { return w.next(tally(50, 25), tally(950)); });
  ASSERT_EQ(found.verdicts.size(), 1U);
  EXPECT_EQ(found.verdicts[0].kind, Kind::hold);
}

}  // namespace
}  // namespace davy::judge
