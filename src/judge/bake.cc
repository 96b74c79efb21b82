// A bake asks whether something held over ALL of its time: counters are summed over it, a gauge must have satisfied the
// condition at its worst moment, a state must never have been another word.
//
// That no test accused the candidate is no pass. Where nothing is asked of its errors it must have had enough requests
// to rule out that it fails a lot, and its errors must be no more than chance makes of those beside it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "judge/absence.h"
#include "judge/kayenta/kayenta_watch.h"
#include "judge/paired.h"
#include "judge/say.h"
#include "judge/statistics/shares.h"

namespace davy::judge {
namespace {

using spec::Operator;
using Key = std::pair<std::string, std::string>;  // series, release

constexpr double kMayFail = 0.15;  // what twenty requests without an error rule out
constexpr double kLeftToChance = 0.05, kNoChance = 0.001;
constexpr double kTwice = 2, kThrice = 3;  // beside each other; against the minute before, which is another time

bool asks_for_errors(const spec::Condition& c) { return c.series == "error_rate" || c.series == "errors"; }

struct Outcome {
  Holds holds = Holds::cannot_tell;
  std::string seen;  // the number, or what is lacking
};

}  // namespace

struct Bake::Inside {
  Setup setup;
  std::vector<spec::Condition> pass;
  Duration observed{};
  Window all;  // of it only `to` and traffic are used: gauges and words remember more
  std::map<Key, Gauge> gauges;
  std::map<Key, std::set<std::string>> words;
  std::map<Key, std::uint64_t> counts;
  std::vector<std::pair<run::Subject, KayentaWatch>> kayenta;
  struct Side {
    Shares shares;
    Paired errors, client_errors;
    Absence absence;
  };
  std::map<std::string, Side> beside;  // by candidate

  Inside(Setup given, std::vector<spec::Condition> asked) : setup(std::move(given)), pass(std::move(asked)) {
    for (auto& subject : setup.subjects)
      if (setup.kayenta && !subject.previous.none())
        if (auto begun = KayentaWatch::begin(*setup.kayenta)) kayenta.emplace_back(subject, *std::move(begun));
  }

  Least least() const { return {setup.least_requests, setup.least_errors}; }

  bool blind(const Window& w) const {
    return std::ranges::any_of(pass, [&](auto& c) { return w.away.contains(c.series); });
  }

  // Users were taken away until the candidate is tried again.
  bool stands_aside(const Window& w) const {
    return std::ranges::any_of(setup.subjects, [&](auto& subject) {
      auto asked = w.asked.find(subject.candidate.id);
      return asked != w.asked.end() && asked->second <= 0;
    });
  }

  // Whether the candidate has the users that it was given; while it does not, its bake stands still. Where it had none
  // at all that shows a little late, so what was counted meanwhile is taken off.
  bool compare(const Window& w) {
    bool as_asked = true;
    for (auto& subject : setup.subjects) {
      if (subject.previous.none()) continue;
      auto of = [&](const std::string& id) { return w.releases.contains(id) ? w.releases.at(id) : Tally{}; };
      auto own = of(subject.candidate.id), other = of(subject.previous.id);
      auto& side = beside[subject.candidate.id];
      auto asked = w.asked.find(subject.candidate.id);
      auto share = asked == w.asked.end() ? std::nullopt : std::optional(asked->second);
      side.shares.see(trouble_of(own), trouble_of(other), share, w.from, w.to);
      side.errors.see(trouble_of(own), trouble_of(other), w.length());
      side.client_errors.see(client_errors_of(own), client_errors_of(other), w.length());
      bool away = side.absence.see(own.attempts(), other.attempts(), share, w.length());
      observed -= std::min(observed, side.absence.take_stretch());
      as_asked = as_asked && !away && !side.shares.off();
    }
    return as_asked;
  }

  void see(const Window& w) {
    if (!w.complete || blind(w) || stands_aside(w)) return;  // nobody watched, or not all of it: it is not baked
    if (!compare(w)) return;
    observed += w.length();
    all.to = w.to;
    for (auto& [subject, watch] : kayenta) watch.see(w, subject);
    for (auto& [release, tally] : w.releases) all.releases[release].merge(tally);
    for (auto& [series, values] : w.numbers)
      for (auto& [release, value] : values) gauges[{series, release}].see(value);
    for (auto& [series, values] : w.states)
      for (auto& [release, word] : values) words[{series, release}].insert(word);
    for (auto& [series, values] : w.counts)
      for (auto& [release, n] : values) counts[{series, release}] += n;
  }

  const Tally* tally(const std::string& release) const {
    auto found = all.releases.find(release);
    if (found == all.releases.end()) found = all.releases.find("");
    return found == all.releases.end() ? nullptr : &found->second;
  }
  // Traffic that a signal of its own tells.
  const Tally* tally(const OfSignal& of, const std::string& release) const {
    auto found = all.releases.find(of_signal(of.signal, release));
    if (found == all.releases.end()) found = all.releases.find(of_signal(of.signal, ""));
    return found == all.releases.end() ? nullptr : &found->second;
  }
  template <class T>
  static const T* find(const std::map<Key, T>& in, const std::string& series, const std::string& release) {
    auto found = in.find({series, release});
    if (found == in.end()) found = in.find({series, ""});
    return found == in.end() ? nullptr : &found->second;
  }

