#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/comparisons.h"
#include "judge/kayenta/kayenta_watch.h"
#include "judge/news.h"
#include "judge/planned_errors.h"
#include "judge/say.h"

namespace davy::judge {
namespace {

struct RuleState {
  Held held;
  std::optional<Kind> spoken;
  std::string lacking;  // why it cannot tell; empty when it can
};

// Investigate is said again as roll_back once that is what it comes to; the other way round is not news.
bool stronger(Kind now, Kind said) { return now == Kind::roll_back && said != Kind::roll_back; }

}  // namespace

struct Judge::Inside {
  struct Case {
    run::Subject subject;
    std::optional<CountTest> errors, client_errors;  // none without a previous release
    std::optional<Comparisons> compared;
    std::optional<KayentaWatch> kayenta;
    std::optional<PlannedErrors> planned;
    bool kayenta_spoken = false;
    bool errors_spoken = false, client_errors_spoken = false;
    std::optional<Time> met_users;  // the first one
    std::vector<RuleState> rules;
  };

  Setup setup;
  News news;
  std::map<Duration, Rolling> rolling;
  std::vector<Case> cases;
  Time last{};
  Time next_look{};
  std::optional<std::string> gap;  // the newest window has one

  Least least() const { return {setup.least_requests, setup.least_errors}; }
  Duration over(const spec::Condition& c) const {
    return c.over > Duration{} ? c.over : is_slope(c) ? setup.slope_over : setup.over;
  }
  Stand stand(const Case& one, Duration length) const {
    return {one.subject, rolling.at(length), setup.baselines, one.errors ? &*one.errors : nullptr, least()};
  }

  explicit Inside(Setup given) : setup(std::move(given)), news(setup.subjects, setup.baselines.before) {
    rolling.emplace(setup.over, Rolling(setup.over));
    for (auto& rule : setup.rules) rolling.try_emplace(over(rule.when), Rolling(over(rule.when)));
    for (auto& subject : setup.subjects) {
      Case one{.subject = subject};
      if (!subject.previous.none() && subject.previous.id != subject.candidate.id) begin_tests(one);
      for (auto& rule : setup.rules) one.rules.push_back({Held(rule.when.held), {}, {}});
      cases.push_back(std::move(one));
    }
  }

  // The chance of a false alarm is shared among the services, so that alpha is the whole run's.
  void begin_tests(Case& one) const {
    auto alpha = setup.alpha / static_cast<double>(std::max<std::size_t>(setup.subjects.size(), 1));
    one.errors.emplace(alpha);
    one.client_errors.emplace(alpha, Sided::either_worse);
    if (!setup.compare.empty()) one.compared.emplace(setup.compare, alpha);
    if (setup.planned_looks) one.planned.emplace(*setup.planned_looks);
    if (setup.kayenta)
      if (auto begun = KayentaWatch::begin(*setup.kayenta)) one.kayenta = *std::move(begun);
  }

  void test(Case& one, const Window& w, std::vector<Verdict>& out) {
    auto of = [&](const std::string& id) { return w.releases.contains(id) ? w.releases.at(id) : Tally{}; };
    auto own = of(one.subject.candidate.id), other = of(one.subject.previous.id);
    one.errors->see(trouble_of(own), trouble_of(other), w.length());
    one.client_errors->see(client_errors_of(own), client_errors_of(other), w.length());
    auto on = stand(one, setup.over);
    if (one.compared && w.complete)
      for (auto& v : one.compared->see(w, one.subject)) out.push_back(std::move(v));
    if (auto v = one.planned ? one.planned->see(w, one.subject) : std::nullopt) out.push_back(*std::move(v));
    if (one.kayenta && one.kayenta->see(w, one.subject) && !one.kayenta_spoken)
      if (auto v = one.kayenta->verdict(one.subject, false)) one.kayenta_spoken = true, out.push_back(*std::move(v));
    if (one.errors->decided() && !std::exchange(one.errors_spoken, true))
      out.push_back(verdict_of_errors(*one.errors, on));
    if (one.client_errors->decided() && !std::exchange(one.client_errors_spoken, true))
      out.push_back(verdict_of_client_errors(*one.client_errors, on));
  }

  // No user yet; or not for so long that little traffic would mean anything.
  bool too_early(const Case& one, const spec::Condition& c, Time now) const {
    if (!find_traffic_series(c.series)) return false;
    return !one.met_users || (is_volume(c.series) && now - *one.met_users < over(c));
  }

