// False alarms: canaries that are equal to the previous release, in everything that breaks textbook tests. Errors of a
// client that fails again, rates that swing tenfold, shares that drift and step up, a database that is slow for both,
// pauses of one release alone, gauges that hang together. How many of them each test accuses, and the 99 % upper limit
// of that probability, which must stay below alpha.
#include <fmt/format.h>

#include <chrono>
#include <cmath>

#include "judge/kayenta/kayenta.h"
#include "judge/statistics/bands.h"
#include "judge/statistics/counts.h"
#include "judge/statistics/holm.h"
#include "judge/statistics/means.h"
#include "judge/statistics/normal.h"
#include "judge/statistics/quantiles.h"
#include "judge/statistics/spending.h"
#include "judge_bench.h"
#include "judge_simulation.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

Duration window(double per_second) { return Duration(static_cast<std::int64_t>(1e9 / per_second)); }

// 5, 25, 50 % in thirds of the time, drifting by 40 %.
double share_at(double t, double length, double phase) {
  return (t < length / 3 ? 0.05 : t < length / 1.5 ? 0.25 : 0.5) * (1 + 0.4 * std::sin(t / 17 + phase));
}

// ---- Counts ----

// What a real log would give: a failing client makes `burst` errors on average, all on one release, spread over 2 s
// (known clients) or 0.1 s; the first is counted as its client's.
class Failing {
 public:
  Failing(double burst, bool known, double per_second)
      : burst_(burst), spread_((known ? 2.0 : 0.1) * per_second), known_(known) {}
  Count window(Random& random, std::uint64_t requests, double rate) {
    Count c{.requests = requests, .repeats = known_ ? requests : 0, .known = known_};
    c.errors = later_[at_ % kLater];
    later_[at_ % kLater] = 0;
    for (auto n = random.poisson(static_cast<double>(requests) * rate / burst_); n > 0; --n) {
      ++c.errors, c.clients += known_;
      for (; burst_ > 1 && random.uniform() > 1 / burst_;) again(random, c);
    }
    ++at_;
    return c;
  }

 private:
  void again(Random& random, Count& c) {
    auto when = static_cast<std::size_t>(random.uniform() * spread_);
    if (when == 0)
      ++c.errors;
    else
      ++later_[(at_ + when) % kLater];
  }
  static constexpr std::size_t kLater = 32;
  double burst_, spread_;
  bool known_;
  std::array<std::uint64_t, kLater> later_{};
  std::size_t at_ = 0;
};

struct Counted {
  double per_second;
  int seconds;
  double burst;
  bool known;
  Sided sided = Sided::candidate_worse;
};

struct Day {  // the swings of one canary
  double phase, wave;
  explicit Day(Random& random) : phase(random.uniform() * 6.28), wave(random.uniform() * 6.28) {}
  double error_rate(double t) const { return 0.001 * (1 + 0.9 * std::sin(t / 50 + wave)); }
};

bool count_alarm(Random& random, const Counted& c) {
  CountTest test(kAlpha, c.sided);
  Failing own(c.burst, c.known, c.per_second), other(c.burst, c.known, c.per_second);
  Day day(random);
  for (int i = 0; i < static_cast<int>(c.seconds * c.per_second); ++i) {
    double t = i / c.per_second, share = share_at(t, c.seconds, day.phase), all = 2000 / c.per_second;
    auto mine = own.window(random, random.requests(all * share), day.error_rate(t));
    auto its = other.window(random, random.requests(all * (1 - share)), day.error_rate(t));
    test.see(mine, its, window(c.per_second));
    if (test.decided()) return true;
  }
  return false;
}

// Five metrics (endpoints) at once, each by its own count test, under Holm: any of them.
bool holm_alarm(Random& random) {
  std::vector<CountTest> tests(5, CountTest(kAlpha));
  Day day(random);
  for (int t = 0; t < 300; ++t) {
    std::vector<double> p;
    for (auto& test : tests) {
      double share = share_at(t, 300, day.phase);
      auto own = random.requests(400 * share), other = random.requests(400 * (1 - share));
      auto e = random.poisson(static_cast<double>(own) * 0.005), f = random.poisson(static_cast<double>(other) * 0.005);
      test.see({own, e, e, own, true}, {other, f, f, other, true}, 1s);
      p.push_back(1 / test.evidence());
    }
    for (double adjusted : holm(p))
      if (adjusted <= kAlpha) return true;
  }
  return false;
}

// Four looks at the ends of four phases.
bool batch_alarm(Random& random, const BatchTest& planned, double share) {
  auto test = planned;
  double own = 0, other = 0, requests = 60'000;
  for (int look = 1; look <= 4; ++look) {
    own += static_cast<double>(random.poisson(requests * share * 0.001));
    other += static_cast<double>(random.poisson(requests * (1 - share) * 0.001));
    test.see(rate_z(own, look * requests * share, other, look * requests * (1 - share)));
  }
  return test.decided();
}

// ---- Latencies ----

