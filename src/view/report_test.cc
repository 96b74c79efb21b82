#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "view/story_testing.h"

namespace davy::view::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Story taken_back() {
  Story s;
  s.until("5%/bake").bake_for(20s);
  s.error_share = 0.2;
  s.bake_for(3s).verdict(run::Consequence::roll_back, "20% fail");
  return s.back();
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
  return n;
}

TEST(Report, TellsARollbackToSomebodyWhoWasNotThere) {
  auto page = report_html(taken_back().view());
  EXPECT_THAT(page,
              AllOf(HasSubstr(R"(<span class="badge warn">rolled back</span>)"), HasSubstr("Timeline"),
                    HasSubstr("What users met"), HasSubstr("error_rate &gt; 5% → roll-back"), HasSubstr("20% fail"),
                    HasSubstr("candidate · errors"), HasSubstr("storefront 2 serves again, verified")));
  EXPECT_EQ(count(page, "<svg"), 6u);  // the timeline twice: one is for telephones
}

TEST(Report, WritesALengthIntoABarThatLeavesNoRoomBesideIt) {
  Story s;
  s.until("5%/bake").bake_for(50s);
  auto page = report_html(s.view());
  EXPECT_EQ(count(page, R"(class="inside")"), 2u);
  EXPECT_THAT(page, AllOf(HasSubstr(R"(class="on-wide")"), HasSubstr(R"(class="on-narrow")")));
}

TEST(Report, NeedsNothingFromElsewhere) {
  auto page = report_html(taken_back().view());
  for (auto taboo : {"<script", "http://", "https://", "url(", "@import", "<img", "<link", " onload"})
    EXPECT_THAT(page, Not(HasSubstr(taboo)));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(Report, IsSafeFromWhateverTheRunMet) {
  auto book = Shop().book;
  std::string evil = "<script>alert('x')</script>\"'><svg onload=y>\x1b[31m";
  book.version = book.environment = evil;
  book.subjects[0].service = book.subjects[0].previous.version = evil;
  for (auto& step : book.steps) step.path += evil, step.says += evil;
  Story s(book);
  s.until("start").end(run::Outcome::ok, evil, spec::object({arg("output", evil + "\n" + evil), arg("log", evil)}));
  s.until("5%/bake").bake_for(5s).verdict(run::Consequence::hold, evil);
  s.ask("resume", evil, evil);
  auto page = report_html(project(evil, s.events, s.samples, s.now));
  EXPECT_THAT(page, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<svg onload")), Not(HasSubstr("\x1b"))));
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;"));
}

TEST(Report, ShowsTheEndOfACommandsOutputEvenAfterItWasTakenBack) {
  Story s;
  s.until("/start").end(run::Outcome::ok, "", spec::object({arg("output", "warming\nready"), arg("log", "/spool/a3")}));
  s.until("5%/bake").ask("rollback").back();
  EXPECT_THAT(report_html(s.view()), AllOf(HasSubstr("warming\nready"), HasSubstr("/spool/a3")));
}

TEST(Report, MarksWhenTheCandidateHadSteppedAsideAndWhenThePageStoodThere) {
  auto book = Shop().book;
  for (auto& step : book.steps)
    if (step.exposes()) step.subject = 0;
  book.steps[3].call = {"maintenance", "", "on", {}};
  Story s(book);
  s.until("25%/bake").bake_for(10s).step_aside("25%/traffic").after(20s);
  auto page = report_html(s.view());
  EXPECT_THAT(page, AllOf(HasSubstr("stepped aside for 20s"), HasSubstr("stepped aside, without users"),
                          HasSubstr("maintenance page for")));
  auto charts = page.substr(page.find("What users met"));
  EXPECT_THAT(charts, AllOf(HasSubstr(R"(class="b-page")"), HasSubstr(R"(class="i-page")")));
}

TEST(Report, FiveHundredStepsAreRowsOfGroups) {
  run::Runbook book{.environment = "production", .version = "3"};
  for (int i = 0; i < 500; ++i)
    book.steps.push_back(step("rollout/part " + std::to_string(i / 50) + "/step " + std::to_string(i),
                              "run: step " + std::to_string(i), i, {"command", "", "run", {}}));
  Story s(book);
  s.until("");
  auto page = report_html(s.view());
  EXPECT_EQ(count(page, R"(<text class="row")"), 20u);
}

TEST(Report, ADayOfSecondsIsAsSmallAsAMinute) {
  Story s;
  s.until("5%/bake");
  for (int i = 0; i < 20000; ++i) s.second();
  EXPECT_LT(report_html(s.view()).size(), 120'000u);
}

TEST(Report, StandsOnNothing) { EXPECT_THAT(report_html(project("none", {}, {}, Time{})), HasSubstr("</html>")); }

}  // namespace
}  // namespace davy::view::testing
