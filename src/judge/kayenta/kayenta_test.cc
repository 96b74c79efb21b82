#include "judge/kayenta/kayenta.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace davy::judge::kayenta {
namespace {
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Values = std::vector<double>;

// n values in a row, evenly spread, so that what is expected can be worked out by hand.
Values ramp(double from, double step, int n = 50) {
  Values out;
  for (int i = 0; i < n; ++i) out.push_back(from + step * i);
  return out;
}

Metric metric(Direction direction = Direction::either) {
  return {.name = "m", .groups = {"g"}, .direction = direction};
}

// Shift 10 on ramps of 50 with step 0.1: n·m/2 = 1250, σ = √(2500·101/12) = 145.06, z(0.99) = 2.3263 → 337.5 pairs, so
// the interval is about 10 ± 337.5/50 steps of 0.1 × … : ±0.71; far above a quarter of 10.
TEST(Classify, HighWhenTheWholeIntervalLiesAboveAQuarterOfTheShift) {
  auto r = classify(metric(), {ramp(20, 0.1), ramp(10, 0.1)});
  EXPECT_EQ(r.is, Class::high);
  ASSERT_TRUE(r.test);
  EXPECT_NEAR(r.test->estimate, 10, 1e-9);
  EXPECT_NEAR(r.test->low, 9.3, 0.1);
  EXPECT_NEAR(r.test->high, 10.7, 0.1);
  EXPECT_NEAR(r.effect, (20 + 2.45) / (10 + 2.45), 1e-12);
  EXPECT_THAT(r.sentence,
              HasSubstr("m: High: the canary's 50 values lie 9.3 to 10.7 from the baseline's 50, mean × 1.8"));
  EXPECT_THAT(r.sentence, testing::Not(HasSubstr("too few")));
}

// Half-width w = 0.7 as above: with a shift s the interval's low end is s − w, which exceeds s/4 from s = 0.93 on.
TEST(Classify, AShiftIsHighOnlyOnceItsIntervalClearsAQuarterOfIt) {
  EXPECT_EQ(classify(metric(), {ramp(10.8, 0.1), ramp(10, 0.1)}).is, Class::pass);
  EXPECT_EQ(classify(metric(), {ramp(11.2, 0.1), ramp(10, 0.1)}).is, Class::high);
  EXPECT_EQ(classify(metric(), {ramp(8.8, 0.1), ramp(10, 0.1)}).is, Class::low);
}

TEST(Classify, DirectionSaysWhatCounts) {
  Samples higher{ramp(20, 0.1), ramp(10, 0.1)}, lower{ramp(10, 0.1), ramp(20, 0.1)};
  EXPECT_EQ(classify(metric(Direction::increase), higher).is, Class::high);
  EXPECT_EQ(classify(metric(Direction::decrease), higher).is, Class::pass);
  EXPECT_EQ(classify(metric(Direction::increase), lower).is, Class::pass);
  EXPECT_EQ(classify(metric(Direction::decrease), lower).is, Class::low);
}

TEST(Classify, EffectMustReachWhatIsAllowed) {
  auto m = metric();
  m.allowed_increase = 1.5, m.allowed_decrease = 0.8;
  EXPECT_EQ(classify(m, {ramp(13, 0.01), ramp(10, 0.01)}).is, Class::pass);  // × 1.3
  EXPECT_EQ(classify(m, {ramp(16, 0.01), ramp(10, 0.01)}).is, Class::high);
  EXPECT_EQ(classify(m, {ramp(9, 0.01), ramp(10, 0.01)}).is, Class::pass);
  EXPECT_EQ(classify(m, {ramp(7, 0.01), ramp(10, 0.01)}).is, Class::low);
}

TEST(Classify, SuperiorityIsTheShareOfPairs) {
  auto m = metric();
  m.effect = Effect::superiority, m.allowed_increase = 0.99, m.allowed_decrease = 0.5;
  auto apart = classify(m, {ramp(20, 0.1), ramp(10, 0.1)});
  EXPECT_EQ(apart.effect, 1);
  EXPECT_EQ(apart.is, Class::high);
  auto overlapping = classify(m, {ramp(30, 1), ramp(10, 1)});  // 30·31/2 of 2,500 pairs are not above, 30 tied
  EXPECT_NEAR(overlapping.effect, (2500 - 30 * 31 / 2 + 15) / 2500.0, 1e-12);
  EXPECT_EQ(overlapping.is, Class::pass);
}

TEST(Classify, ErrorsAgainstNoneAreHighThoughThereIsNoRatio) {
  Values none(50, 0.0), some = ramp(1, 1);
  auto r = classify(metric(Direction::increase), {some, none});
  EXPECT_EQ(r.is, Class::high);
  EXPECT_TRUE(std::isnan(r.effect));
}

TEST(Classify, SameValuesPassInAnyOrder) {
  EXPECT_EQ(classify(metric(), {{1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}}).is, Class::pass);
  EXPECT_EQ(classify(metric(), {{1, 1, 1}, {1, 1}}).is, Class::pass);
  EXPECT_EQ(classify(metric(Direction::decrease), {{0, 1, 1, 1, 1}, {1, 1, 1, 1, 1}}).is, Class::pass);
}

TEST(Classify, ConstantSeriesThatDifferAreFoundWithoutNoise) {
  EXPECT_EQ(classify(metric(), {Values(50, 12), Values(50, 10)}).is, Class::high);
}

Values zeros_but(int others, double value, int n = 60) {
  Values out(static_cast<std::size_t>(n), 0.0);
  for (int i = 0; i < others; ++i) out[static_cast<std::size_t>(i)] = value;
  return out;
}

// Nearly always 0 on both sides: the shift is 0 and its interval begins there. Whether 0 is rejected decides, whatever
// the other values are: 0.1, 0.3, 1, 2, 3, 5, 10 once were High and Pass by turns, by the last digit of a search.
TEST(Classify, MetricsThatAreNearlyAlwaysZeroAreDecidedByWhetherTheTestRejectsZero) {
  for (double b : {0.1, 0.3, 1.0, 1.1, 2.0, 3.0, 5.0, 10.0, 1e-9}) {
    Samples more{zeros_but(24, 1), zeros_but(2, b)}, alike{zeros_but(4, 1), zeros_but(2, b)};
    auto r = classify(metric(Direction::increase), more);
    EXPECT_EQ(r.is, Class::high) << b;
    EXPECT_EQ(r.test->low, 0);
    EXPECT_EQ(r.test->estimate, 0);
    EXPECT_EQ(classify(metric(Direction::increase), alike).is, Class::pass) << b;
    EXPECT_EQ(classify(metric(Direction::decrease), {more.baseline, more.canary}).is, Class::low) << b;
    EXPECT_EQ(classify(metric(Direction::decrease), more).is, Class::pass) << b;
  }
  EXPECT_THAT(classify(metric(), {zeros_but(24, 1), zeros_but(2, 1)}).sentence,
              HasSubstr("lie 0 to 1 from the baseline's 60, most are equal, the others higher (p = "));
}

// As Kayenta's own suite decides it ("High Metric (Large Input)"): 146 and 193 zeros of 210, the mean more than
// fourfold.
TEST(Classify, MostlyZerosWithAFourfoldMeanAreHigh) {
  auto canary = zeros_but(64, 4.45 * 17 / 64, 210), baseline = zeros_but(17, 1, 210);
  EXPECT_EQ(classify(metric(Direction::increase), {canary, baseline}).is, Class::high);
}

TEST(Classify, FewValuesAreSaid) {
  EXPECT_THAT(classify(metric(), {ramp(20, 1, 10), ramp(10, 1, 10)}).sentence, HasSubstr("fewer than 50 values"));
}

TEST(Prepared, NanIsRemovedOrZero) {
  auto m = metric();
  EXPECT_THAT(prepared(m, Values{1, NAN, 3, INFINITY}), ElementsAre(1, 3));
  m.nan = Nan::replace;
  EXPECT_THAT(prepared(m, Values{1, NAN, 3}), ElementsAre(1, 0, 3));
}

// Quartiles of 1 … 9 and 1000 by type 7: 3.25 and 7.75; fences −10.25 and 21.25; but the 99th percentile is
// 9 + 0.91·991 = 910.81, which the fence may not be inside of.
TEST(Prepared, OutliersAreThoseBeyondFencesAndPercentiles) {
  auto m = metric();
  m.remove_outliers = true;
  EXPECT_THAT(prepared(m, Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 1000}), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(prepared(m, Values{1, 2, 3, 4, 5, 6, 7, 8, 9, 15}), testing::SizeIs(10)) << "inside the fences";
  EXPECT_THAT(prepared(m, {}), IsEmpty());
}

TEST(Classify, MissingDataByTheRules) {
  auto m = metric();
  auto of = [&](bool must, bool critical, Nan nan) {
    m.must_have_data = must, m.critical = critical, m.nan = nan;
    auto r = classify(m, {{NAN, NAN}, nan == Nan::replace ? Values{} : ramp(1, 1)});
    return std::pair(r.is, r.critical);
  };
  EXPECT_EQ(of(false, false, Nan::remove), std::pair(Class::no_data, false));
  EXPECT_EQ(of(true, false, Nan::remove), std::pair(Class::no_data_fails, false));
  EXPECT_EQ(of(false, true, Nan::remove), std::pair(Class::no_data, true));
  EXPECT_EQ(of(true, true, Nan::remove), std::pair(Class::no_data, true));
  EXPECT_EQ(of(true, true, Nan::replace), std::pair(Class::pass, false));
  m.nan = Nan::remove;
  EXPECT_EQ(classify(m, {}).sentence, "m: no data from canary and baseline");
}

TEST(Classify, CriticalOnlyFromTheCriticalEffectOn) {
  auto m = metric();
  m.critical = true, m.critical_increase = 3;
  EXPECT_FALSE(classify(m, {ramp(20, 0.1), ramp(10, 0.1)}).critical);
  EXPECT_TRUE(classify(m, {ramp(50, 0.1), ramp(10, 0.1)}).critical);
}

// ---- The score ----

struct Canary {
  Config config;
  std::map<std::string, Samples> samples;
  Metric& add(const std::string& name, std::vector<std::string> groups, Class outcome) {
    config.metrics.push_back({.name = name, .groups = std::move(groups)});
    auto base = ramp(10, 0.1);
    samples[name] = outcome == Class::pass   ? Samples{base, base}
                    : outcome == Class::high ? Samples{ramp(20, 0.1), base}
                                             : Samples{};
    return config.metrics.back();
  }
  Report judged() const { return judge(config, samples); }
};

TEST(Score, OneGroup) {
  Canary c;
  c.add("a", {"g"}, Class::pass);
  EXPECT_EQ(c.judged().score, 100);
  EXPECT_EQ(c.judged().outcome, Outcome::pass);
  c.add("b", {"g"}, Class::high);
  EXPECT_EQ(c.judged().score, 50);
  c.add("d", {"g"}, Class::high);
  EXPECT_EQ(c.judged().score, 33.33);
  EXPECT_EQ(c.judged().outcome, Outcome::fail);
}

TEST(Score, GroupsByWeight) {
  Canary c;
  c.config.group_weights = {{"g1", 75}, {"g2", 25}};
  c.add("a", {"g1"}, Class::pass), c.add("b", {"g1"}, Class::pass), c.add("d", {"g2"}, Class::high);
  auto report = c.judged();
  EXPECT_EQ(report.score, 75);
  EXPECT_EQ(report.outcome, Outcome::marginal) << "the threshold itself is enough";
  EXPECT_THAT(report.sentence, HasSubstr("score 75: marginal (pass from 95, marginal from 75); not passed: d (High)"));
}

TEST(Score, GroupsWithoutWeightShareTheRest) {
  Canary c;
  c.config.group_weights = {{"g1", 40}};
  c.add("a", {"g1"}, Class::high), c.add("b", {"g2"}, Class::pass), c.add("d", {"g3", "g2"}, Class::high);
  auto report = c.judged();  // g1: 0 of 40; g2: 50 of 30; g3: 0 of 30
  EXPECT_EQ(report.score, 15);
  ASSERT_EQ(report.groups.size(), 3u);
  EXPECT_EQ(report.groups[1].weight, 30);
}

TEST(Score, ACriticalFailureIsZero) {
  Canary c;
  c.add("a", {"g"}, Class::pass), c.add("b", {"g"}, Class::pass);
  c.add("vital", {"g"}, Class::high).critical = true;
  auto report = c.judged();
  EXPECT_EQ(report.score, 0);
  EXPECT_EQ(report.outcome, Outcome::fail);
  EXPECT_THAT(report.sentence, HasSubstr("vital: High (critical)"));
}

TEST(Score, MissingDataCountsForNothingUntilItIsHalf) {
  Canary c;
  c.add("a", {"g"}, Class::pass), c.add("b", {"g"}, Class::pass), c.add("none", {"h"}, Class::no_data);
  EXPECT_EQ(c.judged().score, 100) << "an empty group does not count against the canary";
  c.add("none too", {"h"}, Class::no_data);
  EXPECT_EQ(c.judged().score, 0);
  EXPECT_EQ(c.judged().outcome, Outcome::fail);
  EXPECT_THAT(c.judged().sentence, HasSubstr("2 of 4 metrics had no data"));
}

TEST(Score, MetricsThatMustHaveDataFailWithoutIt) {
  Canary c;
  c.add("a", {"g"}, Class::pass), c.add("none", {"g"}, Class::no_data).must_have_data = true;
  EXPECT_EQ(c.judged().score, 50);
}

TEST(Score, MutedMetricsAreShownAndCountForNothing) {
  Canary c;
  c.add("a", {"g"}, Class::pass);
  auto& muted = c.add("b", {"g"}, Class::high);
  muted.muted = true, muted.critical = true;
  EXPECT_EQ(c.judged().score, 100);
  EXPECT_EQ(c.judged().metrics[1].is, Class::high);
}

TEST(Score, NothingToJudgeByIsAFailure) {
  EXPECT_EQ(judge({}, {}).outcome, Outcome::fail);
  Config lenient{.pass = 0, .marginal = 0};
  EXPECT_EQ(judge(lenient, {}).outcome, Outcome::fail);
}

// ---- The configuration ----

constexpr std::string_view kConfig = R"({
  "name": "shop", "judge": {"name": "NetflixACAJudge-v1.0", "judgeConfigurations": {}},
  "metrics": [
    {"name": "errors", "query": {"type": "prometheus"}, "groups": ["Errors"], "scopeName": "default",
     "analysisConfigurations": {"canary": {"direction": "increase", "nanStrategy": "replace", "critical": true,
       "effectSize": {"allowedIncrease": 1.1, "criticalIncrease": 5.0}}}},
    {"name": "requests", "groups": ["Traffic", "Errors"],
     "analysisConfigurations": {"canary": {"direction": "decrease", "mustHaveData": true, "muted": false,
       "outliers": {"strategy": "remove", "outlierFactor": 2.5}, "effectSize": {"measure": "cles", "allowedDecrease": 0.4}}}},
    {"name": "plain", "groups": ["Traffic"]}],
  "classifier": {"groupWeights": {"Errors": 60, "Traffic": 40}, "scoreThresholds": {"pass": 90, "marginal": 60}}})";