// On and off by chance: a pause of `length` s on average, every `gap` s.
class Pauses {
 public:
  Pauses(Random& random, double gap, double length)
      : gap_(gap), length_(length), next_(gap > 0 ? random.exponential(gap) : INFINITY) {}
  bool at(double t, Random& random) {
    for (; t >= next_; on_ = !on_) next_ += random.exponential(on_ ? gap_ : length_);
    return on_;
  }

 private:
  double gap_, length_, next_;
  bool on_ = false;
};

struct Slowness {
  double rate;                 // requests a second, both
  double per_second, seconds;  // looks; how long
  double gap, length;          // of each release's own pauses
  const char* what;
};

struct Moment {
  double share;
  bool own, other, both;
};

template <class F>
bool over_time(Random& random, const Slowness& c, F&& look) {
  Pauses own(random, c.gap, c.length), other(random, c.gap, c.length), both(random, 40, 5);
  double phase = random.uniform() * 6.28;
  for (int i = 0; i < static_cast<int>(c.seconds * c.per_second); ++i) {
    double t = i / c.per_second;
    if (look(Moment{share_at(t, c.seconds, phase), own.at(t, random), other.at(t, random), both.at(t, random)}))
      return true;
  }
  return false;
}

// One threshold, slow requests counted: 3 % are slow, half in bad times of the database, 90 % in a pause.
bool slow_alarm(Random& random, const Slowness& c) {
  SlowTest test;
  return over_time(random, c, [&](const Moment& m) {
    double all = c.rate / c.per_second, usual = m.both ? 0.5 : 0.03;
    auto own = random.requests(all * m.share), other = random.requests(all * (1 - m.share));
    test.see({random.binomial(own, m.own ? 0.9 : usual), own, random.binomial(other, m.other ? 0.9 : usual), other},
             window(c.per_second));
    return test.evidence() >= 1 / kAlpha;
  });
}

// Lognormal latencies from a table of its quantiles: median 12 ms.
class Latencies {
 public:
  Latencies() {
    for (std::size_t i = 0; i < table_.size(); ++i)
      table_[i] =
          12e6 * std::exp(0.8 * normal_quantile((static_cast<double>(i) + 0.5) / static_cast<double>(table_.size())));
  }
  void fill(Sketch& out, Random& random, std::uint64_t n, double slower) const {
    for (; n > 0; --n) out.add(Duration(static_cast<std::int64_t>(table_[random() % table_.size()] * slower)));
  }

 private:
  std::array<double, 8192> table_;
};
const Latencies latencies;

template <class Test>
bool latency_alarm(Random& random, const Slowness& c, Test test) {
  return over_time(random, c, [&](const Moment& m) {
    double all = c.rate / c.per_second, usual = m.both ? 5 : 1;
    Sketch own, other;
    latencies.fill(own, random, random.requests(all * m.share), m.own ? 20 : usual);
    latencies.fill(other, random, random.requests(all * (1 - m.share)), m.other ? 20 : usual);
    if constexpr (std::is_same_v<Test, BandTest>)
      test.see(own, other);
    else
      test.see(own, other, window(c.per_second));
    return test.decided();
  });
}

// What the bands are made for: nothing changes.
bool still_alarm(Random& random) {
  BandTest test(kAlpha);
  for (int i = 0; i < 60 && !test.decided(); ++i) {
    Sketch own, other;
    latencies.fill(own, random, 50, 1), latencies.fill(other, random, 150, 1);
    test.see(own, other);
  }
  return test.decided();
}

// ---- Gauges ----

bool mean_alarm(Random& random, double memory, bool heavy) {
  MeanTest test(kAlpha, 1);
  double own = random.normal(), other = random.normal(), load = random.normal(), kept = std::sqrt(1 - memory * memory);
  auto shaped = [&](double z) { return heavy ? std::exp(z) : z; };
  for (int i = 0; i < 720 && !test.decided(); ++i) {
    own = memory * own + kept * random.normal(), other = memory * other + kept * random.normal();
    load = 0.95 * load + 0.31 * random.normal();
    test.see(100 + 20 * load + 5 * shaped(own), 100 + 20 * load + 5 * shaped(other), 5s);
  }
  return test.decided();
}

