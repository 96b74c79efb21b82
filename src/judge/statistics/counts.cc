#include "judge/statistics/counts.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace davy::judge {
namespace {

// The worse ones first; the other half are their inverses, for shifts both ways.
constexpr std::array kRatios{1.25,     1.5,     2.0,     3.0,     5.0,     10.0,     25.0,     50.0,     100.0,
                             1 / 1.25, 1 / 1.5, 1 / 2.0, 1 / 3.0, 1 / 5.0, 1 / 10.0, 1 / 25.0, 1 / 50.0, 1 / 100.0};

std::span<const double> ratios(Sided sides) {
  std::span all(kRatios);
  return sides == Sided::candidate_worse ? all.first(kRatios.size() / 2) : all;
}

double real(std::uint64_t n) { return static_cast<double>(n); }

// The candidate's realised share of what was requested.
double share_of(const Count& candidate, const Count& previous) {
  return real(candidate.requests) / real(candidate.requests + previous.requests);
}

void sum(Count& into, const Count& c) {
  into.requests += c.requests, into.errors += c.errors, into.clients += c.clients, into.repeats += c.repeats;
}

}  // namespace

Count trouble_of(const Tally& t) {
  return {t.attempts(), t.trouble(), t.error_clients + t.redispatched, t.repeats, t.repeats + t.error_clients > 0};
}

Count client_errors_of(const Tally& t) { return {.requests = t.requests, .errors = t.client_errors}; }

// The guess, a dispersion of 2 worth 5 errors, keeps one early burst from a crowd behind a proxy from looking like
// proof: with it no single window decides at a share of 5 %, however many errors it holds, and steady failure takes
// two. The last window is taken for the top of a burst until the next one shows that it goes on.
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

// `repeats` looks back 5 to 10 s; so does this.
void Crowd::see(const Count& candidate, const Count& previous, Duration length) {
  constexpr double kMemory = 7.5;
  double keep = std::exp(-seconds(length) / kMemory);
  requests_ = requests_ * keep + real(candidate.requests + previous.requests);
  repeats_ = repeats_ * keep + real(candidate.repeats + previous.repeats);
  known_ = known_ || candidate.known || previous.known;
}

bool Crowd::few() const {
  if (!known_) return true;
  constexpr double kOften = 5, kFew = 30;
  double per_request = requests_ == 0 ? 0 : repeats_ / requests_;  // what the client of a request makes in all
  return per_request >= kOften && requests_ / per_request < kFew;
}

CountTest::CountTest(double alpha, Sided sides) : alpha_(alpha), mixture_(ratios(sides)) {}

void CountTest::see(const Count& candidate, const Count& previous, Duration length) {
  if (candidate.requests == 0 || previous.requests == 0) return;
  crowd_.see(candidate, previous, length);
  sum(candidate_, candidate), sum(previous_, previous);
  seen_ += length;
  if (!by_client()) dispersion_[0].see(candidate.errors), dispersion_[1].see(previous.errors);
  auto by = by_client() ? &Count::clients : &Count::errors;
  mixture_.see({real(candidate.*by), real(previous.*by), share_of(candidate, previous)}, dispersion(), length);
  decided_ = decided_ || mixture_.evidence() >= bound();
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

std::optional<Outlook> CountTest::outlook() const {
  double own = real(by_client() ? candidate_.clients : candidate_.errors);
  double others = real(by_client() ? previous_.clients : previous_.errors);
  if (decided_ || own == 0) return {};
  double share = share_of(candidate_, previous_);  // had there been so many more errors at the split so far
  auto enough = [&](double more) {
    return mixture_.evidence({more, more * others / own, share}, dispersion()) >= bound();
  };
  double high = 1;
  while (!enough(high))
    if ((high *= 2) > 1e7) return {};
  for (double low = high / 2; high - low > 0.5;) (enough((low + high) / 2) ? high : low) = (low + high) / 2;
  double more = std::ceil(high);
  return Outlook{more, Duration(static_cast<std::int64_t>(1e9 * seconds(seen_) * more / own))};
}

}  // namespace davy::judge
