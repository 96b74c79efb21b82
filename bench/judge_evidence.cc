// How much evidence a decision takes, and whether what was promised is seen.
//
// Flagger at its shortest: it looks every 10 s (its least `interval`) and takes back at the first failed check
// (`threshold` 1), on the candidate's success rate over the last minute, an absolute bound. Usual bounds (99 %) never
// see twice a baseline of 0.1 %, so it is given the best one by hindsight: the lowest that leaves 1 % of false alarms
// in ten minutes of the very traffic.
//
// Kayenta at its shortest: one value every 10 s, 50 of them (Spinnaker's own least) before each judgement, then again
// every 50 over all so far; the canary beside a baseline of the same size; errors, direction `increase`. A judgement is
// wrong about an equal canary more often than once in a hundred (judge_alarms.cc).
#include <fmt/format.h>

#include <chrono>
#include <deque>

#include "judge/beside.h"
#include "judge/kayenta/kayenta.h"
#include "judge/statistics/counts.h"
#include "judge_bench.h"
#include "judge_simulation.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

constexpr double kRate = 2000, kErrors = 0.001;  // requests a second, baseline

double wald(double share, double r) {
  double own = share * r / (1 - share + share * r);
  return std::log(1 / kAlpha) / (own * std::log(own / share) + (1 - own) * std::log((1 - own) / (1 - share)));
}

double errors_of_count_test(Random& random, double share, double r) {
  CountTest test(kAlpha);
  double own = share * r / (1 - share + share * r), errors = 0;
  auto part = [&](double s, bool error) {
    auto n = static_cast<std::uint64_t>(s * 100);
    return Count{n, error, error, n, true};
  };
  for (; !test.decided(); ++errors) {
    bool mine = random.uniform() < own;
    test.see(part(share, mine), part(1 - share, !mine), 10ms);
  }
  return errors;
}

constexpr double kNever = 1e9;

// Seconds until the errors of the last minute exceed the bound at a look; kNever within four hours.
double flagger(Random& random, double per_second, double bound, double longest) {
  std::deque<std::uint64_t> steps;
  std::uint64_t minute = 0;
  for (double t = 10; t <= longest; t += 10) {
    steps.push_back(random.poisson(10 * per_second)), minute += steps.back();
    if (steps.size() > 6) minute -= steps.front(), steps.pop_front();
    if (static_cast<double>(minute) > bound) return t;
  }
  return kNever;
}

double best_bound(double per_second) {
  for (double bound = std::floor(60 * per_second);; ++bound) {
    auto alarms = how_many(2000, 5, [&](Random& random) { return flagger(random, per_second, bound, 600) < kNever; });
    if (alarms <= 20) return bound;
  }
}

double kayenta_seconds(Random& random, double per_second, double r) {
  kayenta::Samples s;
  kayenta::Metric metric{.name = "errors", .groups = {}, .direction = kayenta::Direction::increase};
  for (int judgement = 1; judgement <= 28; ++judgement) {
    for (int i = 0; i < 50; ++i) {
      s.canary.push_back(static_cast<double>(random.poisson(10 * per_second * r)));
      s.baseline.push_back(static_cast<double>(random.poisson(10 * per_second)));
    }
    if (kayenta::classify(metric, s).is == kayenta::Class::high) return 500.0 * judgement;
  }
  return kNever;
}

std::string errors_said(double seconds, double share, double r) {
  if (seconds >= kNever) return "never";
  return fmt::format("{:.0f}", seconds * kRate * kErrors * (1 - share + share * r));
}

template <class F>
double median_of(int runs, std::uint64_t seed, F&& f) {
  std::vector<double> all;
  for (int i = 0; i < runs; ++i) {
    Random random(seed * 7919 + static_cast<std::uint64_t>(i));
    all.push_back(f(random));
  }
  return quantile(std::move(all));
}

}  // namespace

void evidence_needed(std::uint64_t seed) {
  fmt::print(
      "Errors of the whole service until decided, medians (Davy: of 1,000; others: of 200, 2,000 req/s, 0.1 %)\n");
  fmt::print("{:>6} {:>6} {:>7} {:>6} {:>6} {:>9} {:>9}\n", "share", "ratio", "Davy", "Wald", "times", "Flagger",
             "Kayenta");
  for (double share : {0.05, 0.25, 0.5}) {
    double own = kRate * kErrors * share, bound = best_bound(own);
    for (double r : {1.5, 2.0, 5.0, 10.0}) {
      double ours = median_of(1000, seed, [&](Random& random) { return errors_of_count_test(random, share, r); });
      double flaggers = median_of(200, seed, [&](Random& random) { return flagger(random, own * r, bound, 14400); });
      double kayentas = median_of(200, seed, [&](Random& random) { return kayenta_seconds(random, own, r); });
      fmt::print("{:>5.0f}% {:>6} {:>7.0f} {:>6.0f} {:>6.2f} {:>9} {:>9}\n", 100 * share, r, ours, wald(share, r),
                 ours / wald(share, r), errors_said(flaggers, share, r), errors_said(kayentas, share, r));
    }
  }
}

