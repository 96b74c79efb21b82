#include "judge/statistics/alone.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

using namespace std::chrono_literals;

// Rates between the bound and one, as parts of the way.
constexpr std::array kOfTheWay{0.05, 0.15, 0.4, 0.7, 0.95, 0.999};
constexpr double kHighest = 0.8;  // of the bound: above that nothing can be told
constexpr Duration kMemory = 10min;
constexpr double kAll = 0.95, kOfLate = 50;  // requests by which the share is known
constexpr double kEnough = 20;               // requests of the previous release that tell how it does
constexpr double kPlenty = 1000;             // and of so many the newest ten minutes do
constexpr double kMany = 20, kSpent = 5;     // errors; of them so many for each that was a client's first
constexpr double kSeconds = 3, kSurely = 10;

double real(std::uint64_t n) { return static_cast<double>(n); }

void add(Alone::Failed& to, const Count& c) { to.errors += real(c.errors), to.requests += real(c.requests); }

}  // namespace

Alone::Alone(double alpha, const Count& before) : strikes_(kOfTheWay, 1, alpha), unevenness_(Measured::bursts) {
  add(reference_, before);
}

// By the rate that the previous release had as likely as not; of a few requests that would be any.
double Alone::bound_on_rate() const {
  if (bound_) return *bound_;
  bool few = reference_.requests < kEnough;
  double rate = few ? reference_.rate() : highest_rate(reference_.errors, reference_.requests, 0.5);
  bound_ = std::max(kFloor, kTimes * rate);
  return *bound_;
}

bool Alone::has_all(const Count& candidate, const Count& previous, std::optional<double> asked) {
  double now = real(candidate.requests + previous.requests), keep = std::exp(-now / kOfLate);
  own_ = own_ * keep + real(candidate.requests), all_ = all_ * keep + now;
  return asked ? *asked >= kAll : all_ >= kEnough && own_ >= kAll * all_;
}

// Between a strike and the trial it is what the crossing shows.
void Alone::learn(const Count& previous, Duration length) {
  if (strikes_.phase() == Strikes::Phase::moment) return add(between_, previous);
  if (previous.requests == 0) return;
  bound_.reset();
  if (reference_.requests > kPlenty) {
    double keep = std::exp(-seconds(length) / seconds(kMemory));
    reference_.errors *= keep, reference_.requests *= keep;
  }
  add(reference_, previous);
}

void Alone::remember(const Count& candidate, Duration length) {
  if (strikes_.phase() == Strikes::Phase::watching) {
    double keep = std::exp(-seconds(length) / kSeconds);
    latest_.errors *= keep, latest_.requests *= keep, firsts_ *= keep;
  }
  add(latest_, candidate);
  firsts_ += real(candidate.clients);
}

void Alone::see(const Count& candidate, const Count& previous, std::optional<double> asked, Duration length) {
  if (decided()) return;
  bool all = has_all(candidate, previous, asked);
  bool away = asked ? *asked <= 0 : candidate.requests == 0 && previous.requests > 0;
  learn(previous, length);
  // A second without a request is none without users.
  if (strikes_.pass(away ? 0 : std::max<std::uint64_t>(candidate.requests, 1), length, Strikes::kLongMoment))
    latest_ = {}, firsts_ = 0;
  bool can_tell = all && candidate.requests > 0 && bound_on_rate() <= kHighest;
  if (!can_tell || strikes_.phase() == Strikes::Phase::moment) return;
  crowd_.see(candidate, {}, length);
  remember(candidate, length);
  auto c = counted(candidate, length);
  c.log_factors = factors(c);
  strikes_.see(c);
}

// Once most clients have failed, first errors tell nothing any more, and there is more than one that fails again.
bool Alone::by_client() const {
  bool spent = latest_.errors >= kMany && latest_.errors > kSpent * firsts_ && latest_.rate() > 0.5;
  return !crowd_.few() && !spent;
}

Counted Alone::counted(const Count& candidate, Duration length) {
  bool clients = by_client();
  double n = real(candidate.requests), e = std::min(n, real(clients ? candidate.clients : candidate.errors));
  Counted out{.split = {.own = e, .own_requests = n},
              .parts = {},
              .length = length,
              .own_requests = n,
              .errors_took = candidate.errors_took};
  if (!clients && on_trial())
    out.deflation = std::max(dispersion_.value(), unevenness_.deflation());
  else if (!clients && !Strikes::nothing_well(out))
    out.deflation = dispersion_.value();
  measure(n, e, length);
  return out;
}

void Alone::measure(double requests, double errors, Duration length) {
  double bound = bound_on_rate();
  step_ += errors - requests * bound;
  variance_ += errors * (1 - bound) * (1 - bound) + (requests - errors) * bound * bound;
  block_ += length;
  dispersion_.see(static_cast<std::uint64_t>(errors));
  if (block_ < Blocks::kLength) return;
  unevenness_.see(std::exchange(step_, 0), std::exchange(variance_, 0));
  block_ = {};
}

RatioMixture::Each Alone::factors(const Counted& c) const {
  RatioMixture::Each out{};
  double p = bound_on_rate(), e = c.split.own, good = c.own_requests - e;
  for (std::size_t i = 0; i < kOfTheWay.size(); ++i) {
    double q = p + (1 - p) * kOfTheWay[i];
    out[i] = e * std::log(q / p) + good * std::log((1 - q) / (1 - p));
  }
  return out;
}

bool Alone::struck() {
  int before = std::exchange(told_, strikes_.strikes());
  return told_ > before && !decided();
}

Alone::Cause Alone::cause() const {
  double now =
      std::max(latest_.rate(), strikes_.recent_rate());  // what hangs ends late, and latest_ is of all that did well
  if (between_.errors >= 2 && between_.rate() * kTimes >= now) return Cause::perhaps_both;
  if (reference_.requests + between_.requests < kEnough) return Cause::nothing_to_compare;
  bool fared_better = highest_rate(between_.errors, between_.requests, 0.05) < now / 2;
  if (between_.requests > 0 && !fared_better) return Cause::perhaps_both;
  double usual = highest_rate(reference_.errors, std::max(reference_.requests, 1.0), 0.05);
  return by_client() || latest_.rate() >= kSurely * usual ? Cause::the_release : Cause::perhaps_clients;
}

}  // namespace davy::judge