TEST(KayentaConfig, IsReadWhole) {
  auto config = parse(kConfig);
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_THAT(config->notes, IsEmpty());
  EXPECT_EQ(config->name, "shop");
  EXPECT_EQ(config->pass, 90);
  EXPECT_EQ(config->marginal, 60);
  EXPECT_EQ(config->group_weights.at("Traffic"), 40);
  ASSERT_EQ(config->metrics.size(), 3u);
  auto &errors = config->metrics[0], &requests = config->metrics[1], &plain = config->metrics[2];
  EXPECT_EQ(errors.direction, Direction::increase);
  EXPECT_EQ(errors.nan, Nan::replace);
  EXPECT_TRUE(errors.critical);
  EXPECT_EQ(errors.allowed_increase, 1.1);
  EXPECT_EQ(errors.critical_increase, 5);
  EXPECT_EQ(errors.allowed_decrease, 1);
  EXPECT_EQ(requests.direction, Direction::decrease);
  EXPECT_TRUE(requests.must_have_data && requests.remove_outliers && !requests.muted);
  EXPECT_EQ(requests.outlier_factor, 2.5);
  EXPECT_EQ(requests.effect, Effect::superiority);
  EXPECT_EQ(requests.allowed_decrease, 0.4);
  EXPECT_EQ(requests.allowed_increase, 0.5) << "Kayenta's own for cles";
  EXPECT_THAT(requests.groups, ElementsAre("Traffic", "Errors"));
  EXPECT_EQ(plain.direction, Direction::either);
  EXPECT_EQ(plain.nan, Nan::remove);
}

