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

TEST(Window, TextIsCompactAndAlwaysUtf8) {
  EXPECT_EQ(encode(Window{.from = Time(1ns), .to = Time(2ns)}), R"({"from":1,"to":2})");
  EXPECT_TRUE(decode(encode(sample())));
}

TEST(Window, GarbageIsAnErrorNeverACrash) {
  for (auto text : {"", "[]", "{", "{}", R"({"from":1})", R"({"from":"a","to":2})",
                    R"({"from":1,"to":2,"releases":[]})", R"({"from":1,"to":2,"releases":{"a":3}})",
                    R"({"from":1,"to":2,"releases":{"a":{"n":-1}}})", R"({"from":1,"to":2,"numbers":{"a":{"b":"c"}}})",
                    R"({"from":1,"to":2,"states":{"a":{"b":1}}})", R"({"from":1,"to":2,"counts":{"a":{"b":-1}}})",
                    R"({"from":1,"to":2,"shown":{"a":{"b":"c"}}})", R"({"from":1,"to":2,"releases":{"a":{"l":7}}})"})
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
