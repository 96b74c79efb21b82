// What judging costs on one core, and how exact the sketch is.
#include <fmt/format.h>

#include <chrono>
#include <fstream>

#include "judge/judge.h"
#include "judge/statistics/means.h"
#include "judge/statistics/quantiles.h"
#include "judge_bench.h"
#include "judge_simulation.h"
#include "signals/traffic/accumulator.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

constexpr const char *kNew = "shop@3", *kOld = "shop@2";

// The best of five runs: the machine may be shared.
template <class F>
double nanoseconds(std::size_t times, F&& f) {
  double best = INFINITY;
  for (int run = 0; run < 5; ++run) {
    auto begun = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < times; ++i) f(i);
    auto took = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun);
    best = std::min(best, took.count() / static_cast<double>(times));
  }
  return best;
}

std::vector<Duration> lognormal(std::size_t n, double median, double spread, double share_slow = 0) {
  Random random(3);
  std::vector<Duration> out;
  for (std::size_t i = 0; i < n; ++i) {
    double slow = random.uniform() < share_slow ? 30 : 1;
    out.push_back(Duration(static_cast<std::int64_t>(slow * median * std::exp(spread * random.normal()))));
  }
  return out;
}

void sketch_costs(const std::vector<Duration>& usual) {
  Sketch sketch, other, total;
  auto insert = nanoseconds(10'000'000, [&](std::size_t i) { sketch.add(usual[i & 0xffff]); });
  for (std::size_t i = 0; i < 200; ++i) other.add(usual[i]);
  auto merge = nanoseconds(100'000, [&](std::size_t) { total.merge(other); });
  auto find = nanoseconds(100'000, [&](std::size_t i) { return total.quantile(i % 2 ? 0.95 : 0.5).count(); });
  fmt::print("  sketch: {:.1f} ns an insert, {:.0f} ns a merge of a 100 ms window, {:.0f} ns a quantile\n", insert,
             merge, find);
}

// The largest relative error at quantiles from 0.1 to 99.9 %.
void exactness(const char* what, std::vector<Duration> all) {
  if (all.empty()) return;
  Sketch sketch;
  for (auto d : all) sketch.add(d);
  std::ranges::sort(all);
  double worst = 0;
  for (int i = 1; i < 1000; ++i) {
    auto rank = static_cast<std::size_t>(std::ceil(i / 1000.0 * static_cast<double>(all.size())));
    auto truth = seconds(all[std::max<std::size_t>(rank, 1) - 1]);
    if (truth >= 1e-6) worst = std::max(worst, std::abs(seconds(sketch.quantile(i / 1000.0)) / truth - 1));
  }
  fmt::print("  sketch: off by at most {:.2f} % at 999 quantiles of {} {}\n", 100 * worst, all.size(), what);
}

std::vector<Duration> latencies_of(const std::string& log) {
  std::vector<Duration> out;
  std::ifstream file(log);
  for (std::string line; std::getline(file, line);) {
    signals::Request parsed;
    if (signals::parse_haproxy(line, parsed) == signals::Parsed::line) out.push_back(parsed.latency);
  }
  return out;
}

void log_costs() {
  signals::Accumulator lines;
  std::vector<std::string> log;
  std::size_t bytes = 0;
  for (int i = 0; i < 4096; ++i) {
    log.push_back(fmt::format(
        "davy1 1795225844763 127.0.0.1 10.1.{}.{} shop storefront davy{} 0/0/0/2/{} {} 126 -- 0 12/12/3/1/0/0 "
        "GET \"/api/orders?x=1\"\n",
        i / 256, i % 256, i % 16 == 0 ? 2 : 1, 3 + i % 40, i % 100 ? 200 : 500));
    bytes += log.back().size();
  }
  auto each = nanoseconds(1'000'000, [&](std::size_t i) { lines.line(log[i & 4095]); });
  fmt::print("  log: {:.0f} ns a line, {:.2f} M lines/s, {:.2f} GB/s on one core\n", each, 1e3 / each,
             static_cast<double>(bytes) / 4096 / each);
}

void judge_costs(const std::vector<Duration>& usual) {
  Setup given{.subjects = {{.service = "shop", .candidate = {"3", kNew}, .previous = {"2", kOld}}}, .alpha = kAlpha};
  for (auto series : {"error_rate", "latency", "error_rate", "latency"}) {
    run::Rule rule;
    rule.when.series = series, rule.when.value.value = 10, rule.when.field = "p95";
    given.rules.push_back(rule);
  }
  Judge judge(given);
  Window w{.from = Time(0s), .to = Time(100ms)};
  w.releases[kOld] = {.requests = 190, .repeats = 190}, w.releases[kNew] = {.requests = 10, .repeats = 10};
  for (std::size_t i = 0; i < 200; ++i) w.releases[i < 190 ? kOld : kNew].latency.add(usual[i]);
  auto look = nanoseconds(100'000, [&](std::size_t) { judge.see(w), w.from += 100ms, w.to += 100ms; });
  fmt::print("  judge: {:.1f} us a window with 4 rules, two releases, both count tests\n", look / 1e3);

  CountTest counts(kAlpha);
  QuantileTest latency(kAlpha, {0.5, 0.9, 0.95, 0.99});
  MeanTest means(kAlpha);
  auto& own = w.releases[kNew].latency;
  auto& other = w.releases[kOld].latency;
  auto count = nanoseconds(1'000'000, [&](std::size_t i) {
    counts.see({10, i % 8 == 0, i % 8 == 0, 10, true}, {190, i % 2, i % 2, 190, true}, 100ms);
  });
  auto quantiles = nanoseconds(200'000, [&](std::size_t) { latency.see(own, other, 100ms); });
  auto mean = nanoseconds(1'000'000, [&](std::size_t i) { means.see(static_cast<double>(i % 7), 3, 1s); });
  fmt::print("  a look: count test {:.0f} ns, four quantiles {:.0f} ns, mean test {:.0f} ns\n", count, quantiles, mean);
}

}  // namespace

void costs(const std::string& log) {
  fmt::print("\nCosts and exactness (the best of five runs)\n");
  auto usual = lognormal(1 << 16, 12e6, 1);
  sketch_costs(usual);
  exactness("lognormal latencies", usual);
  exactness("of a mixture: 5 % are 30 times slower", lognormal(1 << 16, 8e6, 0.6, 0.05));
  if (!log.empty()) exactness("answers in the given log", latencies_of(log));
  log_costs();
  judge_costs(usual);
}

}  // namespace davy::bench
