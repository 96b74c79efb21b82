#include "store/run_id.h"

#include <gtest/gtest.h>

#include <set>

namespace davy::store {
namespace {

using namespace std::chrono_literals;

TEST(RunId, ReadsAsADateAndATimeAndSortsByThem) {
  Time started(1795226083s);
  EXPECT_EQ(run_id(started, 0), "20261121-015443-222");
  EXPECT_EQ(run_id(started, 26 + 27 * 10), "20261121-015443-zd2");
  EXPECT_LT(run_id(started, 0xffffffff), run_id(started + 1s, 0));
}

TEST(RunId, DiffersWithinASecond) {
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) ids.insert(new_run_id(Time{}));
  EXPECT_GT(ids.size(), 15u);  // 19,683 there are; five collisions in twenty do not happen
}

}  // namespace
}  // namespace davy::store