  // A pass is about few errors, so it needs requests only; that they are too few is said with the number.
  Reading traffic(const spec::Condition& c, const Tally* t) const {
    Reading out{.lacking = t ? untold(c, *t) : "", .requests = t ? t->attempts() : 0};
    if (!out.lacking.empty()) return out;
    if (out.requests < least().requests)
      out.lacking = fmt::format("{} of {} requests", out.requests, least().requests);
    else
      out.number = traffic_number(c, *t, observed);
    return out;
  }

  // The previous release's error rate as it would be in the candidate's moments.
  std::optional<double> rate_beside(const spec::Condition& c, const run::Subject& s) const {
    auto side = beside.find(s.candidate.id);
    if (side == beside.end() || (c.series != "error_rate" && c.series != "client_error_rate")) return {};
    auto ratio = (c.series == "error_rate" ? side->second.errors : side->second.client_errors).ratio();
    auto own = traffic(c, tally(s.candidate.id)).number;
    if (!own || *own <= 0 || !ratio || *ratio <= 0) return {};
    return *own / *ratio;
  }

  std::optional<double> baseline(const spec::Condition& c, const run::Subject& subject) const {
    auto& previous = subject.previous.id;
    if (may_be_beside(c)) {
      if (auto rate = rate_beside(c, subject)) return rate;
      if (auto found = all.releases.find(previous); found != all.releases.end() && find_traffic_series(c.series))
        return traffic(c, &found->second).number;
      if (auto found = counts.find({series_of(c), previous}); found != counts.end())
        return at_traffic_of(tally(subject.candidate.id), tally(previous),
                             count_number(c, static_cast<double>(found->second), observed));
      if (auto found = gauges.find({series_of(c), previous}); found != gauges.end()) return found->second.last;
    }
    auto found = setup.baselines.find(c, all.to);
    return found ? read_recorded(c, *found, previous, least(), observed).number : std::nullopt;
  }

  Outcome number(const spec::Condition& c, const Reading& r, double scale) const {
    return {compared(c, r, scale), r.number ? said(c, *r.number) : r.lacking};
  }

  Outcome gauge(const spec::Condition& c, const std::string& release, double scale) const {
    auto found = find(gauges, series_of(c), release);
    if (!found) return {Holds::cannot_tell, "no " + c.series + " was seen"};
    auto low = number(c, {.number = found->least}, scale), high = number(c, {.number = found->most}, scale);
    return low.holds == Holds::yes ? high : low;
  }

  Outcome word(const spec::Condition& c, const std::string& release) const {
    auto found = find(words, series_of(c), release);
    if (!found) return {Holds::cannot_tell, "no " + c.series + " was seen"};
    for (auto& one : *found)
      if (compared(c, {.word = word_asked(c, one)}) != Holds::yes) return {Holds::no, one};
    return {Holds::yes, *found->begin()};
  }

  Outcome outcome(const spec::Condition& c, const run::Subject& subject) const {
    if (is_slope(c)) return {Holds::cannot_tell, "not carried out"};
    if (c.op == Operator::is || c.op == Operator::is_not) return word(c, subject.candidate.id);
    if (auto one = of_signal(c); one && !c.relative())
      if (auto t = tally(*one, subject.candidate.id)) return number(one->bare, traffic(one->bare, t), 1);
    auto scale = c.relative() ? baseline(c, subject) : std::optional(1.0);
    if (!scale) return {Holds::cannot_tell, setup.baselines.lacking(c)};
    if (auto count = find(counts, series_of(c), subject.candidate.id))
      return number(c, {.number = count_number(c, static_cast<double>(*count), observed)}, *scale);
    if (!find_traffic_series(c.series)) return gauge(c, subject.candidate.id, *scale);
    return number(c, traffic(c, tally(subject.candidate.id)), *scale);
  }

  Verdict verdict(Kind kind, const run::Subject& s, std::string rule, std::string sentence) const {
    auto own = tally(s.candidate.id), other = tally(s.previous.id);
    spec::Map evidence{{"observed_seconds", {}, real_number(seconds(observed))},
                       {"candidate", {}, evidence_of(own, s.candidate.id)}};
    if (!s.previous.none()) evidence.push_back({"previous", {}, evidence_of(other, s.previous.id)});
    auto then = kind == Kind::investigate ? run::Consequence::investigate : run::Consequence::note;
    return {kind, std::move(rule), then, s.candidate_name() + ": " + sentence, spec::object(std::move(evidence))};
  }

  Verdict of_condition(const spec::Condition& c, const run::Subject& s) const {
    auto found = outcome(c, s);
    auto name = c.field.empty() ? c.series : c.series + "." + c.field;
    if (found.holds == Holds::cannot_tell)
      return verdict(Kind::cannot_tell, s, c.text, fmt::format("{} cannot be told: {}", c.text, found.seen));
    return verdict(found.holds == Holds::yes ? Kind::pass : Kind::investigate, s, c.text,
                   fmt::format("{} was {} over {}, asked for: {}", name, found.seen, human(observed), c.text));
  }