// Kayenta's way, 50 steps of 10 s, once: nothing promised, measured for comparison.
bool kayenta_alarm(Random& random, double share, double burst) {
  Failing own(burst, false, 0.1), other(burst, false, 0.1);
  kayenta::Samples s;
  for (int i = 0; i < 50; ++i) {
    auto n = static_cast<std::uint64_t>(20'000 * share);
    s.canary.push_back(static_cast<double>(own.window(random, n, 0.001).errors));
    s.baseline.push_back(static_cast<double>(other.window(random, n, 0.001).errors));
  }
  return kayenta::classify({.name = "errors", .groups = {}, .direction = kayenta::Direction::increase}, s).is ==
         kayenta::Class::high;
}

// ---- The table ----

class Table {
 public:
  Table(std::uint64_t canaries, std::uint64_t seed, const std::string& only)
      : canaries_(canaries), seed_(seed), only_(only) {
    fmt::print("\nFalse alarms of {} equal canaries each; the aim is an upper limit of {} %\n", canaries, 100 * kAlpha);
    fmt::print("{:<9} {:<74} {:>7} {:>15} {:>6}\n", "test", "case", "alarms", "99 % limit", "s");
  }
  template <class F>
  void row(const char* test, const std::string& what, F&& alarm) {
    if (!only_.empty() && only_ != test) return;
    auto begun = std::chrono::steady_clock::now();
    auto alarms = how_many(canaries_, seed_, alarm);
    fmt::print("{:<9} {:<74} {:>7} {:>14.3f}% {:>6.0f}\n", test, what, alarms, 100 * upper_limit(alarms, canaries_),
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count());
    std::fflush(stdout);
  }

 private:
  std::uint64_t canaries_, seed_;
  std::string only_;
};

void counts(Table& table) {
  for (auto c : {Counted{1, 600, 1, true}, Counted{1, 600, 2, true}, Counted{1, 600, 5, true},
                 Counted{1, 600, 1, false}, Counted{1, 600, 2, false}, Counted{1, 600, 5, false},
                 Counted{10, 60, 5, true}, Counted{10, 60, 2, false}, Counted{10, 60, 5, false},
                 Counted{1, 600, 1, false, Sided::either_worse}, Counted{1, 600, 5, false, Sided::either_worse}})
    table.row("counts",
              fmt::format("a look every {} s for {} s; clients {}, a failing one makes {} errors{}", 1 / c.per_second,
                          c.seconds, c.known ? "known" : "unknown", c.burst,
                          c.sided == Sided::either_worse ? "; both ways" : ""),
              [&](Random& random) { return count_alarm(random, c); });
}

void quantiles(Table& table) {
  for (auto c : {Slowness{2000, 10, 120, 0, 0, "no pauses"}, Slowness{2000, 10, 120, 30, 1, "pauses of 1 s every 30 s"},
                 Slowness{2000, 10, 120, 10, 0.3, "pauses of 0.3 s every 10 s"},
                 Slowness{2000, 10, 120, 60, 3, "pauses of 3 s every 60 s"},
                 Slowness{200, 10, 120, 30, 1, "pauses of 1 s every 30 s, 200 req/s"},
                 Slowness{2000, 1, 600, 30, 1, "pauses of 1 s every 30 s, a look a second for 600 s"}})
    table.row("quantiles", fmt::format("one threshold: {}", c.what),
              [&](Random& random) { return slow_alarm(random, c); });
  Slowness pauses{200, 1, 60, 30, 1, ""};
  table.row("quantiles", "p95 of sketches, 200 req/s for 60 s, pauses of 1 s every 30 s",
            [&](Random& random) { return latency_alarm(random, pauses, QuantileTest(kAlpha)); });
  table.row("quantiles", "any of p50, p90, p95, p99, the same", [&](Random& random) {
    return latency_alarm(random, pauses, QuantileTest(kAlpha, {0.5, 0.9, 0.95, 0.99}));
  });
}

void others(Table& table) {
  for (bool heavy : {false, true})
    for (double memory : {0.0, 0.5, 0.9, 0.98})
      table.row("means", fmt::format("720 readings, correlation {}, {}", memory, heavy ? "lognormal" : "normal"),
                [&](Random& random) { return mean_alarm(random, memory, heavy); });
  table.row("holm", "five metrics at 400 req/s and 0.5 % errors, any of them, 300 looks", holm_alarm);
  BatchTest planned(kAlpha, std::array{0.25, 0.5, 0.75, 1.0});
  for (double share : {0.05, 0.5})
    table.row("batches", fmt::format("four looks, 240 independent errors in all, share {}", share),
              [&](Random& random) { return batch_alarm(random, planned, share); });
  table.row("bands", "60 looks at 200 requests, nothing changes", still_alarm);
}

// For comparison; no promise.
void unpromised(Table& table) {
  Slowness pauses{200, 1, 60, 0, 0, ""};
  table.row("(bands)", "the database slow now and then while the split changes",
            [&](Random& random) { return latency_alarm(random, pauses, BandTest(kAlpha)); });
  Slowness longer{2000, 10, 120, 60, 6, ""};
  table.row("(slow)", "one threshold: pauses of 6 s every 60 s, longer than a block",
            [&](Random& random) { return slow_alarm(random, longer); });
  for (double burst : {1.0, 5.0})
    for (double share : {0.05, 0.5})
      table.row(
          "(kayenta)",
          fmt::format("one judgement of 50 steps of 10 s, share {}, a failing client makes {} errors", share, burst),
          [&](Random& random) { return kayenta_alarm(random, share, burst); });
}

}  // namespace

void false_alarms(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  Table table(canaries, seed, only);
  counts(table);
  quantiles(table);
  others(table);
  unpromised(table);
}

}  // namespace davy::bench