TEST(KayentaConfig, OfARequestWithItsThresholds) {
  auto config = parse(R"({"canaryConfig": {"metrics": [{"name": "a", "groups": ["g"]}]},
                          "executionRequest": {"thresholds": {"pass": 80, "marginal": 50}}})");
  ASSERT_TRUE(config);
  EXPECT_EQ(config->pass, 80);
  EXPECT_EQ(config->marginal, 50);
}

TEST(KayentaConfig, WhatIsNotCarriedOverIsNoted) {
  auto config = parse(R"({"judge": {"name": "RemoteJudge-v1.0"},
    "metrics": [{"name": "a", "groups": ["g", 7], "analysisConfigurations": {"canary": {"direction": "up", "critical": "yes",
                 "effectSize": {"allowedIncrease": "much"}}}}, {"name": "b"}],
    "classifier": {"groupWeights": {"g": 30, "h": 20}}})");
  ASSERT_TRUE(config);
  EXPECT_THAT(config->notes,
              ElementsAre("a: a group that is no text is left out", "a: direction `up` is unknown; taken for either",
                          "a: critical is neither true nor false; taken for false",
                          "a: allowedIncrease is not a number; taken for 1",
                          "b: in no group, so it does not count in the score",
                          "group h has a weight and no metric: 20 of 100 can never be reached",
                          "the group weights add up to 50: no canary can score more",
                          "judge: name `RemoteJudge-v1.0` is unknown; taken for NetflixACAJudge-v1.0"));
}

