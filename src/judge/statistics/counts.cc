#include "judge/statistics/counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "judge/statistics/binomial.h"

namespace davy::judge {
namespace {

// The worse ones first; the other half are their inverses, for shifts both ways.
constexpr std::array kRatios{1.25,     1.5,     2.0,     3.0,     5.0,     10.0,     25.0,     50.0,     100.0,
                             1 / 1.25, 1 / 1.5, 1 / 2.0, 1 / 3.0, 1 / 5.0, 1 / 10.0, 1 / 25.0, 1 / 50.0, 1 / 100.0};

constexpr double kMostOfBurst = 10;  // of one window, where clients are unknown

double real(std::uint64_t n) { return static_cast<double>(n); }

// The candidate's realised share of what was requested.
double share_of(const Count& candidate, const Count& previous) {
  return real(candidate.requests) / real(candidate.requests + previous.requests);
}

void sum(Count& into, const Count& c) {
  into.requests += c.requests, into.errors += c.errors, into.clients += c.clients, into.repeats += c.repeats;
  into.newcomers += c.newcomers, into.returns += c.returns, into.moved += c.moved;
  into.known = into.known || c.known;
}

}  // namespace

Count trouble_of(const Tally& t) {
  return {.requests = t.attempts(),
          .errors = t.trouble(),
          .clients = t.error_clients + t.redispatched,
          .repeats = t.repeats,
          .known = t.repeats + t.error_clients > 0,
          .newcomers = t.newcomers,
          .returns = t.returns,
          .moved = t.moved};
}

Count client_errors_of(const Tally& t) {
  auto out = trouble_of(t);
  out.requests = t.requests, out.clients = t.client_error_clients;
  out.errors = t.client_errors - std::min(t.limited, t.client_errors);
  out.known = t.client_error_clients > 0;  // not every source counts by client
  return out;
}

Count aborts_of(const Tally& t) { return {.requests = t.requests, .errors = t.aborts}; }

std::span<const double> rate_ratios(Sided sides) {
  std::span all(kRatios);
  return sides == Sided::candidate_worse ? all.first(kRatios.size() / 2) : all;
}

// The guess, a dispersion of 2 worth 5 errors, keeps one early burst from a crowd behind a proxy from looking like
// proof. The last window is taken for the top of a burst until the next one shows that it goes on.
double Dispersion::value() const {
  constexpr double kGuess = 2, kWorth = 5;
  return std::max(1.0, (kGuess * kWorth + squares_ + last_ * last_ / 2) / (kWorth + errors_));
}

void Dispersion::see(std::uint64_t errors) {
  auto now = real(errors);
  squares_ += (now - last_) * (now - last_) / 2;
  errors_ += now;
  last_ = now;
}

// `repeats` looks back 5 to 10 s; so does this. Whether clients stay is remembered for a minute.
void Crowd::see(const Count& candidate, const Count& previous, Duration length) {
  constexpr double kMemory = 7.5, kLongMemory = 60;
  double keep = std::exp(-seconds(length) / kMemory), keep_long = std::exp(-seconds(length) / kLongMemory);
  requests_ = requests_ * keep + real(candidate.requests + previous.requests);
  repeats_ = repeats_ * keep + real(candidate.repeats + previous.repeats);
  double share = share_of(candidate, previous);
  moves_ = moves_ * keep_long + real(candidate.moved + previous.moved);
  by_chance_ = by_chance_ * keep_long + 2 * share * (1 - share) * real(candidate.returns + previous.returns);
  own_clients_ += real(candidate.newcomers), clients_ += real(candidate.newcomers + previous.newcomers);
  known_ = known_ || candidate.known || previous.known;
}

bool Crowd::few() const {
  if (!known_) return true;
  constexpr double kOften = 5, kFew = 30;
  double per_request = requests_ == 0 ? 0 : repeats_ / requests_;  // what the client of a request makes in all
  return per_request >= kOften && requests_ / per_request < kFew;
}

// A release has one server or several, so by chance at least so many would have met another one.
bool Crowd::sticky() const {
  constexpr double kEnough = 10, kSeldom = 4;
  return by_chance_ >= kEnough && moves_ * kSeldom < by_chance_;
}

std::optional<double> Crowd::share_of_clients() const {
  constexpr double kEnough = 20;
  if (clients_ < kEnough) return {};
  return (own_clients_ + 0.5) / (clients_ + 1);
}

CountTest::CountTest(double alpha, Sided sides, double worse_by)
    : alpha_(alpha), mixture_(rate_ratios(sides), 1 + worse_by) {}

void CountTest::drop_pending() { pending_own_ = pending_other_ = {}, pending_ = {}; }

std::optional<Counted> CountTest::see(const Count& candidate, const Count& previous, Duration length) {
  sum(candidate_, candidate), sum(previous_, previous);
  sum(pending_own_, candidate), sum(pending_other_, previous);
  pending_ += length, seen_ += length;
  if (waits_in_vain(pending_own_.requests, pending_other_.requests)) drop_pending();
  if (!enough_gathered(pending_own_.requests, pending_other_.requests)) return {};
  crowd_.see(pending_own_, pending_other_, pending_);
  auto out = counted(pending_own_, pending_other_, pending_);
  mixture_.see(out.split, out.deflation, out.length, by_client() ? RatioMixture::kUncapped : kMostOfBurst);
  if (!by_client()) dispersion_[0].see(pending_own_.errors), dispersion_[1].see(pending_other_.errors);
  drop_pending();
  decided_ = decided_ || mixture_.evidence() >= bound();
  return out;
}

Counted CountTest::counted(const Count& candidate, const Count& previous, Duration length) const {
  auto by = by_client() ? &Count::clients : &Count::errors;
  Split split{real(candidate.*by), real(previous.*by), share_of(candidate, previous), real(candidate.requests),
              real(previous.requests)};
  if (crowd_.sticky() && by_client())
    if (auto share = crowd_.share_of_clients()) split.share = *share, split.own_requests = split.other_requests = 0;
  return {split, dispersion(), length, real(candidate.requests), real(previous.requests)};
}

double CountTest::dispersion() const {
  return by_client() ? 1 : std::max(dispersion_[0].value(), dispersion_[1].value());
}

double CountTest::evidence() const { return mixture_.evidence(); }

bool CountTest::from_start() const { return mixture_.from_start(); }

double CountTest::ratio() const {
  if (candidate_.errors == 0) return 0;
  auto rate = [](const Count& c) { return real(c.errors) / real(c.requests); };
  return previous_.errors == 0 ? INFINITY : rate(candidate_) / rate(previous_);
}

// The ratio at which so many of all errors, or more, would be the candidate's once in a thousand.
double ratio_surely(const Split& s, double deflation) {
  constexpr double kSurely = 0.001, kHighest = 1e6;
  double own = std::floor(s.own / deflation), other = std::ceil(s.other / deflation), low = 0, high = kHighest;
  if (own < 1 || s.share >= 1) return 0;
  for (int i = 0; i < 60; ++i) {
    double r = (low + high) / 2;
    (binomial_at_least(own, own + other, r * s.share / (1 - s.share + r * s.share)) < kSurely ? low : high) = r;
  }
  return low;
}

double CountTest::ratio_surely() const {
  auto by = by_client() ? &Count::clients : &Count::errors;
  if (candidate_.requests == 0) return 0;
  return judge::ratio_surely({real(candidate_.*by), real(previous_.*by), share_of(candidate_, previous_)},
                             dispersion());
}

std::optional<Outlook> CountTest::outlook() const {
  double own = real(by_client() ? candidate_.clients : candidate_.errors);
  double others = real(by_client() ? previous_.clients : previous_.errors);
  if (decided_ || own == 0 || previous_.requests == 0) return {};
  double share = share_of(candidate_, previous_);  // had there been so many more errors at the split so far
  auto enough = [&](double more) {
    return mixture_.evidence(Split{more, more * others / own, share}, dispersion()) >= bound();
  };
  double high = 1;
  while (!enough(high))
    if ((high *= 2) > 1e7) return {};
  for (double low = high / 2; high - low > 0.5;) (enough((low + high) / 2) ? high : low) = (low + high) / 2;
  double more = std::ceil(high);
  return Outlook{more, Duration(static_cast<std::int64_t>(1e9 * seconds(seen_) * more / own))};
}

}  // namespace davy::judge
