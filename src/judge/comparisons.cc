#include "judge/comparisons.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "judge/numbers/series.h"
#include "judge/say.h"
#include "judge/statistics/holm.h"

namespace davy::judge {
namespace {

const std::vector<double> kAnywhere{0.5, 0.9, 0.95, 0.99};

// The quantiles of `latency.p95`, of `latency`; none: a gauge.
std::vector<double> quantiles_of(const std::string& series) {
  if (series == "latency") return kAnywhere;
  if (!series.starts_with("latency.")) return {};
  auto q = quantile_of_field(std::string_view(series).substr(8));
  return q && *q < 1 ? std::vector{*q} : std::vector<double>{};
}

spec::Entry entry(std::string key, double n) { return {std::move(key), {}, real_number(n)}; }

struct Said {
  std::string text;
  spec::Map numbers;
};

Said said_of(const QuantileTest& test, const run::Compare&, const run::Subject& s) {
  auto f = test.finding();
  return {fmt::format("{:.2g}% of {} requests took longer than {}, {:.2g}% of {} on {}", 100 * f.slow.own_rate(),
                      thousands(f.slow.own_requests), human(f.threshold), 100 * f.slow.other_rate(),
                      thousands(f.slow.other_requests), s.previous_name()),
          {entry("threshold_seconds", seconds(f.threshold)), entry("candidate_slow", f.slow.own_rate()),
           entry("previous_slow", f.slow.other_rate()), entry("deflation", f.deflation)}};
}

Said said_of(const MeanTest& test, const run::Compare& what, const run::Subject& s) {
  return {fmt::format("{} is {:.4g} on average against {:.4g} on {}", what.series, test.candidate(), test.previous(),
                      s.previous_name()),
          {entry("candidate_mean", test.candidate()), entry("previous_mean", test.previous()),
           entry("correlation", test.correlation())}};
}

}  // namespace

Comparisons::One Comparisons::begun(const run::Compare& what, double alpha) {
  auto quantiles = quantiles_of(what.series);
  if (quantiles.empty()) return {what, MeanTest(alpha, 1 + what.by.value)};
  return {what, QuantileTest(alpha, std::move(quantiles), 1 + what.by.value)};
}

Comparisons::Comparisons(const std::vector<run::Compare>& all, double alpha) : alpha_(alpha) {
  for (auto& what : all) all_.push_back(begun(what, alpha));
}

void Comparisons::take(One& one, const Window& w, const Tally& candidate, const Tally& previous,
                       const run::Subject& s) {
  if (auto test = std::get_if<QuantileTest>(&one.test)) {
    test->see(candidate, previous, w.length());
  } else if (auto series = w.numbers.find(one.what.series); series != w.numbers.end()) {
    auto own = series->second.find(s.candidate.id), other = series->second.find(s.previous.id);
    if (own == series->second.end() || other == series->second.end()) return;
    auto since = one.read == Time{} ? w.length() : w.to - one.read;
    std::get<MeanTest>(one.test).see(own->second, other->second, since);
    one.read = w.to;
  }
}

void Comparisons::drop_pending() {
  for (auto& one : all_)
    if (auto test = std::get_if<QuantileTest>(&one.test)) test->drop_pending();
}

std::vector<Verdict> Comparisons::see(const Window& w, const Tally& own, const Tally& other, const run::Subject& s) {
  std::vector<double> p;
  for (auto& one : all_) {
    take(one, w, own, other, s);
    one.most = std::max(one.most, std::visit([](auto& test) { return test.evidence(); }, one.test));
    p.push_back(1 / one.most);
  }
  auto adjusted = holm(p);
  std::vector<Verdict> out;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    auto& one = all_[i];
    if (adjusted[i] > alpha_ || std::exchange(one.spoken, true)) continue;
    auto said = std::visit([&](auto& test) { return said_of(test, one.what, s); }, one.test);
    said.numbers.push_back(entry("evidence", one.most));
    said.numbers.push_back(entry("p_of_all", adjusted[i]));
    auto sentence = fmt::format("{}: {}: {} is worse by more than {}; chance alone says so less than once in {:.0f}",
                                s.candidate_name(), said.text, one.what.series, human(one.what.by), 1 / alpha_);
    out.push_back({kind_of(one.what.then), one.what.series + " compared", one.what.then, sentence,
                   spec::object(std::move(said.numbers))});
  }
  return out;
}

}  // namespace davy::judge
