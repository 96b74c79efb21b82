// What the order of a runbook promises about its way back.
#include "rollout/rollout.h"

#include <gmock/gmock.h>

#include "plan/words/words_testing.h"

namespace davy::rollout {
namespace {

constexpr std::string_view kInPlace = R"(
davy: 1
services:
  shop: { process: ./shop, router: { haproxy: /run/ha.sock, backend: shop } }
environments: { production: { url: http://shop.local } }
maintenance: { router: on }
rollout:
  - maintenance: on
  - stop
  - start
  - verify:
      Closed: { http: "${url}/", expect: status = 503 }
  - maintenance: off
  - verify:
      Healthy: { http: "${url}/health", expect: status = 200 }
)";

std::size_t place(const run::Runbook& book, std::string_view path) {
  auto it = std::ranges::find_if(book.steps, [&](auto& s) { return s.path.ends_with(path); });
  return static_cast<std::size_t>(it - book.steps.begin());
}

// Undone newest first: what stands before `maintenance on` is proven after users were let in again.
TEST(Rollout, ARollbackVerifiesWhatUsersSeeOnceTheyAreBack) {
  auto parsed = plan::parse(kInPlace, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  Request request{"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}};
  auto book = expand(parsed.plan, request);
  ASSERT_TRUE(book) << book.error().message;
  auto on = place(*book, "maintenance on");
  ASSERT_LT(on, book->steps.size());
  EXPECT_LT(place(*book, "return/Healthy"), on);
  EXPECT_GT(place(*book, "return/Closed"), on);
  EXPECT_GT(place(*book, "return/shop is healthy"), on) << "nobody is let in to a release that is not healthy";
}

TEST(Rollout, AProbeThatTakesSoLongGetsTheTimeForIt) {
  std::string text(kInPlace);
  text.replace(text.find("Healthy: {"), 0, "Stays: { tcp: \"localhost:1\", for: 5m }\n      ");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  auto timeout = [&](std::string_view path) { return book->steps[place(*book, path)].timeout; };
  EXPECT_EQ(timeout("Stays") - timeout("Healthy"), std::chrono::minutes(5));
}

TEST(Rollout, AConditionThatMustHoldForSoLongGetsTheTimeForIt) {
  std::string text(kInPlace);
  text.replace(text.find("expect: status = 200"), 20, "expect: status = 200 for 5m");
  auto parsed = plan::parse(text, plan::words::vocabulary());
  ASSERT_TRUE(parsed.mistakes.empty());
  auto book = expand(parsed.plan, {"production", "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
  ASSERT_TRUE(book) << book.error().message;
  EXPECT_GT(book->steps[place(*book, "Healthy")].timeout, std::chrono::minutes(5));
}

}  // namespace
}  // namespace davy::rollout
