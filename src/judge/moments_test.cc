#include "judge/moments.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

// Seconds at 100 requests each; down for five in every minute, from which users are taken away for half of one.
void minutes(Moments& moments, int n, bool candidate, bool previous, bool beside = true) {
  for (int second = 0; second < 60 * n; ++second) {
    bool down = second % 60 < 5, away = candidate && second % 60 >= 5 && second % 60 < 35;
    moments.see(candidate && down ? 100 : 0, away ? 0 : 100, beside && previous && down ? 100 : 0, beside ? 100 : 0,
                1s);
  }
}

TEST(Moments, WhoIsDownForAWhileInEveryMinuteIsSeenThoughItsUsersAreAwayEachTime) {
  Moments moments;
  minutes(moments, 30, true, false);
  EXPECT_TRUE(moments.too_many());
  EXPECT_GE(moments.candidate().bad, 20);
  EXPECT_EQ(moments.previous().bad, 0);
}

TEST(Moments, WhereThePreviousReleaseHasThemAsWellTheyAreNobodys) {
  Moments moments;
  minutes(moments, 30, true, true);
  EXPECT_FALSE(moments.too_many());
  EXPECT_GE(moments.previous().bad, 20);
}

TEST(Moments, AFewProveNothing) {
  Moments moments;
  minutes(moments, 4, true, false);
  EXPECT_FALSE(moments.too_many());
}

TEST(Moments, BesideNobodyOneInFiveMinutesIsNoNewsAndOneInEveryIs) {
  Moments moments;
  minutes(moments, 30, true, false, false);
  EXPECT_TRUE(moments.too_many());
  Moments seldom;
  for (int i = 0; i < 6; ++i) minutes(seldom, 1, true, false, false), minutes(seldom, 4, false, false, false);
  EXPECT_FALSE(seldom.too_many());
}

TEST(Moments, ARateThatIsHighAllTheTimeIsNoMoment) {
  Moments moments;
  for (int second = 0; second < 1800; ++second) moments.see(10, 100, 1, 100, 1s);
  EXPECT_FALSE(moments.too_many());
}

}  // namespace
}  // namespace davy::judge
