#include "spec/condition.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

namespace davy::spec {
namespace {
using namespace std::chrono_literals;

Condition good(std::string_view text) {
  auto parsed = parse_condition(text);
  if (parsed) return *parsed;
  ADD_FAILURE() << text << " at " << parsed.error().offset << ": " << parsed.error().found << "; expected "
                << parsed.error().expected;
  return {};
}

// "offset: found; expected"
std::string mistake(std::string_view text) {
  auto parsed = parse_condition(text);
  if (parsed) return "none";
  return fmt::format("{}: {}; expected {}", parsed.error().offset, parsed.error().found, parsed.error().expected);
}

TEST(Condition, IsNameOperatorValue) {
  auto c = good("error_rate > 5%");
  EXPECT_EQ(c.series, "error_rate");
  EXPECT_EQ(c.field, "");
  EXPECT_EQ(c.op, Operator::greater);
  EXPECT_EQ(c.value, (Quantity{0.05, Unit::ratio}));
  EXPECT_EQ(c.held, 0s);
  EXPECT_EQ(c.over, 0s);
}

TEST(Condition, NamesAFieldBehindTheLastDot) {
  EXPECT_EQ(good("latency.p95 < 500ms").field, "p95");
  auto c = good("payments.checkout.p99 < 1s");
  EXPECT_EQ(c.series, "payments.checkout");
  EXPECT_EQ(c.field, "p99");
  EXPECT_EQ(good("http.5xx == 0").field, "5xx");
  EXPECT_EQ(good("active-connections < 5").series, "active-connections");
}

TEST(Condition, KnowsEveryOperator) {
  EXPECT_EQ(good("a < 1").op, Operator::less);
  EXPECT_EQ(good("a <= 1").op, Operator::less_equal);
  EXPECT_EQ(good("a = 1").op, Operator::equal);
  EXPECT_EQ(good("a == 1").op, Operator::equal);
  EXPECT_EQ(good("a != 1").op, Operator::not_equal);
  EXPECT_EQ(good("a >= 1").op, Operator::greater_equal);
  EXPECT_EQ(good("a > 1").op, Operator::greater);
  EXPECT_EQ(good("a in 1..2").op, Operator::in_range);
  EXPECT_EQ(good("a = 1..2").op, Operator::in_range);
  EXPECT_EQ(good("a is ok").op, Operator::is);
  EXPECT_EQ(good("a is not ok").op, Operator::is_not);
  EXPECT_EQ(good("a rises").op, Operator::rises);
  EXPECT_EQ(good("a grows > 1/s").op, Operator::grows);
  EXPECT_EQ(good("a over 1h grows < 1%/h").op, Operator::grows_less);
}

TEST(Condition, KeepsValuesInBaseUnits) {
  struct {
    std::string_view text;
    Quantity value;
  } const kCases[] = {
      {"a < 5", {5, Unit::none}},
      {"a < -2.5", {-2.5, Unit::none}},
      {"a < 0.1%", {0.001, Unit::ratio}},
      {"a < 5 %", {0.05, Unit::ratio}},
      {"a < 500ms", {0.5, Unit::seconds}},
      {"a < 250us", {0.00025, Unit::seconds}},
      {"a < 5m", {300, Unit::seconds}},
      {"a < 2h", {7200, Unit::seconds}},
      {"a < 30d", {2592000, Unit::seconds}},
      {"a < 10B", {10, Unit::bytes}},
      {"a < 10 KB", {1e4, Unit::bytes}},
      {"a < 280KB", {2.8e5, Unit::bytes}},
      {"a < 10 GB", {1e10, Unit::bytes}},
      {"a < 1 TB", {1e12, Unit::bytes}},
      {"a < 4KiB", {4096, Unit::bytes}},
      {"a < 1MiB", {1048576, Unit::bytes}},
      {"a < 1 GiB", {1073741824, Unit::bytes}},
      {"a < 2000/s", {2000, Unit::rate}},
      {"a < 60/min", {1, Unit::rate}},
      {"a < 7200 /h", {2, Unit::rate}},
      {"a < 60 MB/min", {1e6, Unit::bytes_rate}},
      {"a < 36%/h", {0.0001, Unit::ratio_rate}},
  };
  for (auto& [text, value] : kCases) {
    auto c = good(text);
    EXPECT_EQ(c.value.unit, value.unit) << text;
    EXPECT_NEAR(c.value.value, value.value, 1e-12 * std::abs(value.value)) << text;
  }
}

TEST(Condition, SaysHowLongAndOverWhatWindow) {
  auto c = good("latency.p95 over 1m > 5s for 2m");
  EXPECT_EQ(c.over, 1min);
  EXPECT_EQ(c.held, 2min);
  EXPECT_EQ(c.value.value, 5);
  EXPECT_EQ(good("errors == 0 for 30s").held, 30s);
  EXPECT_EQ(good("a over 500ms rises for 10 m").over, 500ms);
}

TEST(Condition, TakesRangesWhoseLowEndBorrowsTheUnit) {
  auto c = good("pool = 15..20");
  EXPECT_EQ(c.value.value, 15);
  EXPECT_EQ(c.high.value, 20);
  c = good("latency.p50 in 200..500ms");
  EXPECT_NEAR(c.value.value, 0.2, 1e-12);
  EXPECT_EQ(c.value.unit, Unit::seconds);
  EXPECT_NEAR(good("cpu = 900ms..1.5 s").high.value, 1.5, 1e-12);
  EXPECT_NEAR(good("share = 23 .. 27%").value.value, 0.23, 1e-12);
  EXPECT_EQ(mistake("pool = 20..15"), "7: `20`; expected a range that rises, such as `15..20`");
  EXPECT_EQ(mistake("pool > 15..20"), "9: `..`; expected one value; a range goes with `=` or `in`: `pool = 15..20`");
  EXPECT_EQ(mistake("pool = 1s..20 MB"), "11: `20`; expected both ends of the range in one kind of unit");
  EXPECT_EQ(mistake("pool = 1.."), "10: the end; expected the upper end of a range, such as `15..20`");
  EXPECT_EQ(mistake("pool in 15"), "10: the end; expected `..` and the upper end of a range, such as `15..20`");
}

TEST(Condition, ComparesStatesByWord) {
  auto c = good("health is not healthy for 2m");
  EXPECT_EQ(c.op, Operator::is_not);
  EXPECT_EQ(c.word, "healthy");
  EXPECT_EQ(c.held, 2min);
  EXPECT_EQ(good("version is 2.4.1-rc.1").word, "2.4.1-rc.1");
  EXPECT_EQ(good("output is \"Already  up to date.\"").word, "Already  up to date.");
  EXPECT_EQ(good("mode is not-ready").op, Operator::is);
  EXPECT_EQ(mistake("health is"), "9: the end; expected a word, such as `status is healthy`");
  EXPECT_EQ(mistake("health is for 2m"), "10: `for`; expected a word, such as `status is healthy`");
}

TEST(Condition, LooksForPartsOfATextAndOutsideOfRanges) {
  auto c = good("output lacks \"out of memory\" for 30s");
  EXPECT_EQ(c.op, Operator::lacks);
  EXPECT_EQ(c.word, "out of memory");
  EXPECT_EQ(c.held, 30s);
  EXPECT_EQ(good("header.via contains CDN").op, Operator::contains);
  EXPECT_EQ(good("header.via contains CDN").field, "via");
  c = good("active not  in 15..20%");
  EXPECT_EQ(c.op, Operator::not_in_range);
  EXPECT_NEAR(c.value.value, 0.15, 1e-12);
  EXPECT_EQ(c.text, "active not in 15..20%");
  EXPECT_EQ(mistake("output contains"), "15: the end; expected a part of the text, such as `output lacks \"error\"`");
  EXPECT_EQ(mistake("active not in 15"), "16: the end; expected `..` and the upper end of a range, such as `15..20`");
}

TEST(Condition, ComparesWithTheBaseline) {
  auto c = good("latency.p95 > 150% of baseline");
  EXPECT_EQ(c.baseline, "baseline");
  EXPECT_DOUBLE_EQ(c.value.value, 1.5);
  EXPECT_EQ(mistake("latency.p95 > 150 of baseline"), "14: `150`; expected a share, such as `> 150% of baseline`");
  EXPECT_EQ(good("latency.p95 > 150% of last-week for 5m").baseline, "last-week");
  EXPECT_FALSE(good("latency.p95 > 5s").relative());
  EXPECT_EQ(mistake("latency.p95 > 150% of for"),
            "22: `for`; expected `baseline`, `previous`, `before` or a name under `baselines:`, such as `> 150% of "
            "baseline`");
  EXPECT_EQ(mistake("latency.p95 > 1.5x baseline"), "17: `x`; expected a share, such as `> 150% of baseline`");
}

TEST(Condition, GrowsByASlope) {
  auto c = good("memory grows > 100 MB/min");
  EXPECT_EQ(c.op, Operator::grows);
  EXPECT_NEAR(c.value.value, 1e8 / 60, 1e-6);
  EXPECT_EQ(mistake("memory grows > 100 MB"), "15: `100`; expected a slope, such as 100 MB/min");
  EXPECT_EQ(mistake("memory grows 100 MB/min"),
            "13: `100`; expected `>` or `<` and a slope, such as `memory grows > 100 MB/min`");
  EXPECT_EQ(mistake("memory grows >= 1/s"),
            "13: `>=`; expected `>` or `<` and a slope, such as `memory grows > 100 MB/min`");
  EXPECT_EQ(mistake("a < 5s/min"), "4: `5s`; expected a count, a size or a share per time, such as 100 MB/min");
}

TEST(Condition, KeepsItsTextWithWhiteSpaceFolded) {
  EXPECT_EQ(good("  error_rate\t>  5 %\n for   5m ").text, "error_rate > 5 % for 5m");
  EXPECT_EQ(good("output is  'a  b'").text, "output is 'a  b'");
  for (auto text : {"error_rate > 5% for 5m", "pool = 15..20", "memory grows > 100 MB/min"})
    EXPECT_EQ(good(text).text, text);
}

TEST(ConditionMistake, StandsAtItsByteAndTellsTheFix) {
  EXPECT_EQ(mistake(""), "0: the end; expected a name first, such as `error_rate < 0.5%`");
  EXPECT_EQ(mistake("> 10 GB"), "0: `>`; expected a name first, such as `error_rate < 0.5%`");
  EXPECT_EQ(
      mistake("a"),
      "1: the end; expected an operator: <, <=, =, !=, >=, >, in, not in, is, is not, contains, lacks, grows or rises");
  EXPECT_EQ(mistake("a => 5"), "2: `=>`; expected `>=`");
  EXPECT_EQ(mistake("a =< 5"), "2: `=<`; expected `<=`");
  EXPECT_EQ(mistake("a <> 5"), "2: `<>`; expected `!=`");
  EXPECT_EQ(mistake("a === 5"), "2: `===`; expected `=`");
  EXPECT_EQ(mistake("a > "), "4: the end; expected a value, such as 5%, 300ms, 10 GB or 2000/s");
  EXPECT_EQ(mistake("latency. > 5s"), "8: ` `; expected a field after the dot, such as `latency.p95`");
  EXPECT_EQ(mistake("status == healthy"),
            "10: `healthy`; expected a number; words are compared with `is`, such as `status is healthy`");
  EXPECT_EQ(mistake("service crashes"),
            "8: `crashes`; expected an operator: <, <=, =, !=, >=, >, in, not in, is, is not, contains, lacks, grows "
            "or rises; "
            "a state is written `service is down`");
  EXPECT_EQ(mistake("a < 5 > 6"), "6: `>`; expected the end, or `for 5m`");
  EXPECT_EQ(mistake("a < 10,000"), "6: `,`; expected a number without separators, such as 10000");
  EXPECT_EQ(mistake("a < 1, b < 2"), "5: `,`; expected one condition; several stand in a list: [a < 1, b < 2]");
  EXPECT_EQ(mistake("a < 1 and b < 2"), "6: `and`; expected one condition; several stand in a list: [a < 1, b < 2]");
  EXPECT_EQ(mistake("a < 1 && b < 2"), "6: `&&`; expected one condition; several stand in a list: [a < 1, b < 2]");
  EXPECT_EQ(mistake("latency.p95 > 5s over 1m"),
            "17: `over`; expected `over` right behind the name, such as `latency.p95 over 1m > 5s`");
}

TEST(ConditionMistake, KnowsTheUnitThatWasMeant) {
  EXPECT_EQ(mistake("a < 5 min"), "6: `min`; expected `m`");
  EXPECT_EQ(mistake("a < 10 gb"), "7: `gb`; expected `GB`");
  EXPECT_EQ(mistake("a < 5µs"), "5: `µs`; expected `us`");
  EXPECT_EQ(mistake("a < 5 rps"), "6: `rps`; expected `/s`");
  EXPECT_EQ(mistake("a < 5/m"), "6: `m`; expected `/min`");
  EXPECT_EQ(mistake("a < 5/parsec"), "6: `parsec`; expected s, min or h, such as `2000/s`");
  EXPECT_EQ(mistake("a < 5 apples"),
            "6: `apples`; expected a unit: %, ms, s, m, h, d, B, KB, MB, GB, TB, KiB, MiB, GiB or TiB");
  EXPECT_EQ(mistake("a < 5 for 5 minutes"), "12: `minutes`; expected `m`");
  EXPECT_EQ(mistake("a < 5 for ever"), "10: `ever`; expected a duration, such as 30s or 5m");
  EXPECT_EQ(mistake("a < 5 for 5"), "11: the end; expected a unit of time: ms, s, m, h or d");
  EXPECT_EQ(mistake("a < 5 for 9999999999d"), "20: `d`; expected a duration below 290 years");
}

TEST(ConditionMistake, MissesTheUnitWhereTheNameSaysWhichKind) {
  EXPECT_EQ(mistake("error_rate > 5"), "13: `5`; expected a share with its unit, such as 5%");
  EXPECT_EQ(mistake("cache_hit_rate > 70ms"), "17: `70ms`; expected a share with its unit, such as 70%");
  EXPECT_EQ(mistake("error_rate > 500%"), "13: `500`; expected a share of at most 100%");
  EXPECT_EQ(mistake("latency.p95 > 500"), "14: `500`; expected a duration with its unit, such as 500ms");
  EXPECT_EQ(mistake("request_rate > 100/s"), "none");
  EXPECT_EQ(mistake("error_rate > 200% of baseline"), "none");
}

TEST(ConditionMistake, IsPrintableWhateverTheInput) {
  EXPECT_EQ(
      mistake("a \x1b[2J 5"),
      "2: `\\x1b`; expected an operator: <, <=, =, !=, >=, >, in, not in, is, is not, contains, lacks, grows or rises");
  EXPECT_EQ(mistake(std::string("a < 1") + std::string(400, '9')),
            "4: `" + std::string("1") + std::string(39, '9') + "`; expected a number that fits");
}

TEST(Comparing, FollowsTheOperator) {
  EXPECT_TRUE(compare(0.06, good("a > 5%")));
  EXPECT_FALSE(compare(0.05, good("a > 5%")));
  EXPECT_TRUE(compare(0.05, good("a >= 5%")));
  EXPECT_TRUE(compare(0.05, good("a == 5%")));
  EXPECT_TRUE(compare(15, good("pool = 15..20")));
  EXPECT_TRUE(compare(20, good("pool = 15..20")));
  EXPECT_FALSE(compare(21, good("pool = 15..20")));
  EXPECT_TRUE(compare(3, good("a != 4")));
  EXPECT_TRUE(compare(3, good("a < 4")));
  EXPECT_TRUE(compare(4, good("a <= 4")));
  EXPECT_FALSE(compare(1, good("a is 1")));
  EXPECT_FALSE(compare(15, good("pool not in 15..20")));
  EXPECT_TRUE(compare(21, good("pool not in 15..20")));
  EXPECT_TRUE(compare(14, good("pool not in 15..20")));
}

TEST(Comparing, LooksAtWordsWholeOrForAPart) {
  EXPECT_TRUE(holds("healthy", good("a is healthy")));
  EXPECT_FALSE(holds("unhealthy", good("a is healthy")));
  EXPECT_TRUE(holds("unhealthy", good("a is not healthy")));
  EXPECT_TRUE(holds("unhealthy", good("a contains healthy")));
  EXPECT_FALSE(holds("unhealthy", good("a lacks healthy")));
  EXPECT_TRUE(holds("", good("a lacks healthy")));
  EXPECT_FALSE(holds("5", good("a > 4"))) << "no word is a number";
}

TEST(Comparing, NeverHoldsForWhatIsNotANumber) {
  for (auto text : {"a != 4", "a < 4", "a > 4", "a = 1..9", "a not in 1..9"}) {
    EXPECT_FALSE(compare(std::nan(""), good(text))) << text;
    EXPECT_FALSE(compare(INFINITY, good(text))) << text;
  }
}

TEST(Quantities, ArePrintedAsAPersonWouldWriteThem) {
  for (auto text : {"5%", "0.1%", "300ms", "5s", "90s", "5m", "24h", "30d", "10 GB", "512 B", "1.5 MB", "2000/s",
                    "2/min", "100 MB/min", "2%/h", "15", "0.25", "-3", "250us"})
    EXPECT_EQ(print(good("a < " + std::string(text)).value), text);
  EXPECT_EQ(print({1.23456, Unit::seconds}), "1.235s");
  EXPECT_EQ(print({1e8 / 7, Unit::bytes_rate}), "14.29 MB/s");
  EXPECT_EQ(print({0, Unit::rate}), "0/s");
  EXPECT_EQ(print({0, Unit::seconds}), "0s");
}

TEST(ConditionCodec, PlacesTheMistakeInsideTheText) {
  Diagnostics d;
  Condition c;
  EXPECT_FALSE(decode(text("a => 5", {7, 11}), c, d));
  auto quoted = text("a => 5", {8, 11});
  quoted.quoted = true;
  EXPECT_FALSE(decode(quoted, c, d));
  EXPECT_FALSE(decode(array({}, {9, 1}), c, d));
  auto all = d.sorted();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(line_of(all[0], "davy.yaml"), "davy.yaml:7:13: error: `=>` in the condition `a => 5`; expected `>=`");
  EXPECT_EQ(all[1].at, (Mark{8, 14}));
  EXPECT_EQ(all[2].found, "a list");
}

TEST(ConditionCodec, GoesThroughTheJournalUnchanged) {
  auto c = good("latency.p95 over 1m > 150% of baseline for 2m");
  Diagnostics d;
  Condition back;
  ASSERT_TRUE(decode(from_json(encode(c)), back, d));
  EXPECT_EQ(back.text, c.text);
  EXPECT_EQ(back.value, c.value);
  EXPECT_EQ(back.over, c.over);
  EXPECT_EQ(back.held, c.held);
}

}  // namespace
}  // namespace davy::spec
