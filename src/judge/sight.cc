// What a bake can see. The test of errors decides at the latest at the bake's end, so a ratio is promised when, with
// all but the unluckiest 5 % of the counts that it makes, the evidence at the end is enough for a strike and the trial
// after it (strikes.h). The unlucky counts are taken where the test's own statistic is lowest: a·c − b·p is linear in
// the counts, so that is one point.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "judge/beside.h"
#include "judge/say.h"
#include "judge/statistics/alone.h"
#include "judge/statistics/counts.h"

namespace davy::judge {
namespace {

constexpr double kHighestRatio = 1000;
// Clients unknown, what one error says is taken for a part of what it would: until errors were seen to come singly, in
// strikes.h, counts.h and blocks.h together about so much; over a long bake what one client may make (Loops).
constexpr double kOfStrangers = 5;
constexpr double kUnlucky = 1.96, kOften = 0.975;  // standard deviations for one in 40: more than promised

// The largest count that is reached so often.
double unlucky_count(double mean) {
  if (mean > 500) return mean - kUnlucky * std::sqrt(mean);
  std::uint64_t n = 0;
  while (poisson_tail(n + 1, mean) >= kOften) ++n;
  return static_cast<double>(n);
}

struct Bakes {
  double requests, share, errors, enough, worse_by;  // the service's; errors: rate of the baseline
  double deflation = 1;

  bool sees(double ratio) const {
    double own = requests * share * std::min(errors * ratio, 1.0), other = requests * (1 - share) * errors;
    double b = std::log1p(share * (ratio - 1)), a = std::log(ratio) - b;
    double deviation = std::sqrt(a * a * own + b * b * other);
    double c = std::min(own - kUnlucky * a * own / deviation, unlucky_count(own));
    double p = other + std::max(kUnlucky * b * other / deviation, other < 5 && share < 1 ? 1.0 : 0.0);
    if (c <= 0) return false;
    return decides(c, p);
  }

  bool decides(double own, double other) const {
    RatioMixture test(rate_ratios(Sided::candidate_worse), 1 + worse_by);
    Split s{std::floor(own), std::ceil(other), share, std::floor(requests * share), std::floor(requests * (1 - share))};
    test.see(s, deflation, Duration(1));
    return test.evidence() >= enough;
  }
};

// Upwards to two figures: a promise is rounded to the careful side.
double rounded_up(double r) {
  double unit = std::pow(10, std::floor(std::log10(r)) - 1);
  return std::ceil(r / unit - 1e-9) * unit;
}

double smallest_ratio(const Bakes& bakes) {
  double low = 1, high = std::min(kHighestRatio, 1 / bakes.errors);
  if (!bakes.sees(high)) return 0;
  while (high / low > 1.001) (bakes.sees(std::sqrt(low * high)) ? high : low) = std::sqrt(low * high);
  auto ratio = rounded_up(high);
  return ratio * bakes.errors <= 1 ? ratio : high;
}

std::string strangers_said(const Sight& s) {
  if (s.ratio_of_strangers == 0) return ", none where the log tells no clients";
  return fmt::format(", {:.2g} times that where the log tells no clients", rounded_up(s.ratio_of_strangers / s.ratio));
}

std::string blind_said(double requests) {
  if (requests < 100) return "; blind to p95 and p99";
  return requests < 1000 ? "; blind to p99" : "";
}

}  // namespace

// Strike and trial begin from nothing each, and each has its own way to the ratio; what comes in the moment between
// them does not count.
constexpr double kTwoWays = 4;
double enough_for(double alpha, double worse_by) {
  Setup setup{.subjects = {{}}, .alpha = alpha};
  Strikes strikes(rate_ratios(Sided::candidate_worse), 1 + worse_by, alpha_of(setup).errors / 2);
  return kTwoWays * strikes.bound_of_strike() * strikes.bound_of_trial();
}

// Nobody serves beside it (statistics/alone.h).
std::string alone_said(double own, double errors) {
  constexpr double kEnough = 20;
  if (own < kEnough) return "too few to see error rates";
  double rate = std::max(Alone::kFloor, Alone::kTimes * errors);
  if (rate >= 1) return "the previous release fails too much to be compared with";
  return fmt::format("nobody beside it: sees error rates above {:.2g}% and {:.2g} x those of before", 100 * rate,
                     Alone::kTimes);
}

// A baseline without errors is taken for one in as many requests as the bake will see of it.
Sight sight(double requests_per_second, Ratio share, Duration bake, double baseline_error_rate, double alpha,
            Ratio worse_by, bool first_release) {
  double all = requests_per_second * seconds(bake), own = all * share.value;
  Sight out{.requests = own};
  auto begins = fmt::format("{} requests at {}: ", thousands(static_cast<std::uint64_t>(own)), human(share));
  if (share.value >= 1 || share.value <= 0 || all < 1) {
    out.sentence = begins + (own < 1         ? "sees nothing"
                             : first_release ? "no previous release: thresholds only"
                                             : alone_said(own, baseline_error_rate));
    out.sentence += blind_said(own);
    return out;
  }
  bool clean = baseline_error_rate <= 0;
  double errors = clean ? std::min(0.5, 1 / all) : std::min(baseline_error_rate, 1.0);
  double compared = all * std::max(0.5, 1 - seconds(Strikes::kMoment) / std::max(seconds(bake), 1.0));
  Bakes bakes{compared, share.value, errors, enough_for(alpha, worse_by.value), worse_by.value};
  out.ratio = smallest_ratio(bakes);
  bakes.deflation = std::max(kOfStrangers, Loops::deflation(requests_per_second * share.value, seconds(bake)));
  out.ratio_of_strangers = smallest_ratio(bakes);
  auto rate = fmt::format("{:.2g}%", rounded_up(std::min(1.0, std::max(out.ratio * errors, 1e-12))) * 100);
  if (out.ratio == 0)
    out.sentence = begins + "too few to tell error rates apart";
  else if (clean)
    out.sentence = fmt::format("{}sees error rates from {}", begins, rate);
  else
    out.sentence = fmt::format("{}sees error rates >= {:.2g} x the baseline ({})", begins, out.ratio, rate);
  if (out.ratio > 0) out.sentence += strangers_said(out);
  out.sentence += blind_said(own);
  return out;
}

}  // namespace davy::judge
