#include "plan/words/names.h"

#include <gtest/gtest.h>

#include "plan/plan.h"

namespace davy::plan {
namespace {

const std::map<std::string, std::string> kVars{{"url", "http://x"}, {"version", "2"}, {"empty", ""}};

TEST(Names, ExpandInBracesOnly) {
  EXPECT_EQ(*expanded("${url}/v${version}${empty}", kVars), "http://x/v2");
  EXPECT_EQ(*expanded("$version $TOKEN $", kVars), "$version $TOKEN $");
  EXPECT_EQ(*expanded("$${url} costs $$5", kVars), "${url} costs $5");
  EXPECT_EQ(*expanded("", kVars), "");
}

TEST(Names, ThatNobodyKnowsAreErrors) {
  EXPECT_EQ(expanded("${nobody}", kVars).error().message, "unknown name `${nobody}`");
  EXPECT_EQ(expanded("${nobody}", kVars).error().hint, "known: empty, url, version");
  for (auto text : {"${", "${}", "${a b}", "${url", "x ${1}", "${${${"}) EXPECT_FALSE(expanded(text, kVars)) << text;
}

TEST(Names, OfSeriesHaveDots) {
  EXPECT_EQ(*expanded("${latency.p95}", {{"latency.p95", "12ms"}}), "12ms");
  for (auto text : {"${latency.}", "${.p95}", "${latency..p95}", "${latency.9}"}) EXPECT_FALSE(expanded(text, kVars));
}

TEST(Names, AreNotExpandedTwice) { EXPECT_EQ(*expanded("${a}", {{"a", "${b}"}, {"b", "x"}}), "${b}"); }

TEST(Names, ExpandInEveryScalarOfAValue) {
  auto v = spec::from_json(*spec::parse_json(R"({"a":["${version}",5,null],"${url}":{"b":"${url}"}})"));
  EXPECT_EQ(spec::to_json(*expanded(v, kVars)).dump(), R"({"a":["2",5,null],"${url}":{"b":"http://x"}})");
  EXPECT_FALSE(expanded(spec::array({spec::text("${x}")}), kVars));
}

}  // namespace
}  // namespace davy::plan
