#include "view/watch_view.h"

#include <gmock/gmock.h>

#include "watch/watch_testing.h"

namespace davy::view {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using watch::at;
using watch::Seen;

std::vector<std::string> plain(const WatchView& w, Duration since) {
  return rows_of(w, {.width = 120, .colour = false, .unicode = false}, at(since));
}

TEST(WatchView, SaysWhatWasFoundAndWhatComesNext) {
  watch::Story story({watch::once("soon", 5min), watch::beats("often", {{1min, {}}})});
  story.look(1min), story.look(2min, Seen::failed, "Flag: is not there");
  auto w = view_of("r1-watch", story.s, at(2min + 10s), story.zone);
  w.kept_by = "pid 7";
  auto rows = plain(w, 2min + 10s);
  EXPECT_THAT(rows, Contains(HasSubstr("failed for 10s: Flag: is not there, looked at 10s ago")));
  EXPECT_THAT(rows, Contains(HasSubstr("next in 2m 50s")));
  EXPECT_TRUE(needs_people(w));
  EXPECT_EQ(below_a_run(w, at(2min + 10s)), "watch: often: Flag: is not there");
}

TEST(WatchView, WhereNobodyLooksThatIsWhatIsSaid) {
  watch::Story story({watch::once("soon", 5min)});
  auto w = view_of("r1-watch", story.s, at(1min), story.zone);
  EXPECT_TRUE(needs_people(w));
  EXPECT_THAT(plain(w, 1min), Contains(HasSubstr("NOBODY KEEPS IT")));
  w.served_by = "pid 7";
  EXPECT_THAT(plain(w, 1min), Contains(HasSubstr("NOT KEPT, though davy serve (pid 7) runs")));
  w.suspended_by = "r2";
  EXPECT_FALSE(needs_people(w));
  w.stuck = "it is held";
  EXPECT_TRUE(needs_people(w));
  EXPECT_THAT(plain(w, 1min), Contains(HasSubstr("run r2 is under way; it is held")));
}

TEST(WatchView, CannotTellIsSaidOnce) {
  watch::Story story({watch::once("soon", 5min), watch::once("late", 1h)});
  story.look(5min, Seen::cannot_tell, "cannot tell: 3 of 15 min seen");
  auto w = view_of("r1-watch", story.s, at(6min), story.zone);
  EXPECT_THAT(plain(w, 6min), Contains(HasSubstr("cannot tell for 1m: 3 of 15 min seen")));
}

}  // namespace
}  // namespace davy::view
