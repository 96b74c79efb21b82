// Kayenta's judge (NetflixACAJudge-v1.0, Spinnaker's default), so that its users' canary configurations carry over: the
// same JSON, the same rules, the same score. The rules are those of Spinnaker's documentation ("How canary judgment
// works") and of the judge's source:
//
//  - NaN values are removed, or replaced by 0 (`nanStrategy`); outliers removed where asked for.
//  - A metric without data on one side is Nodata; NodataFailMetric where it must have data; Pass where NaN is 0.
//  - High: the 98 % interval of the shift (mann_whitney.h) lies wholly above 0.25 × |its estimate|, and the effect is
//  at
//    least `allowedIncrease`. Low: the mirror image. `direction` says which of the two counts.
//  - A group's score is the share of its metrics that passed; groups are weighted; groups without a weight share what
//  is
//    left of 100. A group in which nothing had data does not count against the canary.
//  - 0 when a critical metric failed, or half of all metrics had no data.
//  - Pass from `pass`, marginal from `marginal`, 95 and 75 unless told otherwise.
//
// Different on purpose: the interval is exact (there: to 1e-4), and constant series need no added noise. Where most
// values of both sides are equal, as of a metric that is 0 nearly always, the interval is 0 to 0 and its sign there is
// luck; here such a metric is High or Low exactly where the test rejects that nothing differs.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "judge/statistics/mann_whitney.h"

namespace davy::judge::kayenta {

enum class Direction { either, increase, decrease };
enum class Nan { remove, replace };
enum class Effect { mean_ratio, superiority };  // `measure`: meanRatio, cles

struct Metric {
  std::string name;
  std::vector<std::string> groups;
  Direction direction = Direction::either;
  Nan nan = Nan::remove;
  bool critical = false, must_have_data = false, muted = false;
  bool remove_outliers = false;
  double outlier_factor = 3;
  Effect effect = Effect::mean_ratio;
  double allowed_increase = 1, allowed_decrease = 1, critical_increase = 1, critical_decrease = 1;
};

struct Config {
  std::string name;
  std::vector<Metric> metrics;
  std::map<std::string, double> group_weights;
  double pass = 95, marginal = 75;
  std::vector<std::string> notes;  // what was found and is not, or not so, carried over: a sentence each
};

// A canary configuration as Kayenta stores it, alone or as part of a request ({"canaryConfig": …, "executionRequest":
// …}).
Result<Config> parse(std::string_view json);

struct Samples {
  std::vector<double> canary, baseline;  // NaN: the source had nothing at that time
};

enum class Class { pass, high, low, no_data, no_data_fails };
std::string_view name(Class);  // Kayenta's word

struct MetricResult {
  std::string metric;
  Class is = Class::pass;
  bool critical = false;  // it fails the whole canary
  double effect = 1;      // in the metric's measure; NaN where a mean is 0
  std::optional<RankTest> test;
  std::size_t canary = 0, baseline = 0;  // values that were compared
  std::string sentence;
};

struct GroupResult {
  std::string group;
  double score = 100, weight = 0;
  bool had_data = false;
};

enum class Outcome { pass, marginal, fail };

struct Report {
  Outcome outcome = Outcome::fail;
  double score = 0;
  std::vector<MetricResult> metrics;
  std::vector<GroupResult> groups;
  std::string sentence;
};

// What is prepared by the metric's own rules.
std::vector<double> prepared(const Metric&, std::span<const double> values);
MetricResult classify(const Metric&, const Samples&);
// A metric of the configuration without samples has no data; samples without a metric are ignored.
Report judge(const Config&, const std::map<std::string, Samples>&);

}  // namespace davy::judge::kayenta
