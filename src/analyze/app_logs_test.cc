#include "analyze/app_logs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace davy::analyze {
namespace {

struct LinesTest : ::testing::Test {
  std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("davy-analyze-lines-" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::string log(const std::string& name, const std::string& text) {
    std::ofstream(folder / name, std::ios::binary) << text;
    return folder / name;
  }
  static view::AppLogsView read(const std::vector<std::string>& logs, const AppLogOptions& options) {
    auto out = lines_of(logs, options);
    EXPECT_TRUE(out) << to_string(out.error());
    return out.value_or(view::AppLogsView{});
  }
  static view::AppLogsView::BySide pattern(const view::AppLogsView& v, const std::string& name) {
    for (auto& one : v.patterns)
      if (one.name == name) return one.lines;
    ADD_FAILURE() << "no pattern " << name;
    return {};
  }
};
using BySide = view::AppLogsView::BySide;

TEST_F(LinesTest, AGroupIsALog) {
  auto blue = log("blue.log", "ERROR no card 1\nINFO fine\nERROR no card 2\n");
  auto green = log("green.log", "ERROR no card 3\nERROR no money for alice\nWARN slow query\nERROR no money for bob");
  auto v = read({blue, green}, {.own = {{"CARD", "card [0-9]"}}, .baseline = "blue.log", .candidate = "green*"});
  EXPECT_EQ(v.lines, (BySide{0, 3, 4}));
  EXPECT_EQ(v.errors, (BySide{0, 2, 3})) << "the last line ends without a newline";
  EXPECT_EQ(pattern(v, "CARD"), (BySide{0, 2, 1}));
  EXPECT_EQ(pattern(v, "SLOW_QUERY"), (BySide{0, 0, 1}));
  ASSERT_EQ(v.news.size(), 1u);
  EXPECT_EQ(v.news[0].pattern, "no money for <*>");
  EXPECT_EQ(v.news[0].example, "ERROR no money for alice");
  EXPECT_EQ(v.news[0].lines, (BySide{0, 0, 2}));
  EXPECT_EQ(v.commonest.size(), 2u);
}

TEST_F(LinesTest, AGroupIsWhatTheLinesName) {
  auto mixed = log("app.log",
                   "level=error release=2 msg=\"no card\"\nlevel=error release=3 msg=\"no money\"\n"
                   "    at Shop.pay(Shop.java:7) ERROR\nlevel=info msg=started\n");
  auto v = read({mixed}, {.release_by = "release", .baseline = "2", .candidate = "3"});
  EXPECT_EQ(v.lines, (BySide{1, 1, 2})) << "a stack belongs to the line before it";
  ASSERT_EQ(v.news.size(), 1u);
  EXPECT_EQ(v.news[0].pattern, "no money");
}

TEST_F(LinesTest, WithoutGroupsThereIsNoNews) {
  auto v = read({log("app.log", "ERROR no card\n")}, {});
  EXPECT_EQ(v.errors, (BySide{1, 0, 0}));
  EXPECT_TRUE(v.news.empty());
  EXPECT_EQ(v.commonest.size(), 1u);
}

TEST_F(LinesTest, GarbageAndEndlessLinesAreReadToTheirEnd) {
  auto v = read({log("app.log", std::string(3 << 20, 'x') + "\nERROR \x01\xff\x1b[2J\n" + std::string(100, '\0'))}, {});
  EXPECT_EQ(v.errors, (BySide{1, 0, 0}));
  ASSERT_EQ(v.commonest.size(), 1u);
  EXPECT_FALSE(v.commonest[0].example.contains('\x1b'));
  EXPECT_EQ(read({log("empty.log", "")}, {}).lines, (BySide{}));
}

TEST_F(LinesTest, WhatCannotBeReadIsSaid) {
  EXPECT_FALSE(lines_of({folder / "none.log"}, {}));
  EXPECT_FALSE(lines_of({log("a.log", "x\n")}, {.own = {{"A", "("}}}));
  EXPECT_FALSE(lines_of({log("a.log", "x\n")}, {.release_by = "(x)(y)"}));
}

TEST_F(LinesTest, PeopleAndProgramsSeeTheSame) {
  auto blue = log("blue.log", "ERROR no card\n"), green = log("green.log", "ERROR <b>no</b> money\n");
  auto v = read({blue, green}, {.baseline = "blue.log", .candidate = "green.log"});
  auto text = view::lines_text(v, {.width = 120});
  EXPECT_TRUE(text.contains("1 new error that the baseline never showed")) << text;
  EXPECT_TRUE(text.contains("ERROR <b>no</b> money")) << text;
  auto json = view::to_json(v);
  EXPECT_EQ(json["new_errors"][0]["candidate"], 1u);
  EXPECT_EQ(json["lines"], 2u);
  auto page = view::lines_html(v);
  EXPECT_TRUE(page.contains("&lt;b&gt;no&lt;/b&gt; money")) << page;
  EXPECT_FALSE(page.contains("<b>no")) << page;
}

}  // namespace
}  // namespace davy::analyze