  void look(Case& one, std::size_t index, Time now, std::vector<Verdict>& out) {
    auto& rule = setup.rules[index];
    auto& state = one.rules[index];
    auto on = stand(one, over(rule.when));
    auto found = find(rule.when, on);
    if (too_early(one, rule.when, now)) found.holds = Holds::cannot_tell;
    if (found.seen.of_service && &one != &cases.front()) found.holds = Holds::cannot_tell;  // said once, not by each
    state.lacking = found.holds == Holds::cannot_tell ? found.seen.lacking : "";
    if (found.holds == Holds::no) state.spoken.reset();
    if (!state.held.see(found.holds, now)) return;
    auto kind = kind_of(rule.then, found);
    if (state.spoken && !stronger(kind, *state.spoken)) return;
    state.spoken = kind;
    out.push_back(rule.dry_run ? dry(verdict_of_rule(rule, found, on)) : verdict_of_rule(rule, found, on));
  }

  // Lost lines are lost from both releases alike, so the count test goes on with what was seen; a rule waits.
  std::vector<Verdict> see(const Window& w) {
    if (last != Time{} && w.from > last) skip(w.from - last);
    last = std::max(last, w.to);
    gap = w.complete ? std::nullopt : std::optional(w.gap.empty() ? "the data have gaps" : w.gap);
    news.learn(w);
    for (auto& [_, r] : rolling) r.see(w);
    std::vector<Verdict> out;
    for (auto& one : cases) {
      if (!one.met_users && (w.releases.contains(one.subject.candidate.id) || w.releases.contains("")))
        one.met_users = w.from;
      if (one.errors) test(one, w, out);
    }
    if (w.complete && time_to_look(w.to))
      for (auto& one : cases)
        for (std::size_t i = 0; i < setup.rules.size(); ++i) look(one, i, w.to, out);
    if (!w.complete) skip(w.length());
    std::ranges::stable_sort(out, {}, [](const Verdict& v) { return std::pair(v.kind != Kind::roll_back, v.then); });
    return out;
  }

  // The pause that holds now goes by the candidate's first user.
  bool time_to_look(Time now) {
    if (setup.looks.empty()) return true;
    if (now < next_look) return false;
    auto met = cases.empty() ? std::nullopt : cases.front().met_users;
    auto passed = met ? now - *met : Duration{};
    auto at = setup.looks.begin();
    for (; std::next(at) != setup.looks.end() && passed >= at->length; ++at) passed -= at->length;
    next_look = now + at->every;
    return true;
  }

  static Verdict dry(Verdict v) {
    v.sentence = fmt::format("dry run, would have been {}: {}", v.kind == Kind::roll_back ? "a roll back" : "looked at",
                             v.sentence);
    v.kind = Kind::keep_watching, v.then = run::Consequence::note;
    return v;
  }

  void skip(Duration unobserved) {
    for (auto& one : cases)
      for (auto& rule : one.rules) rule.held.skip(unobserved);
  }

  std::string sentence(const Case& one) const {
    auto on = stand(one, setup.over);
    auto own = on.rolling.tally(one.subject.candidate.id);
    auto name = one.subject.candidate_name();
    if (!own) own = on.rolling.tally(""), name = one.subject.service;
    if (!own) return one.subject.candidate_name() + ": no requests" + (one.met_users ? " now" : " yet");
    auto out = name + ": " + errors_said(own->trouble(), own->attempts());
    if (auto other = one.subject.previous.none() ? nullptr : on.rolling.tally(one.subject.previous.id))
      out += " against " + errors_said_shortly(other->trouble(), other->attempts());
    if (auto test = one.errors ? outlook_said(*one.errors) : ""; !test.empty()) out += "; " + test;
    for (std::size_t i = 0; i < one.rules.size(); ++i)
      if (!one.rules[i].lacking.empty())
        return out + fmt::format("; {} cannot tell: {}", setup.rules[i].when.text, one.rules[i].lacking);
    return out;
  }
};

Setup setup_of(const run::Runbook& book) {
  return {.subjects = book.subjects,
          .rules = book.rules,
          .compare = book.compare,
          .looks = book.looks,
          .alpha = book.alpha,
          .kayenta = book.kayenta,
          .planned_looks = book.planned_looks,
          .baselines = baselines_of(book)};
}

Judge::Judge(Setup setup) : inside_(std::make_unique<Inside>(std::move(setup))) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

void Judge::count_news(Window& w) { inside_->news.count(w); }

std::vector<Verdict> Judge::see(const Window& w) { return inside_->see(w); }

std::string Judge::sentence() const {
  std::vector<std::string> all;
  for (auto& one : inside_->cases) all.push_back(inside_->sentence(one));
  auto out = joined(all, "; ");
  return inside_->gap ? out + "; cannot tell now: " + *inside_->gap : out;
}

}  // namespace davy::judge
