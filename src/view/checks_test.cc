#include "view/checks.h"

#include <gmock/gmock.h>

namespace davy::view {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

spec::Value evidence(std::string state, std::string expected, std::string found, std::string raw, std::string to_do) {
  spec::Map check{{"state", {}, spec::text(std::move(state))}, {"expected", {}, spec::text(std::move(expected))}};
  check.push_back({"found", {}, spec::text(std::move(found))});
  check.push_back({"raw", {}, spec::text(std::move(raw))});
  check.push_back({"do", {}, spec::text(std::move(to_do))});
  return spec::object({{"check", {}, spec::object(std::move(check))}});
}

// One item in each state, as a run tells of them.
struct Checks : ::testing::Test {
  run::Runbook book;
  run::State state;
  CheckReport report;
  Time now{1000s};

  Checks() {
    for (auto title : {"Fine", "Slow", "Room", "Away", "Spare"}) look(std::string("rollout/check/machine/") + title);
    book.steps.push_back({.path = "rollout/check/people/Lead", .says = "Lead: confirmation by lead"});
    book.steps.back().call = {"person", "", "confirm", {}};
    book.environment = "production";
    report = report_of(book, "shop", {4});
    tell(run::Started{.runbook = book});
    for (run::StepIx i = 0; i < 5; ++i) tell(run::AttemptStarted{.id = i + 1, .step = i});
    now += 12ms;
  }
  void look(std::string path) {
    book.steps.push_back({.path = path, .says = path, .call = {"probe", "disk", "look", {}}});
  }
  void tell(const run::Event& e) {
    run::fold(state, e, now);
    fold(report, e, state, now);
  }
  void end(run::AttemptId id, run::Outcome how, std::string says, spec::Value seen = {}) {
    tell(run::AttemptEnded{.id = id, .outcome = how, .says = std::move(says), .evidence = std::move(seen)});
  }
  void end_all() {
    end(1, run::Outcome::ok, "200 in 5ms");
    end(2, run::Outcome::ok, "degraded: time is 2s (time > 1s)", evidence("degraded", "not time > 1s", "2s", "2", ""));
    end(3, run::Outcome::failed, "free is 8.2 GB, expected free > 10 GB",
        evidence("failed", "free > 10 GB", "8.2 GB", "8200000000", "make room | now"));
    end(4, run::Outcome::failed, "connecting to db:5432: refused <&>\x1b[31m");
    end(5, run::Outcome::failed, "exit 1", evidence("failed", "", "exit 1", "", ""));
    tell(run::Skipped{.step = 4, .why = "exit 1"});
  }
  std::vector<std::string> states() {
    std::vector<std::string> out;
    for (auto& item : report.items) out.emplace_back(word_of(item.state));
    return out;
  }
};

TEST_F(Checks, AreToldWhileTheyGoOn) {
  end(1, run::Outcome::ok, "200");
  EXPECT_FALSE(report.done());
  EXPECT_EQ(check_progress(report), "2 of 6 done; now: Slow, Room, Away and 1 more");
  end_all();
  EXPECT_TRUE(report.done());
}

TEST_F(Checks, HaveAStateEach) {
  end_all();
  EXPECT_THAT(states(), ElementsAre("ok", "degraded", "failed", "cannot tell", "skipped", "asked"));
  EXPECT_FALSE(report.well());
}

TEST_F(Checks, AreWellWhereNothingFailsAndAllIsKnown) {
  report.items.resize(2), report.items.push_back(report.items[0]);
  end(1, run::Outcome::ok, ""), end(2, run::Outcome::ok, "", evidence("degraded", "", "", "", ""));
  report.items[2].state = CheckState::asked;
  EXPECT_TRUE(report.well());
  report.items[2].state = CheckState::blind;
  EXPECT_FALSE(report.well()) << "no data is no pass";
}

TEST_F(Checks, ShowExpectedFoundAndWhatMayBeDone) {
  end_all();
  auto lines = check_lines(report, {.width = 200});
  EXPECT_EQ(lines[0], "ok           machine/Fine   200 in 5ms");
  EXPECT_THAT(lines, ::testing::Contains("             expected free > 10 GB"));
  EXPECT_THAT(lines, ::testing::Contains("             found    8.2 GB  (raw: 8200000000)"));
  EXPECT_THAT(lines, ::testing::Contains("             do       make room | now"));
  EXPECT_EQ(lines.back(), "1 ok, 1 degraded, 1 failed, 1 cannot tell, 1 skipped, 1 asked");
  for (auto& line : lines) EXPECT_FALSE(line.contains('\x1b')) << line;
}

TEST_F(Checks, WhatIsElsewhereIsShownAndCountsAsNothing) {
  book.steps.push_back({.path = "rollout/check/last/Replica", .says = "only in production, staging"});
  book.steps.back().call = {"elsewhere", "", "", {}};
  report = report_of(book, "shop", {4});
  tell(run::Started{.runbook = book});
  for (run::StepIx i = 0; i < 5; ++i) tell(run::AttemptStarted{.id = i + 1, .step = i});
  end_all();
  EXPECT_THAT(states(), ElementsAre("ok", "degraded", "failed", "cannot tell", "skipped", "asked", "not here"));
  EXPECT_THAT(check_lines(report, {.width = 200}),
              ::testing::Contains("not here     last/Replica   only in production, staging"));
  EXPECT_THAT(junit(report), HasSubstr(R"(<skipped message="only in production, staging"/>)"));
  EXPECT_THAT(tap(report), HasSubstr("ok 7 - last/Replica # SKIP only in production, staging\n"));
  EXPECT_THAT(nagios(report), HasSubstr("1 of 5 checks are well"));
  EXPECT_FALSE(prometheus(report).contains("Replica"));
  EXPECT_EQ(to_json(report)[6]["result"], "not here");
}

TEST_F(Checks, AsJson) {
  end_all();
  auto json = to_json(report);
  EXPECT_EQ(json[0],
            (spec::Json{{"item", "machine/Fine"}, {"result", "ok"}, {"says", "200 in 5ms"}, {"seconds", 0.012}}));
  EXPECT_EQ(json[2]["expected"], "free > 10 GB");
  EXPECT_EQ(json[2]["raw"], "8200000000");
  EXPECT_EQ(json[4]["optional"], true);
}

TEST_F(Checks, AsJunit) {
  end_all();
  auto xml = junit(report);
  EXPECT_THAT(xml, HasSubstr(R"(<testsuites name="shop" tests="6" failures="1" errors="1")"));
  EXPECT_THAT(xml, HasSubstr(R"(<testsuite name="machine" tests="5" failures="1" errors="1" skipped="1")"));
  EXPECT_THAT(xml, HasSubstr(R"(<failure message="free is 8.2 GB, expected free &gt; 10 GB" type="failed">)"));
  EXPECT_THAT(xml, HasSubstr("refused &lt;&amp;&gt;\\x1b[31m")) << "XML knows no control characters";
  EXPECT_THAT(xml, HasSubstr("<system-out>warning: degraded: time is 2s (time &gt; 1s)\n"));
  EXPECT_THAT(xml, HasSubstr(R"(<skipped message="Lead: confirmation by lead, in a deployment"/>)"));
}

TEST_F(Checks, AsTap) {
  end_all();
  auto text = tap(report);
  EXPECT_TRUE(text.starts_with("TAP version 14\n1..6\nok 1 - machine/Fine\nok 2 - machine/Slow\n  ---\n")) << text;
  EXPECT_THAT(text,
              HasSubstr("not ok 3 - machine/Room\n  ---\n  message: \"free is 8.2 GB, expected free > 10 GB\"\n"));
  EXPECT_THAT(text, HasSubstr("ok 5 - machine/Spare # SKIP exit 1\n"));
  EXPECT_THAT(text, HasSubstr("\n# WARNING machine/Slow: degraded: time is 2s (time > 1s)\n"));
}

TEST_F(Checks, AsAPluginOfNagios) {
  EXPECT_EQ(nagios_code(report), 3) << "nothing is known yet";
  end_all();
  EXPECT_EQ(nagios_code(report), 2);
  auto text = nagios(report);
  EXPECT_TRUE(
      text.starts_with("DAVY CRITICAL - 1 of 5 checks are well; machine/Room: free is 8.2 GB, expected free > 10 GB |"))
      << text;
  EXPECT_THAT(text, HasSubstr(" 'machine/Fine'=0.012s"));
  EXPECT_THAT(text, HasSubstr("\ncannot tell: machine/Away: "));
  report.items[2].state = CheckState::ok;
  EXPECT_EQ(nagios_code(report), 3);
  report.items[3].state = CheckState::ok;
  EXPECT_EQ(nagios_code(report), 1);
  report.items[1].state = report.items[4].state = CheckState::ok;
  EXPECT_EQ(nagios_code(report), 0);
}

TEST_F(Checks, AsPrometheusReadsThem) {
  report.items[0].title = "a \"b\" \\ c";
  end_all();
  auto text = prometheus(report);
  EXPECT_THAT(text, HasSubstr("# TYPE davy_check_state gauge\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(davy_check_state{plan="shop",environment="production",group="machine",check="Room",state="failed"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(check="Room",state="ok"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(check="Slow",state="degraded"} 1)"));
  EXPECT_THAT(text, HasSubstr("davy_check_timestamp_seconds{plan=\"shop\",environment=\"production\"} 1000.012\n"));
  EXPECT_FALSE(text.contains("Lead")) << "a person was not asked";
}

}  // namespace
}  // namespace davy::view
