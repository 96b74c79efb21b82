#include "signals/metrics/exposition_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace davy::signals {
namespace {

constexpr std::uint64_t kPoints = 64;    // at which one bucket's answers are put: as fine as a sketch
constexpr double kAbove = 1 + 1.0 / 64;  // one bucket of the sketch further
constexpr double kLongest = 30'000;      // seconds; a sketch ends there

Duration duration(double seconds) {
  return Duration(static_cast<std::int64_t>(std::clamp(seconds, 0.0, kLongest) * 1e9));
}

void spread(judge::Sketch& out, double low, double high, std::uint64_t n) {
  auto points = std::min(n, kPoints);
  for (std::uint64_t i = 0; i < points; ++i) {
    auto share = (i + 1) * n / points - i * n / points;  // what is left over is spread as evenly
    auto at = low + (high - low) * (static_cast<double>(i) + 0.5) / static_cast<double>(points);
    out.add(duration(at), share);
  }
}

// Calls f(low, high, n) for each bucket; the highest may have an infinite end.
template <class F>
void each_bucket(const Cumulative& all, F&& f) {
  double below = 0, low = 0;
  for (auto& [bound, count] : all) {
    if (std::isnan(bound)) continue;
    if (count > below && bound > 0) f(std::min(low, bound), bound, count - below);
    below = std::max(below, count);
    if (std::isfinite(bound)) low = std::max(bound, 0.0);
  }
}

}  // namespace

// Without a bucket for all that is above, nobody knows how much that is: Prometheus answers NaN.
judge::Sketch to_sketch(const Cumulative& all, double unit) {
  judge::Sketch out;
  if (all.empty() || !std::isinf(all.rbegin()->first)) return out;
  each_bucket(all, [&](double low, double high, double n) {
    auto whole = static_cast<std::uint64_t>(std::llround(std::min(n, 1e15)));
    if (std::isfinite(high)) return spread(out, low * unit, high * unit, whole);
    out.add(duration(low * unit * kAbove), whole);
  });
  return out;
}

std::optional<double> resolution(const Cumulative& all, double q, double unit) {
  double total = 0, seen = 0;
  each_bucket(all, [&](double, double, double n) { total += n; });
  std::optional<double> out;
  each_bucket(all, [&](double low, double high, double n) {
    if (!out && seen + n >= q * total) out = (high - low) * unit;
    seen += n;
  });
  return out;
}

std::optional<double> unit_of(std::string_view family) {
  constexpr std::pair<std::string_view, double> kEndings[] = {
      {"_seconds", 1},         {"_second", 1},    {"_secs", 1},           {"_sec", 1},      {"_s", 1},
      {"_milliseconds", 1e-3}, {"_millis", 1e-3}, {"_msec", 1e-3},        {"_ms", 1e-3},    {"_microseconds", 1e-6},
      {"_micros", 1e-6},       {"_us", 1e-6},     {"_nanoseconds", 1e-9}, {"_nanos", 1e-9}, {"_ns", 1e-9}};
  for (auto [ending, unit] : kEndings)
    if (family.ends_with(ending)) return unit;
  return {};
}

}  // namespace davy::signals
