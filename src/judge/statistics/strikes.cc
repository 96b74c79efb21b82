#include "judge/statistics/strikes.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

// A strike need not be sure, only the trial after it.
constexpr double kStrike = 20, kLeastTrial = 200;
constexpr std::size_t kFewErrors = 5;  // that tell how bad the moment was
constexpr double kStandsOut = 8;       // log likelihood ratio
constexpr double kAfterAWhile = 2.5;   // the same, of a moment in all before it: once or twice in 100 by chance
constexpr double kMilder = 4;          // a rate is overrated by the strike that found it
constexpr double kAnother = 10;        // times as bad as the strike: not what it was about
constexpr double kSeveral = 3;         // requests
constexpr Duration kLongestWait = std::chrono::minutes(2);  // a time-out; a connection that breaks after hours is none
constexpr double kHardly = 0.001;                           // so few errors in a trial, if it were a quarter as bad

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
  tried_ = {}, tried_for_ = {};
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

double Strikes::Run::stands_out_of(double other) const {
  return errors * std::log(rate() / other) - (errors - requests * other);
}

// A bad moment after a good while: older errors would hide how bad it is, and the trial would wait for what comes once
// in many minutes. So the newest errors count alone where they stand out, by how much likelier two rates are than one.
Strikes::Run Strikes::latest() const {
  if (recent_.empty()) return {0, std::max(requests_, 1.0)};
  double errors = 0, told = kStandsOut;
  for (auto& one : recent_) errors += one.errors;
  auto since = [&](const Recent& one) { return Run{errors, std::max(requests_ - one.requests_before, errors)}; };
  auto all = since(recent_.front()), out = all;
  for (auto& one : recent_) {
    auto run = since(one);
    if (auto more = run.stands_out_of(all.rate()); more > told) told = more, out = run;
    errors -= one.errors;
  }
  return out;
}

double Strikes::recent_rate() const { return latest().rate(); }

// The errors of the moment against all its requests so far.
bool Strikes::did_well_before() const { return latest().stands_out_of(errors_ / requests_) > kAfterAWhile; }

// A request that hangs ends as an error when its time is out, and those that do well end at once: until as long has
// passed as an error of it took, a trial sees the latter alone, and they say nothing for it.
void Strikes::see(const Counted& c) {
  errors_took_ = std::clamp(c.errors_took, errors_took_, kLongestWait);
  if (phase_ == Phase::moment) return;
  remember(c);
  if (phase_ == Phase::trial && (tried_for_ += c.length) >= errors_took_) add(tried_, c);
  if (decided_) return;
  double most = c.deflation > 1 ? strike_ / 2 : RatioMixture::kUncapped;
  mixture_.see(RatioMixture::deflated(c.log_factors, c.deflation), c.length, most);
  if (phase_ == Phase::trial) return try_again();
  if (mixture_.evidence() < strike_) return;
  bad_rate_ = recent_rate(), was_good_ = did_well_before();
  strike();
}

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
  if (tried_for_ < errors_took_) return;
  double expected = tried_.own_requests * bad_rate_ / kMilder;
  if (1 - poisson_tail(static_cast<std::uint64_t>(tried_.own) + 1, expected) > kHardly) return;
  phase_ = Phase::watching;
  mixture_ = RatioMixture(grid_, floor_);
  ++forgotten_, believed_ = 0;
}

}  // namespace davy::judge
