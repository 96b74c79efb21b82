#include "plan/yaml/yaml.h"

#include <gtest/gtest.h>

#include "spec/json.h"

namespace davy::plan {
namespace {

std::string read(std::string_view text) {
  spec::Diagnostics d;
  auto yaml = read_yaml(text, d);
  for (auto& m : d.sorted()) ADD_FAILURE() << text << ": " << spec::line_of(m, "");
  return yaml.root ? spec::to_json(*yaml.root).dump() : "nothing";
}

std::string mistakes(std::string_view text) {
  spec::Diagnostics d;
  read_yaml(text, d);
  std::string out;
  for (auto& m : d.sorted()) out += spec::line_of(m, "") + "\n";
  return out;
}

TEST(Yaml, KeepsScalarsAsTheyAreWritten) {
  EXPECT_EQ(read("{a: 1.10, b: 1e3, c: 15:30, d: no, e: 0x1F, f: 1_000, g: +5}"),
            R"({"a":"1.10","b":"1e3","c":"15:30","d":"no","e":"0x1F","f":"1_000","g":"+5"})");
}

TEST(Yaml, ReadsNumbersAndSwitchesThatMeanNothingElse) {
  EXPECT_EQ(read("{a: 5, b: -2, c: 0.5, d: true, e: '5', f: }"), R"({"a":5,"b":-2,"c":0.5,"d":true,"e":"5","f":null})");
}

TEST(Yaml, TakesSwitchesAsKeys) { EXPECT_EQ(read("on: true\nyes: no\n"), R"({"on":true,"yes":"no"})"); }

TEST(Yaml, ReadsConditionsUnquotedInBlockAndFlow) {
  EXPECT_EQ(read("expect: free > 10 GB"), R"({"expect":"free > 10 GB"})");
  EXPECT_EQ(read("{ pass: [a < 1, b >= 2%], rule: c != 15..20 }"),
            R"({"pass":["a < 1","b >= 2%"],"rule":"c != 15..20"})");
}

TEST(Yaml, MarksEveryNode) {
  spec::Diagnostics d;
  auto root = *read_yaml("a:\n  - b: 'x'\n    c:\n", d).root;
  auto& item = (*root.find("a")->list())[0];
  EXPECT_EQ(item.mark, (spec::Mark{2, 5}));
  EXPECT_EQ(item.find("b")->mark, (spec::Mark{2, 8}));
  EXPECT_TRUE(item.find("b")->quoted);
  EXPECT_EQ(item.find("c")->mark, (spec::Mark{3, 5})) << "what is absent is looked for at its key";
}

TEST(Yaml, CopiesAliases) { EXPECT_EQ(read("a: &x {b: 1}\nc: *x\n"), R"({"a":{"b":1},"c":{"b":1}})"); }

TEST(Yaml, RefusesBombsCyclesAndDepth) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    auto name = "*a" + std::to_string(i - 1), list = name;
    for (int k = 1; k < 10; ++k) list += ", " + name;
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + list + "]\n";
  }
  EXPECT_NE(mistakes(bomb).find("more than a plan can hold"), std::string::npos);
  EXPECT_NE(mistakes("a: &a [*a]").find("contains itself"), std::string::npos);
  EXPECT_NE(mistakes(std::string(100, '[')).find("nested too deeply"), std::string::npos);
  EXPECT_NE(mistakes(std::string(kMostBytes + 1, '#')).find("at most 1048576 bytes"), std::string::npos);
}

TEST(Yaml, RefusesWhatItWouldReadOtherwiseThanWritten) {
  for (auto text : {"a: 0123",
                    "a: -07",
                    "a: !x y",
                    "a: &x y",
                    "<<: {a: 1}",
                    "a: 1\na: 2",
                    "{a: 1, a: 2}",
                    "? [a]\n: b",
                    "a: 1\n---\nb: 2",
                    "a:\n\tb: 1",
                    "a: >5\n",
                    "a: #b",
                    "{p: a < 1, b < 2}",
                    "{a:1, b: 2}",
                    "a: \"b",
                    "a: 'b",
                    "a: %b",
                    "a: @b",
                    "a: `b`",
                    "a: *b",
                    "a: > b",
                    "a: | b",
                    "{a: ${b}}",
                    "a: b: c"})
    EXPECT_NE(mistakes(text), "") << text;
}

TEST(Yaml, GoesOnBehindAValueThatItCannotRead) {
  EXPECT_EQ(mistakes("a: @x\nb: %y\nc: &z z\n"),
            ":1:4: error: a value that begins with `@`, a sign that YAML reserves; expected the text in quotes\n"
            ":2:4: error: a value that begins with `%`, a sign that YAML reserves; expected the text in quotes\n"
            ":3:4: error: the anchor `&z` that nothing refers to; expected text that begins with `&` in quotes\n");
}

TEST(Yaml, AllowsTabsInsideBlocksOfText) {
  EXPECT_EQ(read("run: |\n  if true; then\n  \techo\n  fi\n"), R"({"run":"if true; then\n\techo\nfi\n"})");
}

TEST(Yaml, ReadsNothingFromNothing) {
  EXPECT_EQ(read(""), "nothing");
  EXPECT_EQ(read("# only a comment\n"), "nothing");
}

}  // namespace
}  // namespace davy::plan
