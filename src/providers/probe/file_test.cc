#include "providers/probe/file.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Time kNow{1'700'000'000s};
const ports::Files::Stat kStat{.size = Bytes{12}, .mode = 0600, .owner = "shop", .changed = kNow - 90s};

TEST(FileProbe, SeesWhoseItIsHowLargeAndWithWhichMode) {
  auto seen = observed({.path = "/f"}, kStat, {}, kNow);
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.words["mode"], "600");
  EXPECT_EQ(seen.words["owner"], "shop");
  EXPECT_EQ(seen.numbers["size"], 12);
  EXPECT_EQ(seen.numbers["age"], 90);
  auto none = observed({.path = "/f"}, std::nullopt, {}, kNow);
  EXPECT_FALSE(none.ok);
  EXPECT_EQ(none.words["exists"], "false");
}

struct FileTest : ::testing::Test {
  World world;
  TempDir dir;
  void write(const char* name, std::string_view text) { std::ofstream(dir.path + "/" + name) << text; }
  Result<ports::Observation> look(FileProbe o) {
    return run(perform(std::move(o), world.outside, {.directory = dir.path}));
  }
};

TEST_F(FileTest, FindsAKeyInEachForm) {
  write("a.json", R"({"pool": {"size": 20}, "hosts": ["a", "b"]})");
  write("a.yaml", "debug: false\nhosts: [a, b]\npool: { size: 20 }\nnone:\n");
  write("a.toml", "debug = false\n[pool]\nsize = 20\n[[hosts]]\nname = 'a'\n");
  EXPECT_EQ(look({.path = "a.json", .json = "pool.size"})->numbers["value"], 20);
  EXPECT_EQ(look({.path = "a.json", .json = "hosts"})->numbers["count"], 2);
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "debug"})->words["value"], "false");
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "hosts.1"})->words["value"], "b");
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "pool.size"})->numbers["value"], 20);
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "none"})->words["value"], "null");
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "."})->numbers["count"], 4);
  EXPECT_EQ(look({.path = "a.toml", .toml = "pool.size"})->numbers["value"], 20);
  EXPECT_EQ(look({.path = "a.toml", .toml = "debug"})->words["value"], "false");
  EXPECT_EQ(look({.path = "a.toml", .toml = "hosts.0.name"})->words["value"], "a");
}

TEST_F(FileTest, AKeyThatIsNotThereIsNotWell) {
  write("a.yaml", "hosts: [a, b]\n");
  for (auto path : {"debug", "hosts.2", "hosts.x", "hosts.0.name"}) {
    auto seen = look({.path = "a.yaml", .yaml = path});
    EXPECT_FALSE(seen->ok) << path;
    EXPECT_THAT(seen->unwell, ElementsAre("value"));
    EXPECT_THAT(seen->says, HasSubstr("in it"));
  }
  EXPECT_FALSE(look({.path = "none.yaml", .yaml = "debug"})->ok);
}

TEST_F(FileTest, WhatIsNotOfThatFormIsNoAnswer) {
  write("a.yaml", "a: [1\n"), write("a.json", "a: 1"), write("a.toml", "a = = 1");
  EXPECT_THAT(look({.path = "a.yaml", .yaml = "a"}).error().message, HasSubstr("a.yaml: it is no YAML: line"));
  EXPECT_THAT(look({.path = "a.json", .json = "a"}).error().message, HasSubstr("a.json: it is no JSON"));
  EXPECT_THAT(look({.path = "a.toml", .toml = "a"}).error().message, HasSubstr("a.toml: it is no TOML: line 1"));
}

TEST_F(FileTest, AnAliasOfManyIsNotSpelledOut) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 30; ++i)
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  write("a.yaml", bomb + "end: 7\n");
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "end"})->numbers["value"], 7);
  EXPECT_EQ(look({.path = "a.yaml", .yaml = "a29.3.3"})->numbers["count"], 8);
  write("a.yaml", std::string(100'000, '['));
  EXPECT_FALSE(look({.path = "a.yaml", .yaml = "a"}));
  write("a.toml", "a = " + std::string(100'000, '['));
  EXPECT_FALSE(look({.path = "a.toml", .toml = "a"}));
}

TEST(FileProbe, HasTheSumThatIsAskedFor) {
  auto sum = std::string(64, 'a');
  EXPECT_TRUE(observed({.path = "/f", .sha256 = std::string(64, 'A')}, kStat, {.sha256 = sum}, kNow).ok);
  auto other = observed({.path = "/f", .sha256 = std::string(64, 'b')}, kStat, {.sha256 = sum}, kNow);
  EXPECT_FALSE(other.ok);
  EXPECT_THAT(other.unwell, ElementsAre("sha256"));
}

TEST(FileProbe, TakesOneFormAndAWholeSum) {
  auto mistakes = [](std::string_view json) {
    spec::Diagnostics d;
    auto options = spec::from_json(*spec::parse_json(json));
    fit_together(*spec::decoded<FileProbe>(options, "file"), options, d);
    return d.count();
  };
  EXPECT_EQ(mistakes(R"({"file": "f", "yaml": "a", "toml": "a"})"), 1u);
  EXPECT_EQ(mistakes(R"({"file": "f", "sha256": "abc"})"), 1u);
  EXPECT_EQ(mistakes(R"({"file": "f", "yaml": "a"})"), 0u);
}

}  // namespace
}  // namespace davy::providers
