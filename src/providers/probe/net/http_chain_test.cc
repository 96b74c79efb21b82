// Several requests one after the other, over a server that remembers what it was asked.
#include "providers/probe/net/http_chain.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::HasSubstr;

HttpProbe probe(std::string_view text) {
  return *spec::decoded<HttpProbe>(spec::from_json(*spec::parse_json(text)), "http");
}

constexpr std::string_view kLogin = R"({
  "http": "http://x/login", "post": {"email": "qa@example.com", "password": "$QA_PASSWORD"},
  "keep": {"token": "auth.token", "next": "header.x-next"},
  "then": [
    {"http": "http://x/me?of=${next}", "headers": {"Authorization": "Bearer ${token}"}, "keep": {"id": "id"}},
    {"http": "http://x/orders", "post": {"customer": "${id}", "note": ["for ${id}", 7]}, "json": "orders"}]})";

struct Chain : ::testing::Test {
  World world;
  std::vector<ports::HttpAnswer> answers{
      {.status = 200, .headers = {{"x-next", "a b&c"}}, .body = R"({"auth": {"token": "t0"}})"},
      {.status = 200, .body = R"({"id": 41})"},
      {.status = 200, .body = R"({"orders": [1, 2, 3]})"}};

  Result<ports::Observation> look() {
    world.http.answer = [&](auto&) { return answers.at(world.http.asked.size() - 1); };
    return run(perform(probe(kLogin), world.outside, {.secrets = {{"QA_PASSWORD", {"QA_PASSWORD"}}}}));
  }
};

TEST_F(Chain, SendsWhatWasKeptAndLooksAtTheLastAnswer) {
  auto seen = look();
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->numbers["count"], 3);
  auto& asked = world.http.asked;
  ASSERT_EQ(asked.size(), 3u);
  EXPECT_EQ(asked[0].secrets, std::set<std::string>{"QA_PASSWORD"});
  EXPECT_EQ(asked[1].url, "http://x/me?of=a%20b%26c");
  EXPECT_EQ(spec::scalar_text(*seen->evidence.find("url")), "http://x/orders");
  EXPECT_EQ(asked[1].headers["Authorization"], "Bearer t0");
  EXPECT_EQ(asked[2].body, R"({"customer":"41","note":["for 41",7]})");
}

TEST_F(Chain, EndsAtTheFirstThatIsNotWellAndSaysWhich) {
  answers[1].status = 403;
  auto seen = look();
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_THAT(seen->says, HasSubstr("request 2 of 3: 403"));
  EXPECT_EQ(world.http.asked.size(), 2u);
}

TEST_F(Chain, WhatIsNotThereIsNotKept) {
  for (auto body : {R"({"auth": {}})", R"({"auth": {"token": {"a": 1}}})", R"({"auth": {"token": null}})", "no JSON"}) {
    world.http.asked.clear();
    answers[0].body = body;
    auto seen = look();
    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->ok);
    EXPECT_THAT(seen->says, HasSubstr("request 1 of 3: 200")) << body;
    EXPECT_EQ(world.http.asked.size(), 1u);
  }
}

// Else a server could ask for a secret by name, and would be sent it.
TEST_F(Chain, NoAnswerAsksForASecret) {
  answers[1].body = R"({"id": "$QA_PASSWORD"})";
  auto seen = look();
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::invalid);
  EXPECT_EQ(world.http.asked.size(), 2u);
}

// A text is posted as it is: nothing in it is a secret, whatever an answer put there.
TEST_F(Chain, NothingIsPutIntoATextThatIsPosted) {
  world.http.answer = [&](auto&) { return answers.at(world.http.asked.size() - 1); };
  answers[0].body = R"({"x": "a\",\"p\":\"$QA_PASSWORD"})";
  auto text =
      R"({"http": "http://x/a", "keep": {"x": "x"}, "then": [{"http": "http://y/b", "post": "{\"q\":\"${x}\"}"}]})";
  ASSERT_TRUE(run(perform(probe(text), world.outside, {.secrets = {{"QA_PASSWORD", {"QA_PASSWORD"}}}})));
  ASSERT_EQ(world.http.asked.size(), 2u);
  EXPECT_FALSE(world.http.asked[1].secrets_in_body);
  EXPECT_TRUE(world.http.asked[0].secrets_in_body == false) << "it posts nothing";
}

TEST_F(Chain, WhatOneAnswerSaysNamesNothingOfAnother) {
  auto of = [](const char* url) { return HttpProbe{.url = url, .headers = {{"X-A", "${a}-${b}"}}}; };
  auto filled = with_kept(of("http://x/${b}/${nobody}"), {{"a", "${b}"}, {"b", "secret of another"}});
  ASSERT_TRUE(filled);
  EXPECT_EQ(filled->headers["X-A"], "${b}-secret of another");
  EXPECT_EQ(filled->url, "http://x/secret%20of%20another/${nobody}");
}

TEST_F(Chain, IsCheckedWithThePlan) {
  auto mistakes = [](std::string_view text) {
    spec::Diagnostics d;
    auto v = spec::from_json(*spec::parse_json(text));
    HttpProbe o;
    bool fine = spec::decode(v, o, d) && fit_together(o, v, d);
    return !fine;
  };
  EXPECT_FALSE(mistakes(kLogin));
  EXPECT_TRUE(mistakes(R"({"http": "http://x", "then": [{"htp": "http://x"}]})"));
  EXPECT_TRUE(mistakes(R"({"http": "http://x", "then": [{"http": "http://x", "redirects": 99}]})"));
  EXPECT_TRUE(mistakes(R"({"http": "http://x", "then": [{"http": "http://x", "then": [{"http": "http://y"}]}]})"));
}

}  // namespace
}  // namespace davy::providers
