#include "judge/counts.h"

#include <algorithm>
#include <cmath>

namespace davy::judge {
namespace {

constexpr std::array kRateRatios{1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 25.0, 50.0, 100.0};

double real(std::uint64_t n) { return static_cast<double>(n); }

// The candidate's realised share of what was requested.
double share_of(const Count& candidate, const Count& previous) {
  return real(candidate.requests) / real(candidate.requests + previous.requests);
}

void sum(Count& into, const Count& c) {
  into.requests += c.requests, into.errors += c.errors, into.clients += c.clients, into.repeats += c.repeats;
}

// How much of the weight is on τ > t: a quarter at the start, then falling so slowly that after two days each minute
// still has a millionth.
constexpr double kOnStart = 0.75;
double later_than(Duration t) { return (1 - kOnStart) / std::sqrt(1 + seconds(t) / 60); }

double log_sum(double a, double b) { return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b))); }

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

CountTest::CountTest(double alpha, Sided sides) : alpha_(alpha), sides_(sides) { mixed_.fill(std::log(kOnStart)); }

double CountTest::ratio_at(std::size_t i) const { return i < kRatios ? kRateRatios[i] : 1 / kRateRatios[i - kRatios]; }

// The logarithm of each ratio's factor, deflated.
CountTest::Logs CountTest::factors(double candidate_errors, double previous_errors, double share) const {
  Logs out{};
  if (candidate_errors + previous_errors == 0) return out;
  for (std::size_t i = 0; i < grid(); ++i) {
    double r = ratio_at(i);
    out[i] = candidate_errors * std::log(r) - (candidate_errors + previous_errors) * std::log1p(share * (r - 1));
    out[i] /= dispersion();
  }
  return out;
}

void CountTest::see(const Count& candidate, const Count& previous, Duration length) {
  if (candidate.requests == 0 || previous.requests == 0) return;
  crowd_.see(candidate, previous, length);
  sum(candidate_, candidate), sum(previous_, previous);
  if (!by_client()) dispersion_[0].see(candidate.errors), dispersion_[1].see(previous.errors);
  take(candidate, previous, length);
  decided_ = decided_ || log_evidence(0, 0) >= std::log(bound());
}

void CountTest::take(const Count& candidate, const Count& previous, Duration length) {
  double begins = std::log(later_than(seen_) - later_than(seen_ + length));  // τ is this window
  seen_ += length;
  auto by = by_client() ? &Count::clients : &Count::errors;
  auto factor = factors(real(candidate.*by), real(previous.*by), share_of(candidate, previous));
  for (std::size_t i = 0; i < grid(); ++i) {
    since_start_[i] += factor[i];
    mixed_[i] = log_sum(mixed_[i], begins) + factor[i];
  }
}

double CountTest::dispersion() const {
  return by_client() ? 1 : std::max(dispersion_[0].value(), dispersion_[1].value());
}

double CountTest::log_mean(const Logs& logs) const {
  double highest = *std::max_element(logs.begin(), logs.begin() + static_cast<std::ptrdiff_t>(grid())), all = 0;
  for (std::size_t i = 0; i < grid(); ++i) all += std::exp(logs[i] - highest);
  return highest + std::log(all / static_cast<double>(grid()));
}

// The logarithm of M, had there been so many more errors at the split so far.
double CountTest::log_evidence(double more_candidate, double more_previous) const {
  auto logs = mixed_;
  if (more_candidate + more_previous > 0) {
    auto more = factors(more_candidate, more_previous, share_of(candidate_, previous_));
    for (std::size_t i = 0; i < grid(); ++i) logs[i] += more[i];
  }
  return log_sum(log_mean(logs), std::log(later_than(seen_)));
}

double CountTest::evidence() const { return std::exp(std::min(log_evidence(0, 0), 700.0)); }

bool CountTest::from_start() const {
  return log_mean(since_start_) + std::log(kOnStart) >= log_mean(mixed_) - std::log(2);
}

double CountTest::ratio() const {
  if (candidate_.errors == 0) return 0;
  auto rate = [](const Count& c) { return real(c.errors) / real(c.requests); };
  return previous_.errors == 0 ? INFINITY : rate(candidate_) / rate(previous_);
}

std::optional<Outlook> CountTest::outlook() const {
  double own = real(by_client() ? candidate_.clients : candidate_.errors);
  double others = real(by_client() ? previous_.clients : previous_.errors);
  if (decided_ || own == 0) return {};
  auto enough = [&](double more) { return log_evidence(more, more * others / own) >= std::log(bound()); };
  double high = 1;
  while (!enough(high))
    if ((high *= 2) > 1e7) return {};
  for (double low = high / 2; high - low > 0.5;) (enough((low + high) / 2) ? high : low) = (low + high) / 2;
  double more = std::ceil(high);
  return Outlook{more, Duration(static_cast<std::int64_t>(1e9 * seconds(seen_) * more / own))};
}

}  // namespace davy::judge
