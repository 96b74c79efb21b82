#include "judge/kayenta/kayenta.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"

namespace davy::judge::kayenta {
namespace {

constexpr double kConfidence = 0.98, kTolerance = 0.25, kTooManyWithout = 0.5;
constexpr std::size_t kEnough = 50;  // values a side, by Spinnaker's best practices

double mean(std::span<const double> values) {
  double all = 0;
  for (double v : values) all += v;
  return all / static_cast<double>(values.size());
}

// Between the two nearest values (R's type 7).
double percentile(const std::vector<double>& sorted, double p) {
  double at = p * static_cast<double>(sorted.size() - 1);
  auto below = static_cast<std::size_t>(at);
  if (below + 1 >= sorted.size()) return sorted.back();
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[below + 1] - sorted[below]);
}

// Tukey's fences, but never inside the middle 98 %.
void remove_outliers(std::vector<double>& values, double factor) {
  if (values.empty()) return;
  auto sorted = values;
  std::ranges::sort(sorted);
  double q1 = percentile(sorted, 0.25), q3 = percentile(sorted, 0.75);
  double low = std::min(percentile(sorted, 0.01), q1 - factor * (q3 - q1));
  double high = std::max(percentile(sorted, 0.99), q3 + factor * (q3 - q1));
  std::erase_if(values, [&](double v) { return v < low || v > high; });
}

// NaN where a mean is 0: nothing can be said about the ratio, so it does not stand in the way of the rank test.
double effect_of(const Metric& metric, const Samples& s, const RankTest& test) {
  if (metric.effect == Effect::superiority) return test.superiority;
  double own = mean(s.canary), other = mean(s.baseline);
  return own == 0 || other == 0 ? NAN : own / other;
}

bool at_least(double effect, double needed) { return std::isnan(effect) || effect >= needed; }
bool at_most(double effect, double needed) { return std::isnan(effect) || effect <= needed; }

// Most values of both sides are equal: the shift is 0, its interval begins or ends there, and what decides is whether
// the test rejects 0 (Kayenta's own suite, "High Metric (Large Input)": then it is High).
bool rejects_none(const RankTest& test) { return test.estimate == 0 && test.p < 1 - kConfidence; }

Class compared(const Metric& metric, const RankTest& test, double effect) {
  double beyond = kTolerance * std::abs(test.estimate);
  bool above = test.low > beyond || (test.low == 0 && rejects_none(test) && test.superiority > 0.5);
  bool below = test.high < -beyond || (test.high == 0 && rejects_none(test) && test.superiority < 0.5);
  if (metric.direction != Direction::decrease && above && at_least(effect, metric.allowed_increase)) return Class::high;
  if (metric.direction != Direction::increase && below && at_most(effect, metric.allowed_decrease)) return Class::low;
  return Class::pass;
}

std::string said_without_data(const Metric& metric, const Samples& s) {
  auto who = s.canary.empty() && s.baseline.empty() ? "canary and baseline"
             : s.canary.empty()                     ? "the canary"
                                                    : "the baseline";
  return fmt::format("{}: no data from {}", metric.name, who);
}

std::string said(const Metric& metric, const MetricResult& r) {
  auto begins = fmt::format("{}: {}{}", metric.name, name(r.is), r.critical ? " (critical)" : "");
  if (!r.test) return begins + ": canary and baseline are the same";
  auto out = fmt::format("{}: the canary's {} values lie {:.4g} to {:.4g} from the baseline's {}", begins, r.canary,
                         r.test->low, r.test->high, r.baseline);
  if (rejects_none(*r.test))
    out += fmt::format(", most are equal, the others {} (p = {:.2g})", r.test->superiority > 0.5 ? "higher" : "lower",
                       r.test->p);
  if (metric.effect == Effect::superiority)
    out += fmt::format(", above them in {:.3g} % of pairs", 100 * r.effect);
  else if (!std::isnan(r.effect))
    out += fmt::format(", mean × {:.3g}", r.effect);
  if (std::min(r.canary, r.baseline) < kEnough)
    out += fmt::format("; fewer than {} values are too few to trust", kEnough);
  return out;
}

MetricResult without_data(const Metric& metric, const Samples& s, MetricResult out) {
  out.sentence = said_without_data(metric, s);
  if (metric.nan == Nan::replace) return out;  // nothing happened
  bool fails = metric.must_have_data && !metric.critical;
  out.is = fails ? Class::no_data_fails : Class::no_data;
  out.critical = metric.critical;
  return out;
}

bool same(std::vector<double> a, std::vector<double> b) {
  std::ranges::sort(a), std::ranges::sort(b);
  if (a == b) return true;
  return a.front() == a.back() && b.front() == b.back() && a.front() == b.front();
}

// ---- The score ----

struct Tally {
  double passed = 0, counted = 0;
};

std::vector<GroupResult> groups_of(const Config& config, const std::vector<MetricResult>& results) {
  std::map<std::string, Tally> tallies;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (config.metrics[i].muted) continue;
    std::set<std::string> once(config.metrics[i].groups.begin(), config.metrics[i].groups.end());
    for (auto& group : once) {
      auto& tally = tallies[group];
      if (results[i].is != Class::no_data) ++tally.counted, tally.passed += results[i].is == Class::pass;
    }
  }
  double left = 100, unweighted = 0;
  for (auto& [_, weight] : config.group_weights) left -= weight;
  for (auto& [group, _] : tallies) unweighted += !config.group_weights.contains(group);
  std::vector<GroupResult> out;
  for (auto& [group, t] : tallies) {
    auto weight = config.group_weights.find(group);
    out.push_back({group, t.counted > 0 ? 100 * t.passed / t.counted : 100,
                   weight != config.group_weights.end() ? weight->second : left / unweighted, t.counted > 0});
  }
  return out;
}