TEST(KayentaConfig, WhatIsNoneIsAnError) {
  for (auto text :
       {"", "[]", "{}", "7", R"({"metrics": {}})", R"({"metrics": []})", R"({"metrics": [{}]})", R"({"metrics": [[]]})",
        R"({"metrics": [{"name": 5}]})", R"({"metrics": [{"name": "a"}, {"name": "a"}]})",
        R"({"metrics": [{"name": "a"}], "classifier": {"groupWeights": {"g": -1}}})",
        R"({"metrics": [{"name": "a"}], "classifier": {"groupWeights": {"g": "x"}}})",
        R"({"metrics": [{"name": "a"}], "classifier": {"groupWeights": {"g": 60, "h": 60}}})",
        R"({"metrics": [{"name": "a", "x": 1e999}]})"})
    EXPECT_FALSE(parse(text)) << text;
}

TEST(KayentaConfig, NestingThatWouldEndTheStackIsRefused) {
  std::string deep(200'000, '['), up(200'000, ']');
  auto nested = deep + up;
  for (auto text :
       {R"({"metrics": [{"name": "a", "groups": )" + nested + "}]}",
        R"({"metrics": [{"name": "a"}], "classifier": {"groupWeights": )" + nested + "}}",
        R"({"metrics": [{"name": "a", "analysisConfigurations": {"canary": {"direction": )" + nested + "}}}]}"})
    EXPECT_FALSE(parse(text));
}

}  // namespace
}  // namespace davy::judge::kayenta
