#include "judge/statistics/strikes.h"

#include <algorithm>
#include <cmath>

#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

// A strike need not be sure, only the trial after it.
constexpr double kStrike = 20, kLeastTrial = 200;
constexpr std::size_t kFewErrors = 5;  // that tell how bad the moment was
constexpr double kStandsOut = 8;       // log likelihood ratio
constexpr double kMilder = 4;          // a rate is overrated by the strike that found it
constexpr double kAnother = 10;        // times as bad as the strike: not what it was about
constexpr double kSeveral = 3;         // requests
constexpr double kHardly = 0.001;      // so few errors in a trial, if it were a quarter as bad

// The share is that of the requests, whatever it was by clients: for a ratio that only has to be about right.
void add(Split& into, const Counted& c) {
  into.own += c.split.own, into.other += c.split.other;
  into.own_requests += c.own_requests, into.other_requests += c.other_requests;
  double all = into.own_requests + into.other_requests;
  if (all > 0) into.share = into.own_requests / all;
}

}  // namespace

Strikes::Strikes(std::span<const double> grid, double floor, double alpha)
    : grid_(grid),
      floor_(floor),
      strike_(kStrike),
      trial_(std::max(kLeastTrial, 1 / (alpha * strike_))),
      mixture_(grid, floor) {}

bool Strikes::nothing_well(const Counted& c) { return c.own_requests >= kSeveral && c.split.own >= c.own_requests; }

bool Strikes::pass(std::uint64_t own_requests, Duration length, Duration moment) {
  if (phase_ != Phase::moment || decided_) return false;
  bool were_away = without_ >= kAway;
  if (own_requests == 0)
    without_ += length;
  else
    without_ = {}, with_users_ += length;
  if (!(were_away && own_requests > 0) && with_users_ < moment) return false;
  phase_ = Phase::trial;
  mixture_ = RatioMixture(grid_, floor_);
  tried_ = {};
  return true;
}

// Where clients stay, or errors are counted by client, a client's later errors are no events: the rate is of events.
void Strikes::remember(const Counted& c) {
  if (c.split.own > 0) recent_.push_back({c.split.own, requests_});
  requests_ += c.own_requests, errors_ += c.split.own;
  double errors = 0;
  for (auto& one : recent_) errors += one.errors;
  while (recent_.size() > 1 && errors - recent_.front().errors >= kFewErrors)
    errors -= recent_.front().errors, recent_.pop_front();
}

// A bad moment after a good while: older errors would hide how bad it is, and the trial would wait for what comes once
// in many minutes. So the newest errors count alone where they stand out, by how much likelier two rates are than one.
double Strikes::recent_rate() const {
  double errors = 0, told = 0;
  for (auto& one : recent_) errors += one.errors;
  auto since = [&](const Recent& one) { return std::max(requests_ - one.requests_before, 1.0); };
  double all = recent_.empty() ? 0 : errors / since(recent_.front()), out = all;
  for (auto& one : recent_) {
    double rate = errors / since(one), more = errors * std::log(rate / all) - (errors - since(one) * all);
    if (more > std::max(told, kStandsOut)) told = more, out = rate;
    errors -= one.errors;
  }
  return std::min(out, 1.0);
}

void Strikes::see(const Counted& c) { see(c, mixture_.log_factors(c.parts, c.deflation)); }

void Strikes::see(const Counted& c, const RatioMixture::Each& log_factors) {
  if (phase_ == Phase::moment) return;
  remember(c);
  if (phase_ == Phase::trial) add(tried_, c);
  if (decided_) return;
  double most = c.deflation > 1 ? strike_ / 2 : RatioMixture::kUncapped;
  mixture_.see(log_factors, c.length, most);
  if (phase_ == Phase::trial) return try_again();
  if (mixture_.evidence() < strike_) return;
  bad_rate_ = recent_rate(), was_good_ = !bad_from_the_first();
  strike();
}

// By all its requests, where hardly anything fails beside it; else by what is likelier.
bool Strikes::bad_from_the_first() const { return mixture_.from_start() && errors_ * kMilder >= bad_rate_ * requests_; }

void Strikes::strike() {
  phase_ = Phase::moment;
  ++strikes_;
  with_users_ = without_ = {};
}

void Strikes::try_again() {
  if (mixture_.evidence() >= trial_) {
    if (auto now = recent_rate(); now > kAnother * bad_rate_) return bad_rate_ = now, was_good_ = true, strike();
    if (++believed_ > forgotten_ + was_good_) return void(decided_ = true);
    return strike();
  }
  double expected = tried_.own_requests * bad_rate_ / kMilder;
  if (1 - poisson_tail(static_cast<std::uint64_t>(tried_.own) + 1, expected) > kHardly) return;
  phase_ = Phase::watching;
  mixture_ = RatioMixture(grid_, floor_);
  ++forgotten_, believed_ = 0;
}

}  // namespace davy::judge
