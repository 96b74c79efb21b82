#include "judge/statistics/shares.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

constexpr Time at(int second) { return Time(std::chrono::seconds(second)); }

bool is_off(const Count& own, const Count& other) {
  Shares shares;
  for (int second = 0; second < 600; ++second) shares.see(own, other, 0.05, at(second), at(second + 1));
  return shares.off();
}

// Sixty machines that poll each ten seconds, all of them sent to the previous release by their hash, are most requests.
TEST(Shares, WhoStaysAndAsksOftenIsNoOtherShare) {
  Count own{.requests = 1, .repeats = 1, .known = true, .newcomers = 1};
  Count other{.requests = 79, .repeats = 79, .known = true, .newcomers = 19};
  EXPECT_FALSE(is_off(own, other));
  other.newcomers = 79;
  EXPECT_TRUE(is_off(own, other)) << "all of them are new";
}

TEST(Shares, WhereClientsMeetBothReleasesTheirRequestsAreAskedAbout) {
  Count own{.requests = 1, .repeats = 10, .known = true, .returns = 1, .moved = 1};
  Count other{.requests = 79, .repeats = 790, .known = true, .returns = 79, .moved = 1};
  EXPECT_TRUE(is_off(own, other));
}

TEST(Shares, WhereNobodyKnowsTheClientsRequestsAreAskedAbout) {
  EXPECT_TRUE(is_off({.requests = 1}, {.requests = 79}));
  EXPECT_FALSE(is_off({.requests = 4}, {.requests = 76}));
}

}  // namespace
}  // namespace davy::judge
