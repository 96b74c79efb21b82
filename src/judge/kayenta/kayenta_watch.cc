#include "judge/kayenta/kayenta_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/numbers/series.h"
#include "judge/say.h"

namespace davy::judge {
namespace {

using kayenta::Class;
using kayenta::Outcome;

bool proven(const kayenta::MetricResult& r) { return r.is == Class::high || r.is == Class::low; }

spec::Value evidence(const kayenta::Report& report) {
  spec::Map metrics;
  for (auto& one : report.metrics) metrics.push_back({one.metric, {}, spec::text(one.sentence)});
  return spec::object({{"score", {}, real_number(report.score)}, {"metrics", {}, spec::object(std::move(metrics))}});
}

}  // namespace

Result<KayentaWatch> KayentaWatch::begin(const run::Kayenta& how) {
  auto config = kayenta::parse(how.config);
  if (!config) return std::unexpected(config.error());
  KayentaWatch out;
  out.how_ = how, out.config_ = *std::move(config);
  for (auto& metric : out.config_.metrics) {
    auto mapped = how.metrics.find(metric.name);
    auto series = mapped == how.metrics.end() ? metric.name : mapped->second;
    auto reads = spec::parse_series(series);
    if (!reads)
      return fail(Code::invalid, fmt::format("the configuration's metric `{}` is no series", metric.name),
                  "say what it is called here: kayenta: { metrics: { … } }");
    out.metrics_.push_back({metric.name, *std::move(reads)});
  }
  return out;
}

double KayentaWatch::Side::value(const spec::Condition& c, Duration length) const {
  if (find_traffic_series(c.series))
    return traffic.attempts() > 0 || is_volume(c.series) ? traffic_number(c, traffic, length) : NAN;
  auto found = gauges.find(series_of(c));
  return found == gauges.end() ? NAN : found->second.mean();
}

bool KayentaWatch::see(const Window& w, const run::Subject& subject) {
  if (!w.complete) return false;
  auto take = [&](Side& side, const std::string& release) {
    if (auto found = w.releases.find(release); found != w.releases.end()) side.traffic.merge(found->second);
    for (auto& [series, values] : w.numbers)
      if (auto found = values.find(release); found != values.end()) side.gauges[series].see(found->second);
  };
  take(canary_, subject.candidate.id), take(baseline_, subject.previous.id);
  watched_ += w.length();
  if (w.releases.contains(subject.previous.id)) beside_ += w.length();
  stretch_ += w.length(), since_look_ += w.length();
  if (stretch_ >= how_.every) close_stretch();
  if (since_look_ < how_.interval) return false;
  since_look_ = {};
  return true;
}

void KayentaWatch::close_stretch() {
  for (auto& [name, reads] : metrics_) {
    auto& samples = samples_[name];
    samples.canary.push_back(canary_.value(reads, stretch_));
    samples.baseline.push_back(baseline_.value(reads, stretch_));
  }
  canary_ = {}, baseline_ = {}, stretch_ = {};
}

kayenta::Report KayentaWatch::report() const { return kayenta::judge(config_, samples_); }

std::optional<Verdict> KayentaWatch::verdict(const run::Subject& subject, bool at_end) const {
  if (beside_ == Duration{} || beside_ < watched_ / 2) return {};
  auto found = report();
  if (found.outcome == Outcome::pass || (found.outcome == Outcome::marginal && !at_end)) {
    if (!at_end) return {};
    return Verdict{.kind = Kind::pass, .rule = "kayenta", .sentence = found.sentence, .evidence = evidence(found)};
  }
  bool failed = found.outcome == Outcome::fail && std::ranges::any_of(found.metrics, proven);
  auto then = failed ? how_.then : run::Consequence::hold;
  return Verdict{kind_of(then), "kayenta", then, fmt::format("{}: {}", subject.candidate_name(), found.sentence),
                 evidence(found)};
}

}  // namespace davy::judge