  // Errors of the service in the minute before the candidate's first user, at the most that they leave room for.
  std::optional<double> rate_before() const {
    if (!setup.baselines.before) return {};
    Tally all;
    for (auto& [_, one] : setup.baselines.before->releases) all.merge(one);
    if (all.attempts() < least().requests) return {};
    return highest_rate(static_cast<double>(all.trouble()), static_cast<double>(all.attempts()), kLeftToChance);
  }

  // Empty: its errors are no more than those beside it, or before it, explain.
  std::string unexplained(const run::Subject& s, const Tally& own) const {
    auto other = all.releases.find(s.previous.id);
    auto side = beside.find(s.candidate.id);
    if (other != all.releases.end() && side != beside.end() && side->second.errors.compared() > 0) {
      if (side->second.errors.chance_of_so_many(kTwice) >= kNoChance) return "";
      return fmt::format("that is more than chance makes of {} on {}",
                         errors_said_shortly(other->second.trouble(), other->second.attempts()), s.previous_name());
    }
    auto before = rate_before();
    auto errors = static_cast<double>(own.trouble()), requests = static_cast<double>(own.attempts());
    if (!before || own.trouble() < least().errors) return "";
    bool so_before = binomial_at_least(errors, requests, std::min(*before * kThrice, 1.0)) >= kNoChance;
    return so_before ? "" : "that is far more than in the minute before its first user";
  }

  // What a release may fail at most, since others beside it fail as well.
  double may_fail(const run::Subject& s) const {
    auto other = all.releases.find(s.previous.id);
    if (s.previous.none() || other == all.releases.end() || other->second.attempts() == 0) return kMayFail;
    return kMayFail + kTwice * traffic_number(error_rate(), other->second, observed);
  }
  static spec::Condition error_rate() {
    spec::Condition c;
    c.series = "error_rate";
    return c;
  }

  // Where nothing is asked of its errors, a canary must have had users enough to see that it serves them.
  Verdict of_errors(const run::Subject& s) const {
    auto own = tally(s.candidate.id);
    auto requests = own ? own->attempts() : 0;
    if (requests == 0) return verdict(Kind::cannot_tell, s, "", "no request came in " + human(observed));
    if (auto lacking = untold(*own); !lacking.empty()) return verdict(Kind::cannot_tell, s, "", lacking);
    if (requests < setup.least_requests)
      return verdict(Kind::cannot_tell, s, "",
                     fmt::format("only {} of {} requests came", requests, setup.least_requests));
    auto said = errors_said(own->trouble(), requests) + " over " + human(observed);
    auto most = highest_rate(static_cast<double>(own->trouble()), static_cast<double>(requests), kLeftToChance);
    if (most > may_fail(s))
      return verdict(Kind::cannot_tell, s, "",
                     fmt::format("{}: up to {} may fail, which is no pass; ask for an error rate if it is one", said,
                                 human(Ratio{most})));
    if (auto why = unexplained(s, *own); !why.empty()) return verdict(Kind::cannot_tell, s, "", said + ": " + why);
    return verdict(Kind::pass, s, "", said);
  }

  // The worst of all: an unmet condition before one that nobody can tell, that before a pass.
  Verdict worst() const {
    std::optional<Verdict> out;
    auto rank = [](const Verdict& v) {
      return v.kind == Kind::pass ? 0 : v.kind == Kind::cannot_tell ? 1 : v.kind == Kind::investigate ? 2 : 3;
    };
    auto take = [&](Verdict v) {
      if (!out || rank(v) > rank(*out)) out = std::move(v);
    };
    for (auto& subject : setup.subjects) {
      for (auto& c : pass) take(of_condition(c, subject));
      auto own = tally(subject.candidate.id);
      bool users = own && own->attempts() > 0;
      if (pass.empty() || (users && std::ranges::none_of(pass, asks_for_errors))) take(of_errors(subject));
    }
    for (auto& [subject, watch] : kayenta)
      if (auto v = watch.verdict(subject, true)) take(*std::move(v));
    return out ? std::move(*out) : Verdict{.kind = Kind::pass, .sentence = "nothing to judge"};
  }
};

Bake::Bake(Setup setup, std::vector<spec::Condition> pass, Duration length)
    : inside_(std::make_unique<Inside>(std::move(setup), std::move(pass))), length_(length) {}
Bake::~Bake() = default;
Bake::Bake(Bake&&) noexcept = default;

void Bake::see(const Window& w) { inside_->see(w); }
Duration Bake::observed() const { return inside_->observed; }

Verdict Bake::verdict() const {
  if (over()) return inside_->worst();
  auto left = human(length_ - observed());
  return {.kind = Kind::keep_watching, .then = run::Consequence::note, .sentence = left + " of the bake are left"};
}

}  // namespace davy::judge
