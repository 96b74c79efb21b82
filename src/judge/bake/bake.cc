// A bake asks whether something held over ALL of its time: counters are summed over it, a gauge must have satisfied the
// condition at its worst moment, a state must never have been another word.
//
// That no test accused the candidate is no pass. Where nothing is asked of its errors it must have had enough requests
// to rule out that it fails a lot, and its errors must be no more than chance makes of those beside it.
#include <fmt/format.h>

#include <algorithm>

#include "judge/bake/unasked.h"
#include "judge/say.h"

namespace davy::judge {
namespace {

using spec::Operator;

bool asks_for_errors(const spec::Condition& c) { return c.series == "error_rate" || c.series == "errors"; }

struct Outcome {
  Holds holds = Holds::cannot_tell;
  std::string seen;  // the number, or what is lacking
};

}  // namespace

struct Bake::Inside : Baked {
  using Baked::Baked;

  // The previous release's error rate as it would be in the candidate's moments: of every error, as the condition has
  // it, and as the tests count them, a client once. Which of the two is meant cannot be told where they disagree.
  std::vector<double> rates_beside(const spec::Condition& c, const run::Subject& s) const {
    auto side = side_of(s);
    if (!side || (c.series != "error_rate" && c.series != "client_error_rate")) return {};
    auto& pair = c.series == "error_rate" ? side->errors : side->client_errors;
    auto own = traffic(c, tally(s.candidate.id)).number;
    std::vector<double> out;
    for (auto ratio : {pair.ratio_of_all(), pair.ratio()})
      if (own && *own > 0 && ratio && *ratio > 0) out.push_back(*own / *ratio);
    return out;
  }

  std::optional<double> baseline(const spec::Condition& c, const run::Subject& subject) const {
    auto& previous = subject.previous.id;
    if (may_be_beside(c)) {
      if (auto rates = rates_beside(c, subject); !rates.empty()) return rates.front();
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

  // `is up` of what says at each look whether it is well.
  std::optional<Outcome> up(const spec::Condition& c, const std::string& release) const {
    auto found = is_up_or_down(c) ? find(gauges, series_of(c) + ".up", release) : nullptr;
    if (!found) return {};
    auto least = found->least > 0 ? "up" : "down", most = found->most > 0 ? "up" : "down";
    auto worse = compared(c, {.word = least}) == Holds::yes ? most : least;
    return Outcome{compared(c, {.word = worse}), worse};
  }

  Outcome word(const spec::Condition& c, const std::string& release) const {
    if (auto told = up(c, release)) return *told;
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
    auto out = number(c, traffic(c, tally(subject.candidate.id)), *scale);
    for (auto rate : c.relative() && may_be_beside(c) ? rates_beside(c, subject) : std::vector<double>{})
      if (number(c, traffic(c, tally(subject.candidate.id)), rate).holds != out.holds)
        return {Holds::cannot_tell, out.seen + ", and few clients make the difference"};
    return out;
  }

  Verdict verdict(Kind kind, const run::Subject& s, std::string rule, std::string sentence) const {
    auto own = tally(s.candidate.id), other = tally(s.previous.id);
    spec::Map evidence{{"observed_seconds", {}, real_number(seconds(observed))},
                       {"candidate", {}, evidence_of(own, s.candidate.id)}};
    if (!s.previous.none()) evidence.push_back({"previous", {}, evidence_of(other, s.previous.id)});
    auto then = kind == Kind::hold ? run::Consequence::hold : run::Consequence::note;
    return {kind, std::move(rule), then, s.candidate_name() + ": " + sentence, spec::object(std::move(evidence))};
  }

  Verdict of_condition(const spec::Condition& c, const run::Subject& s) const {
    auto found = outcome(c, s);
    auto name = c.field.empty() ? c.series : c.series + "." + c.field;
    if (found.holds == Holds::cannot_tell)
      return verdict(Kind::cannot_tell, s, c.text, fmt::format("{} cannot be told: {}", c.text, found.seen));
    return verdict(found.holds == Holds::yes ? Kind::pass : Kind::hold, s, c.text,
                   fmt::format("{} was {} over {}, asked for: {}", name, found.seen, human(observed), c.text));
  }

  Verdict of_errors(const run::Subject& s) const {
    auto told = errors_unasked(*this, s);
    return verdict(told.kind, s, "", told.says);
  }

  // The worst of all: an unmet condition before one that nobody can tell, that before a pass.
  Verdict worst() const {
    std::optional<Verdict> out;
    auto rank = [](const Verdict& v) {
      return v.kind == Kind::pass ? 0 : v.kind == Kind::cannot_tell ? 1 : v.kind == Kind::hold ? 2 : 3;
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
