#include "signals/metrics/scrape_window.h"

#include <fmt/format.h>

#include <cmath>

namespace davy::signals {
namespace {

// "0.95" -> latency_p95, "0.999" -> latency_p999; empty for what is no quantile.
std::string quantile_series(std::string_view q) {
  auto number = exposition_number(q);
  if (!number || !(*number >= 0 && *number <= 1)) return {};
  auto percent = fmt::format("{:g}", *number * 100);
  std::erase(percent, '.');
  return "latency_p" + percent;
}

void put_requests(const ScrapeTotals& g, const ScrapeRules& rules, const std::string& label, judge::Tally tally,
                  judge::Window& out) {
  if (is_nobodys(rules, label)) {
    out.numbers["unlabelled"][""] = static_cast<double>(tally.requests);
    return;
  }
  if (g.errors_told) tally.untold = 0;
  if (g.client_errors_told) tally.untold_client = 0;
  out.releases[label] = tally;
}

void put_latencies(const ScrapeTotals& g, const ScrapeRules& rules, judge::Window& out) {
  if (g.latencies.empty()) return;
  for (auto& [label, l] : g.latencies.begin()->second) {
    if (l.unit == 0) continue;  // of what?
    if (auto sketch = to_sketch(l.buckets, l.unit); sketch.count() > 0 && !is_nobodys(rules, label)) {
      out.releases[label].latency = sketch;
      auto width = resolution(l.buckets, 0.95, l.unit);
      if (width && std::isfinite(*width)) out.numbers["latency_resolution"][label] = *width;
    }
    for (auto& [q, value] : l.quantiles)
      if (auto series = quantile_series(q); !series.empty()) out.numbers[series][label] = value * l.unit;
    if (!l.quantiles.empty() && l.count > 0) out.numbers["latency_mean"][label] = l.sum / l.count * l.unit;
  }
}

void put_own(const ScrapeTotals& g, const ScrapeRules& rules, judge::Window& out) {
  auto length = seconds(out.length());
  for (auto& [series, by_label] : g.own)
    for (auto& [label, own] : by_label) {
      auto& rule = rules.series.at(series);
      bool rate = is_rate(rule.as, own.counter);
      // The plan speaks of what the metric counts; how much of it comes per second is another thing, and its name
      // says nothing of it.
      if (rule.unit.unit != spec::Unit::none && rate != is_rate(rule.as, rule.metric.name.ends_with("_total")))
        continue;
      if (rule.among) {
        if (own.shared && own.among > 0) out.numbers[series][label] = own.growth / own.among;
      } else if (!rate) {
        if (own.valued) out.numbers[series][label] = *spec::in_base({own.value}, rule.unit);
      } else if (own.grown && length > 0) {
        out.numbers[series][label] = *spec::in_base({own.growth / length}, rule.unit);
      }
    }
}

}  // namespace

bool is_rate(OwnSeries::As as, bool counter) {
  return as == OwnSeries::As::rate || (as == OwnSeries::As::usual && counter);
}

bool is_nobodys(const ScrapeRules& rules, const std::string& label) {
  return label.empty() && !rules.release_by.empty();
}

judge::Window window_of(const ScrapeTotals& g, const ScrapeRules& rules, Time from, Time to) {
  judge::Window out{.from = from, .to = to};
  // The best name; but rather one that says how a request ended.
  auto best = g.tells.empty() ? g.requests.begin() : g.requests.find(*g.tells.begin());
  if (best != g.requests.end())
    for (auto& [label, tally] : best->second)
      if (tally.requests > 0) put_requests(g, rules, label, tally, out);
  for (auto& [label, tally] : g.errors) {
    if (is_nobodys(rules, label)) continue;
    bool known = out.releases.contains(label);
    if (rules.errors && (tally.errors > 0 || known)) out.releases[label].errors = tally.errors;
    if (rules.client_errors && (tally.client_errors > 0 || known))
      out.releases[label].client_errors = tally.client_errors;
  }
  put_latencies(g, rules, out);
  put_own(g, rules, out);
  out.numbers["restarts"][""] = g.restarts;
  return out;
}

}  // namespace davy::signals
