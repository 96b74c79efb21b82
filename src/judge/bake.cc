// A bake asks whether something held over ALL of its time: counters are summed over it, a gauge must have satisfied the
// condition at its worst moment, a state must never have been another word.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "judge/kayenta/kayenta_watch.h"
#include "judge/say.h"

namespace davy::judge {
namespace {

using spec::Operator;
using Key = std::pair<std::string, std::string>;  // series, release

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

  Inside(Setup given, std::vector<spec::Condition> asked) : setup(std::move(given)), pass(std::move(asked)) {
    for (auto& subject : setup.subjects)
      if (setup.kayenta && !subject.previous.none())
        if (auto begun = KayentaWatch::begin(*setup.kayenta)) kayenta.emplace_back(subject, *std::move(begun));
  }

  Least least() const { return {setup.least_requests, setup.least_errors}; }

  bool blind(const Window& w) const {
    return std::ranges::any_of(pass, [&](auto& c) { return w.away.contains(c.series); });
  }

  void see(const Window& w) {
    if (!w.complete || blind(w)) return;  // nobody watched, or not all of it: it is not baked
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

  std::optional<double> baseline(const spec::Condition& c, const run::Subject& subject) const {
    auto& previous = subject.previous.id;
    if (may_be_beside(c)) {
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
      if (compared(c, {.word = one}) != Holds::yes) return {Holds::no, one};
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

  // Where nothing is asked for, a canary must at least have had users.
  Verdict without_conditions(const run::Subject& s) const {
    auto own = tally(s.candidate.id);
    auto requests = own ? own->attempts() : 0;
    if (requests == 0) return verdict(Kind::cannot_tell, s, "", "no request came in " + human(observed));
    if (auto lacking = untold(*own); !lacking.empty()) return verdict(Kind::cannot_tell, s, "", lacking);
    if (requests < setup.least_requests)
      return verdict(Kind::cannot_tell, s, "",
                     fmt::format("only {} of {} requests came", requests, setup.least_requests));
    return verdict(Kind::pass, s, "", errors_said(own->trouble(), requests) + " over " + human(observed));
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
      if (pass.empty()) take(without_conditions(subject));
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