void time_to_decision(std::uint64_t seed) {
  fmt::print("\n5 % of 2,000 req/s, baseline 0.1 %: first bad answer to verdict, windows of 100 ms, 1,000 runs\n");
  fmt::print("{:>16} {:>9} {:>16} {:>9} {:>9} {:>12}\n", "candidate fails", "clients", "good until then", "median",
             "p95", "bad answers");
  struct Case {
    double rate;
    bool known;
    int good_seconds;
  };
  Random random(seed);
  for (auto c : {Case{0.2, true, 0}, Case{0.2, false, 0}, Case{0.2, true, 3600}, Case{0.02, true, 0},
                 Case{0.02, false, 0}, Case{0.002, true, 0}}) {
    auto count = [&](double n, double rate) {
      auto e = random.poisson(n * rate), requests = static_cast<std::uint64_t>(n);
      return Count{requests, e, c.known ? e : 0, c.known ? requests : 0, c.known};
    };
    CountTest good(kAlpha);
    for (int i = 0; i < c.good_seconds; ++i) good.see(count(100, kErrors), count(1900, kErrors), 1s);
    std::vector<double> times, bad;
    for (int run = 0; run < 1000; ++run) {
      auto test = good;
      std::uint64_t errors = 0;
      for (double elapsed = 0; !test.decided();) {
        auto own = count(10, c.rate);
        // What is left of the window of the first bad answer, then whole ones.
        if (errors > 0)
          elapsed += 0.1;
        else if (own.errors > 0)
          elapsed = 0.1 * std::pow(random.uniform(), 1 / static_cast<double>(own.errors));
        errors += own.errors;
        test.see(own, count(190, kErrors), 100ms);
        if (test.decided()) times.push_back(elapsed), bad.push_back(static_cast<double>(errors));
      }
    }
    fmt::print("{:>15.1f}% {:>9} {:>15}s {:>8.2f}s {:>8.2f}s {:>12.0f}\n", 100 * c.rate, c.known ? "known" : "unknown",
               c.good_seconds, quantile(times), quantile(times, 0.95), quantile(bad));
  }
}

namespace {

// What a bake of a plan is asked to see: drawn as plans and services are, on scales of a hundred and more.
struct Bake {
  double rate, share, minutes, errors;
  bool known;  // clients
};

Bake drawn(Random& random) {
  auto scaled = [&](double low, double high) { return low * std::pow(high / low, random.uniform()); };
  return {scaled(0.1, 2000), scaled(0.01, 0.5), scaled(5, 60), scaled(0.0002, 0.02), random.uniform() < 0.5};
}

// On windows of 100 ms, as they come live. At a strike users are away for 30 s, in which a bake stands still.
bool missed(Random& random, const Bake& bake, double ratio, const Setup& plan) {
  ErrorTest test({.alpha = alpha_of(plan).errors, .worse_by = plan.worse_by});
  for (double t = 0; t < bake.minutes * 60 && !test.decided(); t += 0.1) {
    auto own = random.poisson(bake.rate * 0.1 * bake.share), other = random.poisson(bake.rate * 0.1 * (1 - bake.share));
    auto e = random.binomial(own, std::min(1.0, bake.errors * ratio)), f = random.binomial(other, bake.errors);
    if (bake.known)
      test.see({own, e, e, own, true}, {other, f, f, other, true}, 100ms);
    else
      test.see({own, e}, {other, f}, 100ms);
    if (test.struck()) test.drop_pending(), test.see({}, {}, 30s);
  }
  return !test.decided();
}

}  // namespace

// A candidate that is exactly as much worse as the plan promises to see, over a bake of exactly that length. Of 200
// settings some look bad by chance: what missed more than 5 % is tried again, twenty times as often and with new seeds.
void promises(std::uint64_t bakes, std::uint64_t seed) {
  constexpr int kSettings = 200;
  constexpr std::uint64_t kAgain = 20;
  fmt::print("\nWhat `davy plan` promised that a bake would see, and missed: {} random settings, {} bakes each\n",
             kSettings, bakes);
  Setup plan{.subjects = {{}}};
  Random random(seed);
  std::array<std::uint64_t, 2> looked_bad{}, worse{}, all{}, sum{};
  for (int i = 0; i < kSettings; ++i) {
    auto bake = drawn(random);
    auto length = Duration(static_cast<std::int64_t>(bake.minutes * 60e9));
    auto sees = sight(bake.rate, {bake.share}, length, bake.errors, plan.alpha);
    auto ratio = bake.known ? sees.ratio : sees.ratio_of_strangers;
    if (ratio == 0) continue;
    auto of = [&](std::uint64_t n, std::uint64_t from) {
      return how_many(n, from + static_cast<std::uint64_t>(i), [&](Random& r) { return missed(r, bake, ratio, plan); });
    };
    auto first = of(bakes, seed);
    ++all[bake.known], sum[bake.known] += first;
    if (first * 20 <= bakes) continue;
    auto again = of(bakes * kAgain, seed + kSettings);
    ++looked_bad[bake.known], worse[bake.known] += again * 20 > bakes * kAgain;
    fmt::print("{:>8.1f} req/s {:>5.1f}% {:>3.0f}m {:>6.3f}% clients {:<7} {:>6.2f} x {:>7.1f}% missed, then {:.2f}%\n",
               bake.rate, 100 * bake.share, bake.minutes, 100 * bake.errors, bake.known ? "known" : "unknown", ratio,
               100 * static_cast<double>(first) / static_cast<double>(bakes),
               100 * static_cast<double>(again) / static_cast<double>(bakes * kAgain));
    std::fflush(stdout);
  }
  for (bool known : {true, false})
    fmt::print(
        "clients {}: {} settings with a promise, {} missed more often than in 5 %, {} of them again; {:.2f} % missed "
        "in "
        "all\n",
        known ? "known" : "unknown", all[known], looked_bad[known], worse[known],
        100 * static_cast<double>(sum[known]) / static_cast<double>(std::max<std::uint64_t>(all[known] * bakes, 1)));
}

}  // namespace davy::bench
