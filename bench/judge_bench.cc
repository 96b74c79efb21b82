// How well the judge judges: false alarms, evidence needed, time to a decision, and what it costs.
//   judge_bench [--canaries N] [--seed S]
// Every figure is a ratio or a probability, or stands beside what it should be compared with.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "judge/counts.h"
#include "judge/judge.h"
#include "signals/accumulator.h"

using namespace davy;
using namespace davy::judge;
using namespace std::chrono_literals;

namespace {

constexpr double kAlpha = 0.01;
constexpr const char *kNew = "shop@3", *kOld = "shop@2";

std::mt19937_64 random_bits(1);

double uniform() { return std::uniform_real_distribution<>()(random_bits); }
std::uint64_t poisson(double mean) {
  return mean <= 0 ? 0 : static_cast<std::uint64_t>(std::poisson_distribution<std::int64_t>(mean)(random_bits));
}

// P(X <= k) for X binomial(n, p); then the p at which only 1 % would see so few.
double at_most(std::uint64_t k, std::uint64_t n, double p) {
  double all = 0, N = static_cast<double>(n);
  for (std::uint64_t i = 0; i <= k; ++i) {
    double x = static_cast<double>(i);
    all += std::exp(std::lgamma(N + 1) - std::lgamma(x + 1) - std::lgamma(N - x + 1) + x * std::log(p) +
                    (N - x) * std::log1p(-p));
  }
  return all;
}
double clopper_pearson_upper(std::uint64_t k, std::uint64_t n) {
  double low = static_cast<double>(k) / static_cast<double>(n), high = 1;
  while (high - low > 1e-7) (at_most(k, n, (low + high) / 2) > 0.01 ? low : high) = (low + high) / 2;
  return high;
}

Setup setup() {
  return {.subjects = {{.service = "shop", .candidate = {"3", kNew}, .previous = {"2", kOld}}},
          .rules = {},
          .alpha = kAlpha};
}

// What a real log would give: a failing client makes `burst` errors on average, all on one release, spread over
// seconds; the first of them is counted as its client's.
struct Release {
  double burst;
  bool known;
  std::vector<std::pair<int, std::uint64_t>> later;  // window, errors that still come of bursts
  Tally window(int w, std::uint64_t requests, double rate, int windows_per_second) {
    Tally t{.requests = requests, .repeats = known ? requests : 0};
    for (auto n = poisson(static_cast<double>(requests) * rate / burst); n > 0; --n) {
      ++t.errors, t.error_clients += known;
      auto more = burst > 1 ? std::geometric_distribution<int>(1 / burst)(random_bits) : 0;
      for (; more > 0; --more)
        later.push_back({w + static_cast<int>(uniform() * (known ? 2.0 : 0.1) * windows_per_second), 1});
    }
    for (auto& [when, n] : later)
      if (when <= w) t.errors += n;
    std::erase_if(later, [&](auto& l) { return l.first <= w; });
    return t;
  }
};

bool alarms(int windows_per_second, int seconds, double burst, bool known) {
  Judge judge(setup());
  Release candidate{burst, known, {}}, previous{burst, known, {}};
  double drift = uniform() * 6.28, wave = uniform() * 6.28, all = 2000.0 / windows_per_second;
  Window w;
  for (int i = 0; i < seconds * windows_per_second; ++i) {
    double t = static_cast<double>(i) / windows_per_second;
    double share = (t < seconds / 3.0 ? 0.05 : t < seconds / 1.5 ? 0.25 : 0.5) * (1 + 0.4 * std::sin(t / 17 + drift));
    double rate = 0.001 * (1 + 0.9 * std::sin(t / 50 + wave));
    w.from = Time(Duration(static_cast<std::int64_t>(1e9 * t)));
    w.to = w.from + Duration(1'000'000'000 / windows_per_second);
    w.releases[kNew] = candidate.window(i, std::max<std::uint64_t>(poisson(all * share), 1), rate, windows_per_second);
    w.releases[kOld] = previous.window(i, poisson(all * (1 - share)), rate, windows_per_second);
    for (auto& v : judge.see(w))
      if (v.kind == Kind::roll_back) return true;
  }
  return false;
}

void false_alarms(std::uint64_t canaries) {
  fmt::print(
      "False alarms: equal canaries, 2,000 req/s, 0.1 % errors swinging tenfold, shares 5/25/50 % drifting by 40 %\n");
  fmt::print("{:>8} {:>7} {:>22} {:>9} {:>8} {:>9} {:>24}\n", "look", "length", "failing client makes", "clients",
             "canaries", "alarms", "99 % upper limit (of 1 %)");
  struct Case {
    int per_second, seconds;
    double burst;
    bool known;
    std::uint64_t canaries;
  };
  for (auto c : {Case{1, 600, 1, true, canaries}, Case{1, 600, 2, true, canaries}, Case{1, 600, 5, true, canaries},
                 Case{1, 600, 1, false, canaries}, Case{1, 600, 2, false, canaries}, Case{1, 600, 5, false, canaries},
                 Case{10, 60, 5, true, canaries}, Case{10, 60, 2, false, canaries}, Case{10, 60, 5, false, canaries}}) {
    std::uint64_t alarmed = 0;
    for (std::uint64_t i = 0; i < c.canaries; ++i) alarmed += alarms(c.per_second, c.seconds, c.burst, c.known);
    fmt::print("{:>7}s {:>6}s {:>15} errors {:>9} {:>8} {:>9} {:>23.3f}%\n", 1.0 / c.per_second, c.seconds, c.burst,
               c.known ? "known" : "unknown", c.canaries, alarmed, 100 * clopper_pearson_upper(alarmed, c.canaries));
  }
}

double median(std::vector<double> all, double q = 0.5) {
  auto at = all.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(all.size() - 1));
  std::nth_element(all.begin(), at, all.end());
  return *at;
}

void evidence_needed() {
  fmt::print("\nErrors needed until decided, median of 1,000, beside Wald's bound for a test that knows the ratio\n");
  fmt::print("{:>6} {:>6} {:>7} {:>6} {:>6}\n", "share", "ratio", "needed", "Wald", "times");
  for (double share : {0.05, 0.25, 0.5})
    for (double r : {1.5, 2.0, 5.0, 10.0}) {
      double own = share * r / (1 - share + share * r);
      double wald =
          std::log(1 / kAlpha) / (own * std::log(own / share) + (1 - own) * std::log((1 - own) / (1 - share)));
      std::vector<double> needed;
      for (int i = 0; i < 1000; ++i) {
        CountTest test(kAlpha);
        double errors = 0;
        auto part = [&](double s, bool error) {
          auto n = static_cast<std::uint64_t>(s * 100);
          return Count{n, error, error, n, true};
        };
        for (; !test.decided(); ++errors) {
          bool mine = uniform() < own;
          test.see(part(share, mine), part(1 - share, !mine), 10ms);
        }
        needed.push_back(errors);
      }
      fmt::print("{:>5.0f}% {:>6} {:>7.0f} {:>6.0f} {:>6.2f}\n", 100 * share, r, median(needed), wald,
                 median(needed) / wald);
    }
}

void time_to_decision() {
  fmt::print(
      "\n5 % of 2,000 req/s to a candidate, baseline 0.1 %: first bad answer to verdict, windows of 100 ms, 1,000 "
      "runs\n");
  fmt::print("{:>22} {:>9} {:>16} {:>9} {:>9} {:>12}\n", "candidate fails", "clients", "good until then", "median",
             "p95", "bad answers");
  struct Case {
    double rate;
    bool known;
    int good_seconds;
  };
  for (auto c : {Case{0.2, true, 0}, Case{0.2, false, 0}, Case{0.2, true, 3600}, Case{0.02, true, 0},
                 Case{0.02, false, 0}, Case{0.002, true, 0}}) {
    std::vector<double> times, bad;
    CountTest good(kAlpha);
    auto count = [&](double n, double rate) {
      auto e = poisson(n * rate), requests = static_cast<std::uint64_t>(n);
      return Count{requests, e, c.known ? e : 0, c.known ? requests : 0, c.known};
    };
    for (int i = 0; i < c.good_seconds; ++i) good.see(count(100, 0.001), count(1900, 0.001), 1s);
    for (int run = 0; run < 1000; ++run) {
      auto test = good;
      std::uint64_t errors = 0;
      for (double elapsed = 0; !test.decided();) {
        auto own = count(10, c.rate);
        double first = 0.1 * std::pow(uniform(), 1.0 / static_cast<double>(std::max<std::uint64_t>(own.errors, 1)));
        if (errors == 0 && own.errors > 0)
          elapsed = std::min(first, 0.1);  // what is left of its window
        else if (errors > 0)
          elapsed += 0.1;
        errors += own.errors;
        test.see(own, count(190, 0.001), 100ms);
        if (test.decided()) times.push_back(elapsed), bad.push_back(static_cast<double>(errors));
      }
    }
    fmt::print("{:>21.1f}% {:>9} {:>15}s {:>8.2f}s {:>8.2f}s {:>12.0f}\n", 100 * c.rate, c.known ? "known" : "unknown",
               c.good_seconds, median(times), median(times, 0.95), median(bad));
  }
}

template <class F>
double nanoseconds(std::size_t times, F&& f) {
  auto begun = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < times; ++i) f(i);
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begun).count() /
         static_cast<double>(times);
}

