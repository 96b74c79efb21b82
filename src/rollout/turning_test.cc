#include "rollout/turning.h"

#include <gmock/gmock.h>

#include "plan/words/words_testing.h"
#include "rollout/rollout.h"

namespace davy::rollout {
namespace {

using ::testing::ElementsAre;

std::string round(std::string_view text) {
  auto c = spec::parse_condition(text);
  EXPECT_TRUE(c) << text;
  return c ? turned_round(*c).value_or("nothing") : "";
}

TEST(TurnedRound, IsTheOpposite) {
  EXPECT_EQ(round("free > 10 GB"), "free <= 10 GB");
  EXPECT_EQ(round("free >= 10%"), "free < 10%");
  EXPECT_EQ(round("time < 50ms for 4s"), "time >= 50ms for 4s");
  EXPECT_EQ(round("status = 200"), "status != 200");
  EXPECT_EQ(round("status == 200"), "status != 200");
  EXPECT_EQ(round("status != 500"), "status = 500");
  EXPECT_EQ(round("pool = 15..20"), "pool not in 15..20");
  EXPECT_EQ(round("pool in 15..20"), "pool not in 15..20");
  EXPECT_EQ(round("status not in 500..599"), "status in 500..599");
  EXPECT_EQ(round("value is healthy"), "value is not healthy");
  EXPECT_EQ(round("value is not \"not well\""), "value is \"not well\"");
  EXPECT_EQ(round("output contains ready"), "output lacks ready");
  EXPECT_EQ(round("header.via lacks \"a < b\""), "header.via contains \"a < b\"");
  EXPECT_EQ(round("error_rate over 15m < 0.1%"), "error_rate over 15m >= 0.1%");
  EXPECT_EQ(round("memory over 1h grows > 1 MB/min for 2m"), "memory over 1h grows < 1 MB/min for 2m");
  EXPECT_EQ(round("memory rises"), "nothing");
  EXPECT_EQ(round("memory rises"), "nothing") << "which has no opposite in one word";
}

// Whatever a number is, one of the two holds and the other does not: a check that stays green both ways cannot fail.
TEST(TurnedRound, OfAnyNumberExactlyOneHolds) {
  for (auto text : {"a < 5", "a <= 5", "a > 5", "a >= 5", "a = 5", "a != 5", "a in 4..6", "a not in 4..6"}) {
    auto c = *spec::parse_condition(text), other = *spec::parse_condition(round(text));
    for (double seen : {-1.0, 4.0, 4.5, 5.0, 6.0, 7.0})
      EXPECT_NE(spec::compare(seen, c), spec::compare(seen, other)) << text << " of " << seen;
  }
}

TEST(Turning, StandsBesideWhatItIsTurnedFrom) {
  auto parsed = plan::parse(R"(
davy: 1
services:
  shop: { process: ./shop }
environments: { production: { url: http://shop.local } }
checks:
  before:
    Room: { disk: /, expect: [free > 10 GB, free > 10%] }
    Port: { tcp: "localhost:80" }
    Spare: { disk: /, degraded: free < 20 GB }
    Lead: { confirm: lead }
rollout:
  - check: before
  - restart
)",
                            plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = checklists(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {}}}}, {});
  ASSERT_TRUE(book);
  auto turning = turning_of(*book);
  std::vector<std::string> rounds;
  for (auto& one : turning.turned) rounds.push_back(one.round);
  EXPECT_THAT(rounds, ElementsAre("free <= 10 GB", "free <= 10%", "free >= 20 GB"));
  EXPECT_TRUE(turning.turned[2].degraded) << "which must warn";
  EXPECT_THAT(turning.bare, ElementsAre("rollout/check/before/Port"));
  auto& last = turning.book.steps[turning.book.steps.size() - 2];
  EXPECT_EQ(last.path, turning.turned[1].path);
  EXPECT_EQ(spec::to_json(*last.call.args.find("expect")).dump(), R"(["free > 10 GB","free <= 10%"])")
      << "the rest stays";
}

}  // namespace
}  // namespace davy::rollout
