#include "judge/rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace davy::judge {
namespace {

using spec::Operator;

// It is looked at ten times a second, so chance has many tries.
constexpr double kNoise = 0.001;
constexpr double kNever = 1e-6;  // not in days of looks
constexpr double kLeftToChance = 0.05;
constexpr const char* kChance = "it may be chance so far";

bool counts_errors(const spec::Condition& c) { return c.series == "error_rate" || c.series == "errors"; }

bool asks_for_more(const spec::Condition& c) { return c.op == Operator::greater || c.op == Operator::greater_equal; }

// Of so many requests so many were what a condition with a threshold is about: errors, or answers slower than it. More
// than `limit` of them break it.
struct Events {
  double events = 0, requests = 0, limit = 0;
};
std::optional<Events> events_of(const spec::Condition& c, const Tally& t) {
  auto real = [](std::uint64_t n) { return static_cast<double>(n); };
  if (c.series == "error_rate") return Events{real(t.trouble()), real(t.attempts()), c.value.value};
  if (c.series == "client_error_rate") return Events{real(t.client_errors), real(t.requests), c.value.value};
  auto q = c.series == "latency" ? quantile_of_field(c.field) : std::nullopt;
  if (!q || *q >= 1) return {};
  auto beyond = Sketch::bucket_of(Duration(static_cast<std::int64_t>(c.value.value * 1e9))) + 1;
  return Events{real(t.latency.count_from(beyond)), real(t.latency.count()), 1 - *q};
}

// 15 errors at the rate of the previous release would be no surprise: then the difference is noise.
bool differs_by_noise(const Stand& on) {
  auto own = on.rolling.tally(on.subject.candidate.id), other = on.rolling.tally(on.subject.previous.id);
  if (!own || !other || other->trouble() < on.least.errors) return false;
  double rate = static_cast<double>(other->trouble()) / static_cast<double>(other->attempts());
  return poisson_tail(own->trouble(), rate * static_cast<double>(own->attempts())) > kNoise;
}

// A rule without `for` is to act at once, and does; one with it has the time to ask.
bool may_ask(const spec::Condition& c) { return c.held > Duration{}; }

// The previous release is above it by more than chance: where 4 % fail, one of them is above 5 % every other minute.
bool surely_breaks(const spec::Condition& c, const Stand& on) {
  auto other = on.rolling.tally(on.subject.previous.id);
  auto theirs = other ? events_of(c, *other) : std::nullopt;
  return !theirs || binomial_at_least(theirs->events, theirs->requests, theirs->limit) < kNoise;
}

// An absolute threshold is broken by chance as well: where one request in fifty fails, 4 of 60 do in every fortieth
// minute, and that is above 5 %. Beside the previous release the tests know (proven): they count a client once. Else
// there must be more than chance makes, of a release as it was beside or before, or that fails just as often as is
// allowed. Where nothing is known of any other, the rule is what there is.
bool by_chance(const spec::Condition& c, const Stand& on, const Reading& previous, std::optional<bool> proven) {
  auto own = on.rolling.tally(on.subject.candidate.id);
  if (!asks_for_more(c) || !own || !may_ask(c)) return false;
  if (on.concurrent()) {
    if (c.series != "errors" && c.series != "client_errors" && compared(c, previous) == Holds::yes &&
        surely_breaks(c, on))
      return false;
    if (proven) return !*proven;
  }
  auto& before = on.baselines.before;
  auto other = on.concurrent() ? on.rolling.tally(on.subject.previous.id)
               : before && before->releases.contains(on.subject.previous.id)
                   ? &before->releases.at(on.subject.previous.id)
                   : nullptr;
  auto mine = events_of(c, *own), theirs = other ? events_of(c, *other) : std::nullopt;
  if (!mine || !theirs || theirs->requests < static_cast<double>(on.least.requests)) return false;
  double rate = std::min(theirs->limit, highest_rate(theirs->events, theirs->requests, kLeftToChance));
  return binomial_at_least(mine->events, mine->requests, rate) > kNever;
}

// An absolute number of errors says nothing beside a release with twenty times the traffic; shares and times do. Where
// nobody serves beside, what the previous release broke in the minute before is not the candidate's either.
bool as_sick(const spec::Condition& c, const Stand& on, const Reading& previous) {
  if (c.relative() || previous.of_service || (!on.concurrent() && !find_traffic_series(c.series))) return false;
  if (counts_errors(c) && on.errors && on.errors->decided()) return false;
  bool too = c.series != "errors" && compared(c, previous) == Holds::yes;
  return too || (on.concurrent() && counts_errors(c) && !may_ask(c) && differs_by_noise(on));
}

Reading baseline_of(const spec::Condition& c, const Stand& on) {
  if (may_be_beside(c) && on.concurrent()) {
    auto out = read(c, on.rolling, on.subject.previous.id, on.least);
    auto own = on.rolling.tally(on.subject.candidate.id), other = on.rolling.tally(on.subject.previous.id);
    if (out.counted && out.number && !out.of_service) out.number = at_traffic_of(own, other, *out.number);
    if (out.number || out.word || c.relative()) return out;  // else too few came to it of late: what it was before
  }
  if (auto found = on.baselines.find(c, on.rolling.now()))
    return read_recorded(c, *found, on.subject.previous.id, on.least, on.rolling.over());
  return {.lacking = on.baselines.lacking(c)};
}

// "Twice the previous release" is a comparison, and few errors are twice as few by chance every other minute. Beside
// each other a test says so. Against what was recorded, the errors must be more than chance makes of that rate.
std::string doubtful(const spec::Condition& c, const Stand& on, const Finding& f, std::optional<bool> proven) {
  if (f.seen.of_service) return "";
  if (!c.relative()) return by_chance(c, on, f.baseline, proven) ? kChance : "";
  auto own = on.rolling.tally(on.subject.candidate.id);
  if (!asks_for_more(c) || !own) return "";
  bool of_errors = counts_errors(c), of_client_errors = c.series == "client_error_rate";
  auto errors = of_errors ? own->trouble() : own->client_errors;
  if ((of_errors || of_client_errors) && errors < on.least.errors)
    return fmt::format("{} of {} errors", errors, on.least.errors);
  if (proven && on.concurrent()) return *proven ? "" : kChance;
  if (c.series != "error_rate" && !of_client_errors) return "";
  auto before = static_cast<double>(std::max<std::uint64_t>(f.baseline.requests, 1));
  double rate = highest_rate(std::round(*f.baseline.number * before), before, kLeftToChance) * c.value.value;
  auto requests = static_cast<double>(of_errors ? own->attempts() : own->requests);
  return binomial_at_least(static_cast<double>(errors), requests, std::min(rate, 1.0)) > kNoise ? kChance : "";
}

}  // namespace

