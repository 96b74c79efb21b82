#include "providers/probe/nagios.h"

#include <gmock/gmock.h>

#include "ports/expect.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using spec::Unit;
using ::testing::ElementsAre;

ports::CommandEnd ended(int code, std::string output) { return {.exit_code = code, .output = std::move(output)}; }

std::optional<std::string> wrong(const ports::Observation& seen, const char* condition) {
  return ports::unmet(seen, {*spec::parse_condition(condition)});
}

// As check_http and check_disk of monitoring-plugins 2.3 print them.
constexpr const char* kHttp =
    "HTTP OK: HTTP/1.0 200 OK - 148 bytes in 0.000 second response time "
    "|time=0.000317s;1.000000;2.000000;0.000000;10.000000 "
    "size=148B;;;0;\n";

TEST(NagiosProbe, TakesStateTextAndFigures) {
  auto seen = *observed({}, ended(0, kHttp));
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.says, "HTTP OK: HTTP/1.0 200 OK - 148 bytes in 0.000 second response time");
  EXPECT_EQ(seen.words["value"], "ok");
  EXPECT_DOUBLE_EQ(seen.numbers["time"], 0.000317);
  EXPECT_EQ(seen.units["size"], Unit::bytes);
  EXPECT_EQ(wrong(seen, "time < 1s"), std::nullopt);
  EXPECT_EQ(wrong(seen, "size < 1s"), "size is 148 B, which does not compare with 1s");
}

TEST(NagiosProbe, AWarningIsWellOnlyWhereThePlanSaysSo) {
  auto seen = *observed({}, ended(1, "DISK WARNING - free space: / 9%"));
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(wrong(seen, "output contains DISK"), "DISK WARNING - free space: / 9%; `expect` says nothing of `value`");
  EXPECT_EQ(wrong(seen, "value is not critical"), std::nullopt);
  EXPECT_EQ(observed({}, ended(2, "x"))->words["value"], "critical");
}

TEST(NagiosProbe, WhatCannotTellIsNoAnswer) {
  EXPECT_EQ(observed({}, ended(3, "UNKNOWN: no such host")).error().message,
            "the plug-in cannot tell: UNKNOWN: no such host");
  EXPECT_EQ(observed({}, ended(127, "sh: check_x: not found")).error().code, Code::invalid);
  EXPECT_EQ(observed({}, {.signal = 9}).error().code, Code::unavailable);
  EXPECT_EQ(observed({}, {.timed_out = true}).error().code, Code::timed_out);
}

std::vector<std::string> names(std::string_view output) {
  std::vector<std::string> out;
  for (auto& one : figures(output)) out.push_back(fmt::format("{}={:g}", one.name, one.value));
  return out;
}

TEST(NagiosProbe, ReadsFiguresAsPluginsWriteThem) {
  EXPECT_THAT(names("OK | load1=4.730;1.000;50.000;0; load5=3.1;;; \n"), ElementsAre("load1=4.73", "load5=3.1"));
  EXPECT_THAT(names("OK|'C:\\ used'=75%;80;90 '/it''s'=1 5min=2"), ElementsAre("C___used=0.75", "_it_s=1", "_5min=2"));
  EXPECT_THAT(names("OK | a=1\nmore text\nand more | b=2ms\nc=3c\n"), ElementsAre("a=1", "b=0.002", "c=3"));
  EXPECT_THAT(names("OK - nothing"), ElementsAre());
}

TEST(NagiosProbe, EndsWhateverIsPrinted) {
  EXPECT_THAT(names("|a=U b=1"), ElementsAre("b=1")) << "U is: not known";
  EXPECT_THAT(names("|'never ends=1"), ElementsAre());
  EXPECT_THAT(names("|=1 x"), ElementsAre("_=1"));
  EXPECT_THAT(names("|a=1e999 b=nan c=1"), ElementsAre("c=1"));
  std::string many = "|";
  for (int i = 0; i < 3000; ++i) many += fmt::format("a{}=1 ", i);
  EXPECT_EQ(figures(many).size(), 1000u);
}

}  // namespace
}  // namespace davy::providers
