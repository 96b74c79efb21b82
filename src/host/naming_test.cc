#include "host/naming.h"

#include <gtest/gtest.h>

namespace davy::host {
namespace {

TEST(Naming, SeriesGetTheSignalsNameAndLabelsBecomeReleases) {
  signals::ReleaseMap map;
  map.set("3", "shop@3"), map.set("three", "shop@3");
  judge::Window seen;
  seen.numbers["quiet"] = {{"", 7}, {"3", 1}, {"stranger", 9}};
  seen.states[""][""] = "up";
  seen.counts["ERROR"] = {{"3", 2}, {"three", 5}, {"stranger", 9}};
  seen.shown["new_errors"] = {{"3", {{"a", "x"}}}, {"three", {{"b", "y"}}}};
  auto out = named(seen, "app", map);
  EXPECT_EQ(out.numbers["app.quiet"], (std::map<std::string, double>{{"", 7}, {"shop@3", 1}}));
  EXPECT_EQ(out.states["app"][""], "up");
  EXPECT_EQ(out.counts["app.ERROR"], (std::map<std::string, std::uint64_t>{{"shop@3", 7}})) << "they add up";
  EXPECT_EQ(out.shown["app.new_errors"]["shop@3"], (std::map<std::string, std::string>{{"a", "x"}, {"b", "y"}}));
}

}  // namespace
}  // namespace davy::host
