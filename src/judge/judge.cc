#include "judge/judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "judge/beside.h"
#include "judge/blind.h"
#include "judge/news.h"
#include "judge/say.h"

namespace davy::judge {
namespace {

struct RuleState {
  Held held;
  std::optional<Rolling> since;  // the windows since it began to hold, where it must hold for some time
  std::optional<Kind> spoken;
  std::string lacking;  // why it cannot tell; empty when it can
  Blind blind;
};

// Hold is said again as roll_back once that is what it comes to; the other way round is not news.
bool stronger(Kind now, Kind said) { return now == Kind::roll_back && said != Kind::roll_back; }

}  // namespace

bool of_a_cold_one(const spec::Condition& c) {
  if (c.series == "latency" || c.series == "client_errors" || c.series == "client_error_rate") return true;
  return !find_traffic_series(c.series) && (c.relative() || is_slope(c));
}

struct Judge::Inside {
  struct Case {
    run::Subject subject;
    std::optional<Beside> beside;   // none without a previous release
    std::optional<Time> met_users;  // the first one
    std::vector<RuleState> rules;
  };

  Setup setup;
  News news;
  std::map<Duration, Rolling> rolling, warm;  // warm: without the time in which the candidate was cold
  std::vector<Case> cases;
  Time began{}, last{};
  Time next_look{};
  std::optional<std::string> gap;  // the newest window has one

  Least least() const { return {setup.least_requests, setup.least_errors}; }
  Duration over(const spec::Condition& c) const {
    return c.over > Duration{} ? c.over : is_slope(c) ? setup.slope_over : setup.over;
  }
  Stand stand(const Case& one, const Rolling& on) const {
    auto errors = one.beside ? &one.beside->errors() : nullptr;
    return {one.subject, on, setup.baselines, errors, least(), setup.alpha, setup.worse_by};
  }
  const Rolling& rolling_of(const spec::Condition& c) const { return (of_a_cold_one(c) ? warm : rolling).at(over(c)); }

  explicit Inside(Setup given) : setup(std::move(given)), news(setup.subjects, setup.baselines.before) {
    rolling.emplace(setup.over, Rolling(setup.over));
    for (auto& rule : setup.rules)
      (of_a_cold_one(rule.when) ? warm : rolling).try_emplace(over(rule.when), Rolling(over(rule.when)));
    for (auto& subject : setup.subjects) {
      Case one{.subject = subject};
      if (!subject.previous.none() && subject.previous.id != subject.candidate.id) one.beside.emplace(setup, subject);
      for (auto& rule : setup.rules) one.rules.push_back({Held(rule.when.held), {}, {}, {}, {}});
      cases.push_back(std::move(one));
    }
  }

  // It has had users for so long; where nobody sees them, it has been judged for so long.
  bool is_warm(const Case& one, Time at) const {
    return setup.warm_up <= Duration{} || at - one.met_users.value_or(began) >= setup.warm_up;
  }

  // No user yet; or not for so long that little traffic would mean anything.
  bool too_early(const Case& one, const spec::Condition& c, Time now) const {
    if (!find_traffic_series(c.series)) return false;
    return !one.met_users || (is_volume(c.series) && now - *one.met_users < over(c));
  }

  // `for` is about what was seen since it began, not about the minute before that.
  bool long_enough(Case& one, std::size_t index, Holds holds, Time now) {
    auto& state = one.rules[index];
    auto& rule = setup.rules[index];
    if (holds != Holds::yes) state.since.reset();
    if (!state.held.see(holds, now)) {
      if (holds == Holds::yes && !state.since && rule.when.held > Duration{}) state.since.emplace(over(rule.when));
      return false;
    }
    if (!state.since) return true;
    auto again = find(rule.when, stand(one, *state.since), proven(one, index));
    return again.holds == Holds::yes || again.holds == Holds::cannot_tell;
  }

  static std::optional<bool> proven(const Case& one, std::size_t rule) {
    return one.beside ? one.beside->proven(rule) : std::nullopt;
  }

  void look(Case& one, std::size_t index, Time now, std::vector<Verdict>& out) {
    auto& rule = setup.rules[index];
    auto& state = one.rules[index];
    auto on = stand(one, rolling_of(rule.when));
    auto found = find(rule.when, on, proven(one, index));
    bool early = too_early(one, rule.when, now);
    if (early) found.holds = Holds::cannot_tell;
    bool said = found.seen.of_service && &one != &cases.front();  // said once, not by each
    if (said) found.holds = Holds::cannot_tell;
    state.lacking = found.holds == Holds::cannot_tell ? found.seen.lacking : "";
    warn_if_blind(one, index, (early && one.met_users) || said || found.seen.tells(), state.lacking, now, out);
    if (found.holds == Holds::no) state.spoken.reset();
    if (!long_enough(one, index, found.holds, now)) return;
    auto kind = kind_of(rule.then, found);
    if (state.spoken && !stronger(kind, *state.spoken)) return;
    state.spoken = kind;
    out.push_back(rule.dry_run ? dry(verdict_of_rule(rule, found, on)) : verdict_of_rule(rule, found, on));
  }