bool Held::see(Holds holds, Time now) {
  if (holds != Holds::yes) {
    since_.reset();
    return false;
  }
  if (!since_) since_ = now;
  return now - *since_ >= needed_;
}

void Held::skip(Duration unobserved) {
  if (since_) *since_ += unobserved;
}

bool Stand::concurrent() const { return !subject.previous.none() && rolling.tally(subject.previous.id); }

Holds compared(const spec::Condition& c, const Reading& seen, double bound_scale) {
  auto told = [](bool yes) { return yes ? Holds::yes : Holds::no; };
  if (c.op == Operator::is && seen.word) return told(*seen.word == c.word);
  if (c.op == Operator::is_not && seen.word) return told(*seen.word != c.word);
  bool wants_word = c.op == Operator::is || c.op == Operator::is_not;
  if (wants_word || !seen.number || !std::isfinite(*seen.number)) return Holds::cannot_tell;
  if (c.op == Operator::rises) return told(*seen.number > 0);
  spec::Condition bare;  // no texts to copy: this runs ten times a second for every rule
  bare.op = c.op == Operator::grows ? Operator::greater : c.op == Operator::grows_less ? Operator::less : c.op;
  bare.value = {c.value.value * bound_scale, c.value.unit};
  bare.high = {c.high.value * bound_scale, c.high.unit};
  return told(spec::compare(*seen.number, bare));
}

Finding find(const spec::Condition& c, const Stand& on, std::optional<bool> proven) {
  Finding out{.seen = read(c, on.rolling, on.subject.candidate.id, on.least), .baseline = baseline_of(c, on)};
  if (c.relative() && !out.baseline.number) {
    out.seen.lacking = "the baseline has " + out.baseline.lacking;
    return out;
  }
  double scale = c.relative() ? *out.baseline.number : 1;
  out.bound = c.value.value * scale;
  out.holds = compared(c, out.seen, scale);
  if (out.holds == Holds::yes)
    if (auto doubt = doubtful(c, on, out, proven); !doubt.empty())
      out.holds = Holds::cannot_tell, out.seen.lacking = std::move(doubt);
  out.as_sick = out.holds == Holds::yes && as_sick(c, on, out.baseline);
  return out;
}

Kind kind_of(run::Consequence then) {
  return then == run::Consequence::roll_back ? Kind::roll_back
         : then == run::Consequence::hold    ? Kind::hold
                                             : Kind::keep_watching;
}

Kind kind_of(run::Consequence then, const Finding& found) {
  return found.as_sick && then == run::Consequence::roll_back ? Kind::hold : kind_of(then);
}

}  // namespace davy::judge
