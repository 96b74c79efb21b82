#include "signals/traffic/endpoints.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

void ask(Endpoints& endpoints, std::string_view path, int times) {
  for (int i = 0; i < times; ++i) endpoints.request(path);
}

TEST(Endpoints, AreTemplatesOfPaths) {
  EXPECT_EQ(endpoint_of("/v1/users/8a3f-71/orders?page=2"), "/v1/users/*/orders");
  EXPECT_EQ(endpoint_of("/a/b/c/d/e/f"), "/a/b/c/d");
  EXPECT_EQ(endpoint_of("/products/42"), "/products/*");
  EXPECT_EQ(endpoint_of("/p2p/v1"), "/p2p/v1");
  EXPECT_EQ(endpoint_of("/"), "/");
  EXPECT_EQ(endpoint_of(""), "");
  EXPECT_EQ(endpoint_of("*"), "");
  EXPECT_EQ(endpoint_of("/reset/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"), "/reset/*") << "a token is in no name";
  EXPECT_EQ(endpoint_of("/\x01\xff/x"), "/*/x");
}

TEST(Endpoints, HaveANameWhenManyAskForThem) {
  Endpoints endpoints;
  EXPECT_EQ(endpoints.request("/cart"), "") << "nothing is known yet";
  ask(endpoints, "/cart", 150);
  ask(endpoints, "/seldom", 2);
  endpoints.end_of_window(Time(1h));
  EXPECT_EQ(endpoints.request("/cart?id=7"), "/cart");
  EXPECT_EQ(endpoints.request("/seldom"), "");
}

TEST(Endpoints, AreChosenByTheRequestsOfTheLastHalfMinute) {
  Endpoints endpoints;
  ask(endpoints, "/old", 1000);
  endpoints.end_of_window(Time(1h));
  for (int turn = 1; turn < 100; ++turn) {
    ask(endpoints, "/new", 1000);
    endpoints.end_of_window(Time(1h + turn * 10s));
  }
  EXPECT_EQ(endpoints.request("/new"), "/new");
  EXPECT_EQ(endpoints.request("/old"), "");
}

TEST(Endpoints, AreTenAtMostAndTheirMemoryIsBounded) {
  Endpoints endpoints;
  for (int i = 0; i < 100'000; ++i)
    ask(endpoints, fmt::format("/{}", std::string(1 + i % 30, static_cast<char>('a' + i % 26))), 1);
  endpoints.end_of_window(Time(1h));
  int named = 0;
  for (int i = 0; i < 780; ++i)
    named += !endpoints.request(fmt::format("/{}", std::string(1 + i % 30, static_cast<char>('a' + i % 26)))).empty();
  EXPECT_LE(named, 10);
  for (int i = 0; i < 5000; ++i) {
    std::string word;
    for (int n = i; n > 0; n /= 26) word += static_cast<char>('a' + n % 26);
    ask(endpoints, "/" + word, 1);
  }
  ask(endpoints, "/late", 50'000);
  endpoints.end_of_window(Time(2h));
  EXPECT_EQ(endpoints.request("/late"), "") << "there was no room for it among all those that nobody asks for";
  for (int turn = 1; turn < 10; ++turn) ask(endpoints, "/late", 1000), endpoints.end_of_window(Time(2h + turn * 10s));
  EXPECT_EQ(endpoints.request("/late"), "/late") << "until they are forgotten";
}

}  // namespace
}  // namespace davy::signals
