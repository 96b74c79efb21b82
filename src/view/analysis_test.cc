#include "view/analysis.h"

#include <gtest/gtest.h>

#include "view/ink.h"

namespace davy::view {
namespace {
using namespace std::chrono_literals;

AnalysisView story() {
  AnalysisView v{.by = "server"};
  v.logs.push_back({"access.log", "haproxy", "", 1'000'000, 8'000, 2, 17, "davy1 <script>alert(1)</script>\x1b[31m"});
  v.lines = 8'000, v.broken = 2;
  v.first = Time(1'795'225'844s), v.last = *v.first + 10min;
  AnalysisView::Group g{.name = "shop/<b>web1</b>"};
  g.tally.requests = 7'000, g.tally.errors = 70;
  g.classes = {0, 0, 6'900, 0, 30, 70};
  for (int i = 1; i <= 100; ++i) g.tally.latency.add(i * 1ms);
  g.longest = 100ms;
  v.groups = {g, {.name = "web2"}};
  v.total = g;
  v.paths = {{"/cart\"><img src=x>", 60, 0, 10, 50, 503}, {"/", 10, 2, 0, 10, 500}};
  v.width = 5s;
  for (int i = 0; i < 120; ++i) {
    AnalysisView::Point p{.from = *v.first + i * 5s};
    p.all.requests = 50 + static_cast<std::uint64_t>(i), p.all.errors = i > 60 ? 2 : 0;
    p.all.latency.add(i * 1ms);
    p.candidate = p.all;
    v.points.push_back(p);
  }
  return v;
}

AnalysisView judged() {
  auto v = story();
  v.comparison = AnalysisView::Comparison{.baseline = "web1",
                                          .candidate = "<i>web2</i>",
                                          .verdict = "roll back",
                                          .sentence = "<i>web2</i>: 9 errors in 10 requests",
                                          .evidence = 1e9,
                                          .bound = 100};
  return v;
}

TEST(Analysis, TextSaysWhatCounts) {
  auto text = analysis_text(story(), {.width = 140});
  for (auto part : {"access.log", "8,000 lines", "2 broken lines, the first is line 17", "7,000", "p95", "95",
                    "paths that fail most", "/cart", "requests", "2026-11-21"})
    EXPECT_NE(text.find(part), text.npos) << part << "\n" << text;
  EXPECT_EQ(text.find('\x1b'), text.npos) << "no colour, and none of a stranger's either";
}

TEST(Analysis, WhatToWriteInsteadIsNeverCut) {
  auto v = story();
  v.logs[0].taken_for =
      "JSON: the time is `ts`, the status is `status`; no latency (`duration` says no unit that is known; "
      "write json:latency=duration:ms, :us, :ns or :s), no server";
  for (int width : {40, 80}) {
    auto text = analysis_text(v, {.width = width});
    std::erase_if(text, [](char c) { return c == '\n' || c == ' '; });
    EXPECT_NE(text.find("writejson:latency=duration:ms,:us,:nsor:s)"), text.npos) << text;
  }
}

TEST(Analysis, ColourOnlyWhereItIsWantedAndAsciiWhereNothingElseIsKnown) {
  EXPECT_NE(analysis_text(story(), {.width = 140, .colour = true}).find("\x1b["), std::string::npos);
  for (char c : analysis_text(judged(), {.width = 140, .unicode = false}))
    EXPECT_TRUE((c >= 0x20 && c < 0x7f) || c == '\n') << static_cast<int>(c);
}

TEST(Analysis, NoLineIsWiderThanTheScreen) {
  auto text = analysis_text(judged(), {.width = 90});
  for (std::size_t at = 0; at < text.size();) {
    auto end = text.find('\n', at);
    EXPECT_LE(columns(std::string_view(text).substr(at, end - at)), 90);
    at = end + 1;
  }
}

TEST(Analysis, LargeNumbersStandApart) {
  auto v = story();
  v.total.tally.requests = 79'912'040, v.total.classes[2] = 73'513'440;
  EXPECT_NE(analysis_text(v, {.width = 140}).find(" 79,912,040  73,513,440"), std::string::npos);
}

TEST(Analysis, AnEmptyLogIsSaidToBeOne) {
  EXPECT_NE(analysis_text({.by = "server"}, {}).find("no requests"), std::string::npos);
  EXPECT_NE(analysis_html({.by = "server"}).find("</html>"), std::string::npos);
}

TEST(Analysis, ThePageEscapesEverythingAndLoadsNothing) {
  auto page = analysis_html(judged());
  for (auto bad : {"<script", "<img", "<b>web1", "<i>web2", "http://", "https://", "\x1b"})
    EXPECT_EQ(page.find(bad), page.npos) << bad;
  EXPECT_NE(page.find("&lt;i&gt;web2"), page.npos);
  EXPECT_NE(page.find("default-src 'none'"), page.npos);
  EXPECT_NE(page.find("<path class=\"new\""), page.npos) << "curves";
}

TEST(Analysis, JsonHasTheFigures) {
  auto j = to_json(judged());
  EXPECT_EQ(j["lines"], 8'000);
  EXPECT_EQ(j["groups"][0]["classes"]["5xx"], 70);
  EXPECT_NEAR(j["groups"][0]["latency"]["p95_ms"].get<double>(), 95, 1);
  EXPECT_EQ(j["comparison"]["verdict"], "roll back");
  EXPECT_EQ(j["logs"][0]["first_broken"]["line"], 17);
}

}  // namespace
}  // namespace davy::view