void costs() {
  fmt::print("\nCosts\n");
  std::vector<Duration> latencies(1 << 16);
  std::lognormal_distribution<> usual(std::log(12e6), 1.0);
  for (auto& l : latencies) l = Duration(static_cast<std::int64_t>(usual(random_bits)));
  Sketch sketch, other;
  auto insert = nanoseconds(20'000'000, [&](std::size_t i) { sketch.add(latencies[i & 0xffff]); });
  for (int i = 0; i < 200; ++i) other.add(latencies[static_cast<std::size_t>(i)]);
  auto merge = nanoseconds(100'000, [&](std::size_t) { sketch.merge(other); });
  fmt::print("  sketch: {:.1f} ns an insert, {:.0f} ns a merge of a 100 ms window ({} answers counted)\n", insert,
             merge, sketch.count());

  signals::Accumulator lines;
  std::vector<std::string> log;
  std::size_t bytes = 0;
  for (int i = 0; i < 4096; ++i)
    log.push_back(fmt::format(
        "davy1 1795225844763 127.0.0.1 10.1.{}.{} shop storefront davy{} 0/0/0/2/{} {} 126 -- 0 12/12/3/1/0/0 "
        "GET \"/api/orders?x=1\"\n",
        i / 256, i % 256, i % 16 == 0 ? 2 : 1, 3 + i % 40, i % 100 ? 200 : 500));
  auto each = nanoseconds(4'000'000, [&](std::size_t i) { lines.line(log[i & 4095]), bytes += log[i & 4095].size(); });
  fmt::print("  log: {:.0f} ns a line, {:.2f} M lines/s, {:.2f} GB/s on one core\n", each, 1e3 / each,
             static_cast<double>(bytes) / 4e6 / each);

  auto given = setup();
  for (auto series : {"error_rate", "latency", "error_rate", "latency"}) {
    run::Rule rule;
    rule.when.series = series, rule.when.value.value = 10, rule.when.field = "p95";
    given.rules.push_back(rule);
  }
  Judge judge(given);
  Window w{.from = Time(0s), .to = Time(100ms)};
  w.releases[kOld] = {.requests = 190, .repeats = 190}, w.releases[kNew] = {.requests = 10, .repeats = 10};
  for (std::size_t i = 0; i < 200; ++i) w.releases[i < 190 ? kOld : kNew].latency.add(latencies[i]);
  auto look = nanoseconds(200'000, [&](std::size_t) { judge.see(w), w.from += 100ms, w.to += 100ms; });
  fmt::print("  judge: {:.1f} us a window with 4 rules, two releases, both tests\n", look / 1e3);
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t canaries = 2000;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (std::strcmp(argv[i], "--canaries") == 0) canaries = std::strtoull(argv[i + 1], nullptr, 10);
    if (std::strcmp(argv[i], "--seed") == 0) random_bits.seed(std::strtoull(argv[i + 1], nullptr, 10));
  }
  evidence_needed();
  time_to_decision();
  costs();
  if (canaries > 0) fmt::print("\n"), false_alarms(canaries);
}
