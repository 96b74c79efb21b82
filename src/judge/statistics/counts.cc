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

std::map<std::string, Count::Part> endpoints_of(const Tally& t, std::uint64_t Part::* errors,
                                                std::uint64_t Part::* clients) {
  std::map<std::string, Count::Part> out;
  for (auto& [name, part] : t.endpoints) out[name] = {part.requests, part.*errors, part.*clients};
  return out;
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
          .moved = t.moved,
          .endpoints = endpoints_of(t, &Part::errors, &Part::error_clients)};
}

Count client_errors_of(const Tally& t) {
  auto out = trouble_of(t);
  out.requests = t.requests, out.clients = t.client_error_clients;
  out.errors = t.client_errors - std::min(t.limited, t.client_errors);
  out.known = t.client_error_clients > 0;  // not every source counts by client
  out.endpoints = endpoints_of(t, &Part::client_errors, &Part::client_error_clients);
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

void CountTest::drop_pending() { pending_own_ = pending_other_ = {}, pending_ = {}, endpoints_.clear(); }

std::optional<Counted> CountTest::see(const Count& candidate, const Count& previous, Duration length) {
  sum(candidate_, candidate), sum(previous_, previous);
  sum(pending_own_, candidate), sum(pending_other_, previous);
  pending_ += length, seen_ += length;
  gather(candidate, 0), gather(previous, 1);
  auto pairs = ready();
  if (pairs.empty()) return {};
  crowd_.see(pending_own_, pending_other_, pending_);
  auto out = counted(pairs);
  mixture_.see(mixture_.log_factors(out.parts, out.deflation), out.length,
               by_client() ? RatioMixture::kUncapped : kMostOfBurst);
  for (std::size_t side = 0; side < 2 && !by_client(); ++side) {
    std::uint64_t errors = 0;
    for (auto& pair : pairs) errors += pair[side].errors;
    dispersion_[side].see(errors);
  }
  pending_own_ = pending_other_ = {}, pending_ = {};
  decided_ = decided_ || mixture_.evidence() >= bound();
  return out;
}

// What is in no endpoint is one by itself. More endpoints than that are the rest, too: memory stays bounded.
void CountTest::gather(const Count& c, std::size_t side) {
  Count::Part rest{c.requests, c.errors, c.clients};
  auto add = [&](Count::Part& into, const Count::Part& part) {
    into.requests += part.requests, into.errors += part.errors, into.clients += part.clients;
  };
  for (auto& [name, part] : c.endpoints) {
    if (!endpoints_.contains(name) && endpoints_.size() >= Tally::kMostEndpoints) continue;
    add(endpoints_[name][side], part);
    rest.requests -= std::min(rest.requests, part.requests), rest.errors -= std::min(rest.errors, part.errors);
    rest.clients -= std::min(rest.clients, part.clients);
  }
  if (rest.requests > 0) add(endpoints_[""][side], rest);
}

std::vector<CountTest::Pair> CountTest::ready() {
  std::vector<Pair> out;
  auto enough = endpoints_.size() == 1 ? enough_gathered : enough_gathered_of_one;
  for (auto it = endpoints_.begin(); it != endpoints_.end();) {
    auto own = it->second[0].requests, other = it->second[1].requests;
    bool closed = enough(own, other);
    if (closed) out.push_back(it->second);
    it = closed || waits_in_vain(own, other) ? endpoints_.erase(it) : std::next(it);
  }
  return out;
}

// Where clients stay, it is clients who were sent at random, whatever they ask for.
Counted CountTest::counted(const std::vector<Pair>& pairs) const {
  Counted out{.split = {}, .parts = {}, .deflation = dispersion(), .length = pending_};
  auto by = by_client() ? &Count::Part::clients : &Count::Part::errors;
  for (auto& [own, other] : pairs) {
    double mine = real(own.requests), theirs = real(other.requests);
    out.parts.push_back({real(own.*by), real(other.*by), mine / (mine + theirs), mine, theirs});
    out.split.own += real(own.*by), out.split.other += real(other.*by);
    out.own_requests += mine, out.other_requests += theirs;
  }
  out.split.own_requests = out.own_requests, out.split.other_requests = out.other_requests;
  out.split.share = out.own_requests / (out.own_requests + out.other_requests);
  if (!crowd_.sticky() || !by_client()) return out;
  if (auto share = crowd_.share_of_clients()) {
    out.split.share = *share, out.split.own_requests = out.split.other_requests = 0;
    out.parts = {out.split};
  }
  return out;
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

Split CountTest::errors() const {
  auto by = by_client() ? &Count::clients : &Count::errors;
  double own = real(candidate_.requests), other = real(previous_.requests);
  return {real(candidate_.*by), real(previous_.*by), own > 0 ? own / (own + other) : 0, own, other};
}

double CountTest::ratio_surely() const {
  return candidate_.requests == 0 ? 0 : judge::ratio_surely(errors(), dispersion());
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
