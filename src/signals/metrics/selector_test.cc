#include "signals/metrics/selector.h"

#include <gtest/gtest.h>

namespace davy::signals {
namespace {

bool matches(std::string_view selector, std::string_view line) {
  auto s = parse_selector(selector);
  EXPECT_TRUE(s) << (s ? "" : s.error().message);
  Sample sample;
  std::string unescaped;
  EXPECT_TRUE(parse_sample(line, Exposition::text, sample, unescaped)) << line;
  return s && s->matches(sample);
}

TEST(Selector, ComparesNameAndLabels) {
  EXPECT_TRUE(matches("up", "up 1"));
  EXPECT_FALSE(matches("up", "upper 1"));
  EXPECT_TRUE(matches("r{code=\"200\"}", "r{code=\"200\",path=\"/\"} 1"));
  EXPECT_FALSE(matches("r{code=\"200\"}", "r{code=\"500\"} 1"));
  EXPECT_TRUE(matches("r{code!=\"200\"}", "r{code=\"500\"} 1"));
  EXPECT_TRUE(matches("r{code=~\"5..\"}", "r{code=\"503\"} 1"));
  EXPECT_FALSE(matches("r{code=~\"5\"}", "r{code=\"503\"} 1")) << "patterns match the whole value";
  EXPECT_TRUE(matches("r{code=~'4..|5..', path!~\"/(health|metrics).*\"}", "r{code=\"404\",path=\"/a\"} 1"));
  EXPECT_FALSE(matches("r{path!~\"/(health|metrics).*\"}", "r{path=\"/healthz\"} 1"));
  EXPECT_TRUE(matches(R"(r{v=~"\\d+\\.\\d+"})", "r{v=\"1.2\"} 1"));
  EXPECT_TRUE(matches(R"(r{v="a\"b"})", R"(r{v="a\"b"} 1)"));
}

TEST(Selector, TakesAMissingLabelForAnEmptyOne) {
  EXPECT_TRUE(matches("r{code=\"\"}", "r 1"));
  EXPECT_TRUE(matches("r{code!=\"500\"}", "r 1"));
  EXPECT_FALSE(matches("r{code=~\".+\"}", "r 1"));
}

TEST(Selector, SaysWhereItStopsMakingSense) {
  for (auto wrong : {"", "{a=\"b\"}", "r{", "r{a}", "r{a=b}", "r{a=\"b\"", "r{a=\"b}", "r{a=\"b\"} x", "r{=\"b\"}",
                     "r{a==\"b\"}", "r{a=~\"(\"}", "r{a=\"b\" c=\"d\"}", "rate(r[5m])", "9r"})
    EXPECT_FALSE(parse_selector(wrong)) << wrong;
  EXPECT_EQ(parse_selector("r{a=b}").error().message, "`r{a=b}`: expected a value in quotes at byte 5");
}

TEST(Selector, BoundsWhatAPatternMayCost) {
  EXPECT_FALSE(parse_selector("r{a=~\"((x{1000}){1000}){1000}\"}"));
  std::string many = "r{";
  for (int i = 0; i < 100; ++i) many += "a" + std::to_string(i) + "=\"\",";
  EXPECT_FALSE(parse_selector(many + "}"));
}

}  // namespace
}  // namespace davy::signals