double total(const std::vector<GroupResult>& groups) {
  double all = 0;
  for (auto& group : groups) all += group.score * group.weight / 100;
  return std::round(all * 100) / 100;
}

// Why the canary fails whatever its score; empty when it does not.
std::string fatal(const Config& config, const std::vector<MetricResult>& results) {
  std::size_t without = 0, all = 0;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (config.metrics[i].muted) continue;
    if (results[i].critical && results[i].is != Class::pass) return results[i].sentence;
    ++all, without += results[i].is == Class::no_data;
  }
  if (all == 0) return "no metric to judge by";
  if (static_cast<double>(without) >= kTooManyWithout * static_cast<double>(all))
    return fmt::format("{} of {} metrics had no data", without, all);
  return {};
}

std::string failed_metrics(const std::vector<MetricResult>& results) {
  std::vector<std::string> out;
  for (auto& r : results)
    if (r.is != Class::pass) out.push_back(fmt::format("{} ({})", r.metric, name(r.is)));
  return joined(out, ", ");
}

std::string said(const Config& config, const Report& report) {
  std::string_view word = report.outcome == Outcome::pass   ? "pass"
                          : report.outcome == Outcome::fail ? "fail"
                                                            : "marginal";
  auto out = fmt::format("score {:.4g}: {} (pass from {:.4g}, marginal from {:.4g})", report.score, word, config.pass,
                         config.marginal);
  if (auto which = failed_metrics(report.metrics); !which.empty()) out += "; not passed: " + which;
  return out;
}

}  // namespace

std::string_view name(Class c) {
  switch (c) {
    case Class::pass:
      return "Pass";
    case Class::high:
      return "High";
    case Class::low:
      return "Low";
    case Class::no_data:
      return "Nodata";
    case Class::no_data_fails:
      return "NodataFailMetric";
  }
  return "";
}

// What is infinite is as little a measurement as NaN.
std::vector<double> prepared(const Metric& metric, std::span<const double> values) {
  std::vector<double> out;
  for (double v : values)
    if (std::isfinite(v))
      out.push_back(v);
    else if (metric.nan == Nan::replace)
      out.push_back(0);
  if (metric.remove_outliers) remove_outliers(out, metric.outlier_factor);
  return out;
}

MetricResult classify(const Metric& metric, const Samples& given) {
  Samples s{prepared(metric, given.canary), prepared(metric, given.baseline)};
  MetricResult out{.metric = metric.name, .canary = s.canary.size(), .baseline = s.baseline.size()};
  if (s.canary.empty() || s.baseline.empty()) return without_data(metric, s, std::move(out));
  if (!same(s.canary, s.baseline)) {
    out.test = rank_test(s.canary, s.baseline, kConfidence);
    out.effect = effect_of(metric, s, *out.test);
    out.is = compared(metric, *out.test, out.effect);
    out.critical = metric.critical && ((out.is == Class::high && at_least(out.effect, metric.critical_increase)) ||
                                       (out.is == Class::low && at_most(out.effect, metric.critical_decrease)));
  }
  out.sentence = said(metric, out);
  return out;
}

Report judge(const Config& config, const std::map<std::string, Samples>& samples) {
  Report out;
  for (auto& metric : config.metrics) {
    auto found = samples.find(metric.name);
    out.metrics.push_back(classify(metric, found == samples.end() ? Samples{} : found->second));
  }
  out.groups = groups_of(config, out.metrics);
  auto why = fatal(config, out.metrics);
  out.score = why.empty() ? total(out.groups) : 0;
  out.outcome = out.score >= config.pass       ? Outcome::pass
                : out.score >= config.marginal ? Outcome::marginal
                                               : Outcome::fail;
  if (!why.empty()) out.outcome = Outcome::fail;
  out.sentence = said(config, out) + (why.empty() ? "" : "; " + why);
  return out;
}

}  // namespace davy::judge::kayenta