  void warn_if_blind(Case& one, std::size_t index, bool tells, const std::string& why, Time now,
                     std::vector<Verdict>& out) {
    auto& rule = setup.rules[index];
    if (!one.rules[index].blind.see(tells || why.empty(), now, over(rule.when))) return;
    out.push_back({.kind = Kind::keep_watching,
                   .rule = rule.when.text,
                   .then = run::Consequence::warn,
                   .sentence = fmt::format("{}: the rule {} has been blind for {}: {}", one.subject.candidate_name(),
                                           rule.when.text, human(std::max(Blind::kLong, over(rule.when))), why)});
  }

  void roll(const Window& w) {
    for (auto& [_, r] : rolling) r.see(w);
    if (!warm.empty()) roll_warm(w);
    for (auto& one : cases)
      for (auto& rule : one.rules)
        if (rule.since) rule.since->see(w);
  }

  // A service may get its candidate's first user long after the others: each is cold by itself, and its previous
  // release is not compared with what is not there yet. What no release tells goes by the first service.
  void roll_warm(const Window& w) {
    auto cold = [&](const Case& one) { return !is_warm(one, w.from); };
    if (std::ranges::none_of(cases, cold)) return see_warm(w);
    if (std::ranges::all_of(cases, cold)) return;
    auto rest = w;
    if (cold(cases.front())) without("", rest);
    for (auto& one : cases)
      if (cold(one)) without(one.subject.candidate.id, rest), without(one.subject.previous.id, rest);
    see_warm(rest);
  }
  void see_warm(const Window& w) {
    for (auto& [_, r] : warm) r.see(w);
  }
  static void without(const std::string& release, Window& w) {
    w.releases.erase(release);
    for (auto& [_, by_release] : w.numbers) by_release.erase(release);
    for (auto& [_, by_release] : w.counts) by_release.erase(release);
  }

  // Lost lines are lost from both releases alike, so the tests of errors go on with what was seen; a rule waits.
  std::vector<Verdict> see(const Window& w) {
    if (last != Time{} && w.from > last)
      for (auto& one : cases) skip(one, w.from - last);
    last = std::max(last, w.to);
    gap = w.complete ? std::nullopt : std::optional(w.gap.empty() ? "the data have gaps" : w.gap);
    news.learn(w);
    if (began == Time{}) began = w.from;
    std::vector<Verdict> out;
    for (auto& one : cases)
      if (!one.met_users && (w.releases.contains(one.subject.candidate.id) || w.releases.contains("")))
        one.met_users = w.from;
    roll(w);
    for (auto& one : cases)
      if (one.beside) one.beside->see(w, is_warm(one, w.from), stand(one, rolling.at(setup.over)), out);
    if (w.complete && time_to_look(w.to))
      for (auto& one : cases)
        for (std::size_t i = 0; i < setup.rules.size() && !away(one, w); ++i) look(one, i, w.to, out);
    for (auto& one : cases)
      if (!w.complete || away(one, w)) skip(one, w.length());
    if (gap)
      for (auto& one : cases)
        for (std::size_t i = 0; i < setup.rules.size(); ++i) warn_if_blind(one, i, false, *gap, w.to, out);
    auto urgency = [](const Verdict& v) {
      return std::pair(v.kind == Kind::roll_back ? 0 : v.kind == Kind::step_aside ? 1 : 2, v.then);
    };
    std::ranges::stable_sort(out, {}, urgency);
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

  static void skip(Case& one, Duration unobserved) {
    for (auto& rule : one.rules) rule.held.skip(unobserved);
  }

  static bool away(const Case& one, const Window& w) { return w.stands_aside(one.subject.candidate.id); }

  std::string sentence(const Case& one) const {
    auto on = stand(one, rolling.at(setup.over));
    auto own = on.rolling.tally(one.subject.candidate.id);
    auto name = one.subject.candidate_name();
    if (!own) own = on.rolling.tally(""), name = one.subject.service;
    if (!own) return one.subject.candidate_name() + ": no requests" + (one.met_users ? " now" : " yet");
    auto out = name + ": " + errors_said(own->trouble(), own->attempts());
    if (auto other = one.subject.previous.none() ? nullptr : on.rolling.tally(one.subject.previous.id))
      out += " against " + errors_said_shortly(other->trouble(), other->attempts());
    if (one.beside && one.beside->alone().on_trial())
      out += "; it looked worse, and is tried again";
    else if (auto test = one.beside ? outlook_said(one.beside->errors()) : ""; !test.empty())
      out += "; " + test;
    if (auto shares = one.beside ? one.beside->shares_said() : ""; !shares.empty()) out += "; " + shares;
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
          .worse_by = book.worse_by.value,
          .warm_up = book.warm_up,
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

bool Judge::pending() const {
  auto& rules = inside_->setup.rules;
  return std::ranges::any_of(inside_->cases, [&](auto& one) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      bool acts = rules[i].then == run::Consequence::roll_back || rules[i].then == run::Consequence::hold;
      if (acts && !rules[i].dry_run && one.rules[i].held.holds() && !one.rules[i].spoken) return true;
    }
    return false;
  });
}

std::string Judge::sentence() const {
  std::vector<std::string> all;
  for (auto& one : inside_->cases) all.push_back(inside_->sentence(one));
  auto out = joined(all, "; ");
  return inside_->gap ? out + "; cannot tell now: " + *inside_->gap : out;
}

}  // namespace davy::judge
