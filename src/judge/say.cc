#include "judge/say.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace davy::judge {
namespace {

using spec::Entry;
using spec::Value;

Entry entry(std::string key, Value v) { return {std::move(key), {}, std::move(v)}; }
Entry entry(std::string key, std::uint64_t n) {
  return {std::move(key), {}, spec::number(static_cast<std::int64_t>(n))};
}
Entry entry(std::string key, double n) { return {std::move(key), {}, real_number(n)}; }

double rate(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Two figures: 20%, 0.11%.
std::string rate_said(double share) { return share >= 0.995 ? "100%" : fmt::format("{:.2g}%", share * 100); }
std::string percent(std::uint64_t part, std::uint64_t whole) { return rate_said(rate(part, whole)); }

Value both(const Stand& on) {
  spec::Map out{entry("candidate", evidence_of(on.rolling.tally(on.subject.candidate.id), on.subject.candidate.id))};
  if (!on.subject.previous.none())
    out.push_back(entry("previous", evidence_of(on.rolling.tally(on.subject.previous.id), on.subject.previous.id)));
  out.push_back(entry("window_seconds", seconds(on.rolling.covered())));
  return spec::object(std::move(out));
}

Value test_evidence(const ErrorTest& of) {
  auto& test = of.counts();
  auto side = [](const Count& c) {
    return spec::object({entry("requests", c.requests), entry("errors", c.errors), entry("clients", c.clients)});
  };
  return spec::object({entry("evidence", test.evidence()), entry("bound", test.bound()), entry("ratio", test.ratio()),
                       entry("by_client", Value{test.by_client(), {}}), entry("sticky", Value{test.sticky(), {}}),
                       entry("dispersion", test.dispersion()), entry("candidate", side(test.candidate())),
                       entry("previous", side(test.previous()))});
}

Value with(Value object, std::string key, Value v) {
  std::get<spec::Map>(object.is).push_back(entry(std::move(key), std::move(v)));
  return object;
}

Value number_or_word(const Reading& r) {
  if (r.number) return real_number(*r.number);
  return r.word ? spec::text(*r.word) : Value{};
}

std::string reading_said(const spec::Condition& c, const Reading& r) {
  if (r.word) return *r.word;
  return r.number ? said(c, *r.number) : "unknown";
}

std::string series_said(const spec::Condition& c) { return c.field.empty() ? c.series : c.series + "." + c.field; }

// The numbers behind an error rate; other series speak for themselves.
std::string in_brackets(const spec::Condition& c, const Tally* t) {
  return c.series == "error_rate" && t ? fmt::format(" ({} in {})", thousands(t->trouble()), thousands(t->attempts()))
                                       : "";
}

// A line of what was counted.
std::string example(const spec::Condition& c, const Finding& f, const Stand& on) {
  auto word =
      f.seen.counted ? on.rolling.word(series_of(c), f.seen.of_service ? "" : on.subject.candidate.id) : nullptr;
  return word ? fmt::format("; such as: {}", *word) : "";
}

std::string against(const spec::Condition& c, const Finding& f, const Stand& on) {
  if ((!f.baseline.number && !f.baseline.word) || f.seen.of_service) return "";
  auto recorded = on.baselines.recorded.contains(c.baseline);
  if (recorded || c.baseline == "before" || !on.concurrent())
    return fmt::format(", {} {}", recorded ? c.baseline : "before the run", reading_said(c, f.baseline));
  return fmt::format(" against {}{} on {}{}", reading_said(c, f.baseline),
                     in_brackets(c, on.rolling.tally(on.subject.previous.id)), on.subject.previous_name(),
                     f.baseline.counted ? " at the same traffic" : "");
}

struct Failed {
  std::uint64_t errors, requests;
};

// The whole run when it was worse all along, else the newest minute, where it became so.
std::string two_sides(const ErrorTest& of, const Stand& on, std::string_view noun, auto&& recent) {
  auto& test = of.counts();
  auto own = on.rolling.tally(on.subject.candidate.id), other = on.rolling.tally(on.subject.previous.id);
  bool whole = test.from_start() || !own || !other;
  Failed c = whole ? Failed{test.candidate().errors, test.candidate().requests} : recent(*own);
  Failed p = whole ? Failed{test.previous().errors, test.previous().requests} : recent(*other);
  return fmt::format("{} against {} on {}{}", errors_said(c.errors, c.requests, noun),
                     errors_said_shortly(p.errors, p.requests), on.subject.previous_name(),
                     whole ? "" : " in the last " + human(on.rolling.covered()));
}

run::Consequence then_of(Kind kind) {
  return kind == Kind::roll_back ? run::Consequence::roll_back
         : kind == Kind::hold    ? run::Consequence::hold
                                 : run::Consequence::note;
}

Verdict verdict_of_test(Kind kind, const char* name, std::string sentence, const ErrorTest& test, const Stand& on) {
  auto then = then_of(kind);
  if (test.counts().sticky()) sentence += "; clients stay on the release they met, so they are compared as one each";
  return {kind, name, then, std::move(sentence), with(both(on), "test", test_evidence(test))};
}

constexpr const char* kAlone = "before-and-after test";

Failed whole(const Alone::Failed& f) {
  return {static_cast<std::uint64_t>(std::lround(f.errors)), static_cast<std::uint64_t>(std::lround(f.requests))};
}
// Older requests count for less: the rate says what the number would not.
std::string rate_of(const Alone::Failed& f) { return f.requests > 0 ? rate_said(f.rate()) : "nothing known"; }

Value alone_evidence(const Alone& test) {
  auto side = [](const Alone::Failed& f) {
    return spec::object({entry("requests", whole(f).requests), entry("errors", whole(f).errors)});
  };
  return spec::object({entry("no_news_up_to", test.bound_on_rate()), entry("candidate", side(test.latest())),
                       entry("previous", side(test.reference())), entry("previous_between", side(test.between()))});
}

std::string caveat(const Alone& test, const Stand& on) {
  switch (test.cause()) {
    case Alone::Cause::the_release:
      return "";
    case Alone::Cause::perhaps_clients:
      return "; but clients cannot be told apart, and a burst of one may look like this";
    case Alone::Cause::nothing_to_compare:
      return fmt::format("; but too little was seen of {} to compare with", on.subject.previous_name());
    case Alone::Cause::perhaps_both:
      return fmt::format("; but {} failed as well while it had the users, {}: look at what both share (the database?)",
                         on.subject.previous_name(),
                         errors_said_shortly(whole(test.between()).errors, whole(test.between()).requests));
  }
  std::unreachable();
}

}  // namespace

Value real_number(double n) {
  if (!std::isfinite(n)) return {};
  return {n, {}};
}

std::string thousands(std::uint64_t n) {
  auto digits = std::to_string(n);
  for (auto at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string errors_said(std::uint64_t errors, std::uint64_t requests, std::string_view noun) {
  return fmt::format("{} {}{} in {} request{} ({})", thousands(errors), noun, errors == 1 ? "" : "s",
                     thousands(requests), requests == 1 ? "" : "s", percent(errors, requests));
}

std::string errors_said_shortly(std::uint64_t errors, std::uint64_t requests) {
  return fmt::format("{} in {} ({})", thousands(errors), thousands(requests), percent(errors, requests));
}

Value evidence_of(const Tally* t, const std::string& release) {
  spec::Map out{entry("release", spec::text(release))};
  if (!t) return spec::object(std::move(out));
  out.push_back(entry("requests", t->requests));
  out.push_back(entry("errors", t->errors));
  if (t->redispatched) out.push_back(entry("redispatched", t->redispatched));
  if (t->client_errors) out.push_back(entry("client_errors", t->client_errors));
  if (t->aborts) out.push_back(entry("aborts", t->aborts));
  out.push_back(entry("error_rate", rate(t->trouble(), t->attempts())));
  out.push_back(entry("p50_ms", seconds(t->latency.quantile(0.5)) * 1e3));
  out.push_back(entry("p95_ms", seconds(t->latency.quantile(0.95)) * 1e3));
  return spec::object(std::move(out));
}

Verdict verdict_of_rule(const run::Rule& rule, const Finding& f, const Stand& on) {
  auto& c = rule.when;
  auto who = f.seen.of_service ? on.subject.service : on.subject.candidate_name();
  auto sentence = fmt::format("{}: {} is {}{}{}: {}", who, series_said(c), reading_said(c, f.seen),
                              in_brackets(c, on.rolling.tally(on.subject.candidate.id)), against(c, f, on), c.text);
  sentence += example(c, f, on);
  if (f.as_sick)
    sentence += fmt::format("; {} {} as sick{}, so it is not the release: look at what both share (the database?)",
                            on.subject.previous_name(), on.concurrent() ? "is" : "was",
                            on.concurrent() ? "" : " in the minute before");
  auto evidence = with(both(on), "value", number_or_word(f.seen));
  if (c.relative() || f.seen.number) evidence = with(std::move(evidence), "bound", real_number(f.bound));
  if (f.baseline.number || f.baseline.word)
    evidence = with(std::move(evidence), "baseline", number_or_word(f.baseline));
  if (on.errors) evidence = with(std::move(evidence), "test", test_evidence(*on.errors));
  // Equally sick is no reason to take back: the kind says so, and so must what follows from it.
  auto kind = kind_of(rule.then, f);
  auto then = f.as_sick && kind == Kind::hold ? run::Consequence::hold : rule.then;
  return {kind, c.text, then, std::move(sentence), std::move(evidence)};
}

Verdict verdict_of_strike(const ErrorTest& test, const Stand& on) {
  auto sides = two_sides(test, on, "error", [](const Tally& t) { return Failed{t.trouble(), t.attempts()}; });
  return verdict_of_test(Kind::step_aside, "count test",
                         fmt::format("{}: {}: it looks worse; it should have no users until it is tried again",
                                     on.subject.candidate_name(), sides),
                         test, on);
}

Verdict verdict_of_errors(const ErrorTest& test, Kind kind, const Stand& on) {
  auto sides = two_sides(test, on, "error", [](const Tally& t) { return Failed{t.trouble(), t.attempts()}; });
  auto sentence =
      fmt::format("{}: {}: a release that is no worse by more than {} shows this in less than one run of {}",
                  on.subject.candidate_name(), sides, human(Ratio{on.worse_by}),
                  thousands(static_cast<std::uint64_t>(std::lround(1 / on.alpha))));
  if (kind == Kind::hold)
    sentence += !test.counts().of_strangers()
                    ? "; but so rarely that a person should say what it is worth"
                    : "; but clients cannot be told apart, and a burst of one may look like this";
  return verdict_of_test(kind, "count test", sentence, test, on);
}

Verdict verdict_of_strike(const Alone& test, const Stand& on) {
  auto sentence = fmt::format(
      "{}: with all the users {} of its requests failed of late, against {} on {} before: it should have no users "
      "until "
      "it is tried again",
      on.subject.candidate_name(), rate_said(test.recent_rate()), rate_of(test.reference()),
      on.subject.previous_name());
  return {Kind::step_aside, kAlone, run::Consequence::note, std::move(sentence),
          with(both(on), "test", alone_evidence(test))};
}

Verdict verdict_of_errors(const Alone& test, const Stand& on) {
  auto latest = whole(test.latest());
  auto sentence = fmt::format(
      "{}: with all the users again {}, against {} on {} before: of a release that fails up to {} this is seen in less "
      "than one run of {}",
      on.subject.candidate_name(), errors_said(latest.errors, latest.requests), rate_of(test.reference()),
      on.subject.previous_name(), rate_said(test.bound_on_rate()),
      thousands(static_cast<std::uint64_t>(std::lround(1 / on.alpha))));
  auto kind = test.cause() == Alone::Cause::the_release ? Kind::roll_back : Kind::hold;
  return {kind, kAlone, then_of(kind), sentence + caveat(test, on), with(both(on), "test", alone_evidence(test))};
}

Verdict verdict_of_client_errors(const ErrorTest& test, Kind kind, const Stand& on) {
  auto sides = two_sides(test, on, "4xx", [](const Tally& t) { return Failed{t.client_errors, t.requests}; });
  return verdict_of_test(
      kind, "4xx test", fmt::format("{}: {}: users meet other answers than before", on.subject.candidate_name(), sides),
      test, on);
}

Verdict verdict_of_aborts(const CountTest& test, const Stand& on) {
  auto own = test.candidate(), other = test.previous();
  return {Kind::hold, "test of who gives up", run::Consequence::hold,
          fmt::format("{}: clients went away before the answer of {} against {} on {}: do they wait in vain?",
                      on.subject.candidate_name(), errors_said_shortly(own.errors, own.requests),
                      errors_said_shortly(other.errors, other.requests), on.subject.previous_name()),
          both(on)};
}

Verdict verdict_of_moments(const Moments& moments, const Stand& on) {
  auto times = [](const Moments::Seen& seen) { return fmt::format("{} in {}", seen.bad, human(seen.watched)); };
  return {Kind::hold, "bad moments", run::Consequence::hold,
          fmt::format("{}: it fails again and again for a moment: {} with users, {} on {}: users are away from it each "
                      "time, and would not be once it is promoted",
                      on.subject.candidate_name(), times(moments.candidate()), times(moments.previous()),
                      on.subject.previous_name()),
          both(on)};
}

Verdict verdict_of_shares(double realised, double asked, const Stand& on) {
  auto sentence = fmt::format(
      "{}: {} of the requests come to it where {} were asked for: are its instances healthy, and "
      "is its log complete?",
      on.subject.candidate_name(), human(Ratio{realised}), human(Ratio{asked}));
  return {Kind::hold, "share of the traffic", run::Consequence::hold, std::move(sentence), both(on)};
}

std::string outlook_said(const ErrorTest& of) {
  if (of.decided()) return "decided";
  return of.on_trial() ? "it looked worse, and is tried again" : outlook_said(of.counts());
}

std::string outlook_said(const CountTest& test) {
  if (test.decided()) return "decided";
  if (test.candidate().requests == 0) return "";
  auto outlook = test.outlook();
  if (!outlook || outlook->time > std::chrono::hours(24 * 30)) return "no sign of a difference";
  return fmt::format("about {} more error{} on the candidate, or {} at this traffic, would decide",
                     thousands(static_cast<std::uint64_t>(outlook->errors)), outlook->errors == 1 ? "" : "s",
                     human(outlook->time));
}

}  // namespace davy::judge
