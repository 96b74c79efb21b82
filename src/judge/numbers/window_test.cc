#include "judge/numbers/window.h"

#include <gtest/gtest.h>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

Window sample() {
  Window w{.from = Time(1000s), .to = Time(1000s + 100ms)};
  w.releases["storefront@2"] = {.requests = 1896, .errors = 2, .error_clients = 2, .error_squares = 2, .repeats = 1900};
  w.releases["storefront@3"] = {.requests = 104, .errors = 21, .client_errors = 3, .aborts = 1, .redispatched = 4};
  w.releases["storefront@3"].latency.add(12ms, 100);
  w.releases["storefront@3"].aged_for(5s) = {.requests = 4, .errors = 3, .error_clients = 2, .client_errors = 1};
  w.releases["storefront@3"].endpoints["/cart"] = {.requests = 9, .errors = 1, .error_clients = 1};
  w.releases["storefront@3"].endpoints["/cart"].latency.add(30ms, 9);
  w.asked["storefront@3"] = 0.05;
  w.numbers["connections"] = {{"", 12.5}, {"storefront@3", -1}};
  w.counts["app.ERROR"] = {{"storefront@3", 7}};
  w.shown["app.new_errors"]["storefront@3"] = {{"no <*>", "no card"}};
  w.states["health"] = {{"storefront@3", "healthy \"or\" not\xff"}};
  return w;
}

TEST(Window, ComesBackFromItsTextAsItWas) {
  auto w = sample();
  w.states["health"]["storefront@3"] = "healthy";
  w.complete = false;
  auto back = decode(encode(w));
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, w);
}

TEST(Tally, LeavesOutWhatMayHaveBegunTooEarly) {
  Tally t{.requests = 100, .errors = 7, .error_clients = 6};
  t.latency.add(10ms, 96), t.latency.add(3s, 1), t.latency.add(40s, 3);
  t.aged_for(3s) = {.requests = 1, .errors = 1, .error_clients = 1};
  t.aged_for(40s) = {.requests = 3, .errors = 3, .error_clients = 2};
  auto later = t.younger_than(20s);
  EXPECT_EQ(later.requests, 97u);
  EXPECT_EQ(later.errors, 4u);
  EXPECT_EQ(later.error_clients, 4u);
  EXPECT_EQ(later.latency.count(), 97u);
  EXPECT_EQ(t.younger_than(3s).requests, 96u) << "from 2 s to 4 s: not surely";
  EXPECT_EQ(t.younger_than(64s).errors, 7u);
  EXPECT_EQ(t.younger_than(24h).errors, 7u);
}

TEST(Tally, ForgetsOldRequestsThatItMerged) {
  Tally all, one{.requests = 5}, other{.requests = 3, .errors = 1};
  one.aged_for(9s) = {.requests = 2};
  all.merge(other), all.merge(one), all.remove(one);
  EXPECT_EQ(all, other);
}

TEST(Tally, EndpointsAreMergedForgottenAndBounded) {
  Tally all, cart{.requests = 5}, other{.requests = 3};
  cart.endpoints["/cart"] = {.requests = 4, .errors = 1};
  all.merge(other), all.merge(cart), all.merge(cart);
  EXPECT_EQ(all.endpoints["/cart"].requests, 8u);
  all.remove(cart), all.remove(cart);
  EXPECT_EQ(all, other);
  for (int i = 0; i < 1000; ++i) {
    Tally one;
    one.endpoints["/" + std::to_string(i)] = {.requests = 1};
    all.merge(one);
  }
  EXPECT_EQ(all.endpoints.size(), Tally::kMostEndpoints);
}

TEST(Tally, OfWhichEndpointOldRequestsWereNobodyKnows) {
  Tally t{.requests = 10};
  t.endpoints["/cart"] = {.requests = 10};
  EXPECT_EQ(t.younger_than(3s).endpoints.size(), 1u);
  t.aged_for(9s) = {.requests = 1};
  EXPECT_TRUE(t.younger_than(3s).endpoints.empty());
}

TEST(Window, TextIsCompactAndAlwaysUtf8) {
  EXPECT_EQ(encode(Window{.from = Time(1ns), .to = Time(2ns)}), R"({"from":1,"to":2})");
  EXPECT_TRUE(decode(encode(sample())));
}

TEST(Window, GarbageIsAnErrorNeverACrash) {
  for (auto text : {"", "[]", "{", "{}", R"({"from":1})", R"({"from":"a","to":2})",
                    R"({"from":1,"to":2,"releases":[]})", R"({"from":1,"to":2,"releases":{"a":3}})",
                    R"({"from":1,"to":2,"releases":{"a":{"n":-1}}})", R"({"from":1,"to":2,"numbers":{"a":{"b":"c"}}})",
                    R"({"from":1,"to":2,"states":{"a":{"b":1}}})", R"({"from":1,"to":2,"counts":{"a":{"b":-1}}})",
                    R"({"from":1,"to":2,"shown":{"a":{"b":"c"}}})", R"({"from":1,"to":2,"releases":{"a":{"l":7}}})",
                    R"({"from":1,"to":2,"releases":{"a":{"old":[[1,2]]}}})", R"({"from":1,"to":2,"asked":{"a":"b"}})"})
    EXPECT_FALSE(decode(text)) << text;
}

TEST(Window, MergesOneAfterTheOther) {
  auto a = sample(), b = sample();
  b.from = a.to, b.to = a.to + 100ms, b.complete = false;
  b.numbers["connections"][""] = 20;
  a.merge(b);
  EXPECT_EQ(a.length(), 200ms);
  EXPECT_FALSE(a.complete);
  EXPECT_EQ(a.releases["storefront@2"].requests, 2 * 1896u);
  EXPECT_EQ(a.releases["storefront@3"].latency.count(), 200u);
  EXPECT_EQ(a.numbers["connections"][""], 20);
}

TEST(Window, MergesIntoNothing) {
  Window w;
  w.merge(sample());
  EXPECT_EQ(w, sample());
}

TEST(Tally, ForgetsWhatItMerged) {
  auto one = sample().releases["storefront@3"], two = one;
  two.merge(one);
  two.remove(one);
  EXPECT_EQ(two, one);
}

}  // namespace
}  // namespace davy::judge
