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

constexpr double kEnoughByChance = 10;  // moves, to tell how clients are routed
constexpr double kMostOfBurst = 10;     // of one window, where clients are unknown

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
  into.newcomers += c.newcomers, into.returns += c.returns, into.moved += c.moved, into.spent += c.spent;
  into.errors_took = std::max(into.errors_took, c.errors_took);
  into.known = into.known || c.known;
}

Duration longest_error(const Tally& t) {
  for (auto power = t.aged.size(); power > 0; --power)
    if (t.aged[power - 1].errors > 0) return std::chrono::seconds(std::int64_t{1} << power);
  return {};
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
          .spent = t.after_error,
          .errors_took = longest_error(t),
          .endpoints = endpoints_of(t, &Part::errors, &Part::error_clients)};
}

Count client_errors_of(const Tally& t) {
  auto out = trouble_of(t);
  out.requests = t.requests, out.clients = t.client_error_clients, out.spent = t.after_client_error;
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
  constexpr double kMemory = 7.5, kLongMemory = 60, kTenMinutes = 600;
  double keep = std::exp(-seconds(length) / kMemory), keep_long = std::exp(-seconds(length) / kLongMemory);
  requests_ = requests_ * keep + real(candidate.requests + previous.requests);
  repeats_ = repeats_ * keep + real(candidate.repeats + previous.repeats);
  spent_ = spent_ * keep + real(candidate.spent + previous.spent);
  double share = share_of(candidate, previous);
  moves_ = moves_ * keep_long + real(candidate.moved + previous.moved);
  by_chance_ = by_chance_ * keep_long + 2 * share * (1 - share) * real(candidate.returns + previous.returns);
  auto visits = [](const Count& c) { return real(c.requests - std::min(c.requests, c.returns)); };
  own_visits_ = own_visits_ * keep_long + visits(candidate);
  visits_ = visits_ * keep_long + visits(candidate) + visits(previous);
  double keep_new = std::exp(-seconds(length) / kTenMinutes);
  own_new_ = own_new_ * keep_new + real(candidate.newcomers);
  new_ = new_ * keep_new + real(candidate.newcomers + previous.newcomers);
  known_ = known_ || candidate.known || previous.known;
}

bool Crowd::few() const {
  if (!known_ || 2 * spent_ > requests_) return true;
  constexpr double kOften = 5, kFew = 30;
  double per_request = requests_ == 0 ? 0 : repeats_ / requests_;  // what the client of a request makes in all
  return per_request >= kOften && requests_ / per_request < kFew;
}

// A release has one server or several, so by chance at least so many would have met another one.
bool Crowd::sticky() const {
  constexpr double kSeldom = 4;
  return by_chance_ >= kEnoughByChance && moves_ * kSeldom < by_chance_;
}

bool Crowd::moves() const { return by_chance_ >= kEnoughByChance && 2 * moves_ >= by_chance_; }

std::optional<double> Crowd::share_of_clients() const {
  constexpr double kEnough = 50;
  if (visits_ < kEnough) return {};
  auto share = [](double own, double all) { return (own + 0.5) / (all + 1); };
  double of_visits = share(own_visits_, visits_);
  return new_ < kEnough ? of_visits : std::max(of_visits, share(own_new_, new_));
}

CountTest::CountTest(double alpha, Sided sides, double worse_by)
    : alpha_(alpha), mixture_(rate_ratios(sides), 1 + worse_by) {}

void CountTest::drop_pending() {
  crowd_.forget_share();
  pending_own_ = pending_other_ = {}, pending_ = {}, strata_.drop();
}

Counted* CountTest::see(const Count& candidate, const Count& previous, Duration length) {
  known_rate_ = previous_.requests == 0 ? 0 : errors().other / real(previous_.requests);
  sum(candidate_, candidate), sum(previous_, previous);
  sum(pending_own_, candidate), sum(pending_other_, previous);
  pending_ += length, seen_ += length;
  gather(candidate, 0), gather(previous, 1);
  ready_ = strata_.take_ready();
  if (ready_.empty()) return nullptr;
  crowd_.see(pending_own_, pending_other_, pending_);
  work_out_counted();
  mixture_.see(RatioMixture::deflated(counted_.log_factors, counted_.deflation), counted_.length,
               by_client() ? RatioMixture::kUncapped : kMostOfBurst);
  for (std::size_t side = 0; side < 2 && !by_client(); ++side) {
    std::uint64_t errors = 0;
    for (auto& pair : ready_) errors += pair[side].errors;
    dispersion_[side].see(errors);
  }
  pending_own_ = pending_other_ = {}, pending_ = {};
  decided_ = decided_ || mixture_.evidence() >= bound();
  return &counted_;
}

void CountTest::gather(const Count& c, std::size_t side) {
  Count::Part rest{c.requests, c.errors, c.clients};
  for (auto& [name, part] : c.endpoints) {
    strata_.add(name, side, part);
    rest.requests -= std::min(rest.requests, part.requests), rest.errors -= std::min(rest.errors, part.errors);
    rest.clients -= std::min(rest.clients, part.clients);
  }
  if (rest.requests > 0) strata_.add("", side, rest);
}

// Where clients stay, it is clients who were sent at random, whatever they ask for.
void CountTest::work_out_counted() {
  auto& out = counted_;
  out.parts.clear();
  out.split = {}, out.own_requests = out.other_requests = 0, out.errors_took = pending_own_.errors_took;
  out.deflation = dispersion(), out.length = pending_;
  auto by = by_client() ? &Count::Part::clients : &Count::Part::errors;
  for (auto& [own, other] : ready_) {
    double mine = real(own.requests), theirs = real(other.requests);
    out.parts.push_back({real(own.*by), real(other.*by), mine / (mine + theirs), mine, theirs, known_rate_});
    out.split.own += real(own.*by), out.split.other += real(other.*by);
    out.own_requests += mine, out.other_requests += theirs;
  }
  out.split.own_requests = out.own_requests, out.split.other_requests = out.other_requests;
  out.split.rate = known_rate_;
  out.split.share = out.own_requests / (out.own_requests + out.other_requests);
  auto share = crowd_.sticky() && by_client() ? crowd_.share_of_clients() : std::nullopt;
  if (share) {
    out.split.share = *share, out.split.own_requests = out.split.other_requests = 0;
    out.parts = {out.split};
  }
  out.log_factors = mixture_.log_factors(out.parts, 1);
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
