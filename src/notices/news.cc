#include "notices/news.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::notices {
namespace {

using run::Ending;

constexpr Duration kMoments = std::chrono::seconds(1);
constexpr Duration kNoNews = std::chrono::seconds(30);  // so much longer than expected

std::string joined_services(const std::vector<run::Subject>& subjects) {
  std::string out;
  for (auto& subject : subjects) out += (out.empty() ? "" : ", ") + subject.service;
  return out;
}

std::string previous_of(const run::Runbook& book) {
  return book.subjects.empty() ? "" : book.subjects.front().previous.version;
}

// "2026-11-21 14:03:07 UTC"
std::string for_people(Time at) {
  auto text = timestamp(at);
  return text.substr(0, 10) + " " + text.substr(11, 8) + " UTC";
}

// What became of what users wrote.
std::string data_in_words(run::Data data) {
  switch (data) {
    case run::Data::restore:
      return "taken back: what users wrote since is lost";
    case run::Data::keep:
      return "kept as it stands";
    case run::Data::untouched:
      return "nothing of it was lost";
  }
  return "";
}

// rollout/canary/25%/bake -> 25%
std::string phase_name(const run::Step& s) {
  auto above = s.path.substr(0, s.path.rfind('/'));
  return above.substr(above.rfind('/') + 1);
}

// What the plan expects of it: steps of one wave run side by side, so the longest of them counts.
Duration expected_of(const run::Runbook& book, run::StepIx phase) {
  run::Runbook part;
  for (auto& step : book.steps)
    if (step.phase == phase) part.steps.push_back(step);
  return part.expected();
}

// "5 of 12 steps are done, it is at canary/25%/bake"
std::string whereabouts(const run::State& s) {
  auto done = std::ranges::count_if(s.steps, [](auto& step) { return step.applied; });
  auto out = fmt::format("{}{} of {} steps are done", s.mode == run::Mode::retreat ? "it is being taken back, " : "",
                         done, s.steps.size());
  return s.open.empty() ? out : out + ", it is at " + s.step(s.open.front().step).path;
}

// What a check that is well warns of; else empty.
std::string degraded(const run::AttemptEnded& e) {
  auto check = e.evidence.find("check");
  auto state = check ? check->find("state") : nullptr;
  return state && state->text() && *state->text() == "degraded" ? e.says : "";
}

// What a step `notify` sends; empty: it is another one.
std::string sent(const run::Step& step) {
  auto name = step.call.port == "notice" ? step.call.args.find("name") : nullptr;
  return name && name->text() ? *name->text() : "";
}

std::string ending(Ending how) { return spec::encode(how).get<std::string>(); }

}  // namespace

News Listener::about(Event what, Time at) const {
  auto& book = state_.runbook;
  News out{.what = what, .values = book.setup.variables};
  for (auto name : kNames) out.values[std::string(name)] = "";
  out.values["version"] = book.version;
  out.values["previous"] = previous_of(book);
  out.values["environment"] = book.environment;
  out.values["service"] = joined_services(book.subjects);
  out.values["run"] = run_;
  out.values["who"] = who_;
  out.values["why"] = why_;
  out.values["time"] = for_people(at);
  auto expected = book.expected();  // of a plan without bakes and waits, never carried out: nothing
  auto about = book.learned_from > 0 ? "about " : "at least ";
  out.values["duration"] = expected < kMoments ? "some seconds" : about + human(expected);
  out.values["back"] = when_it_is_over(at);
  out.values["restored"] = data_in_words(state_.data);
  return out;
}

// Expected, by the plan or by its last runs; what is late already is not promised once more.
std::string Listener::when_it_is_over(Time at) const {
  auto over = (since_ == Time{} ? at : since_) + state_.runbook.expected();
  return over < at ? "later than expected" : for_people(over);
}

News Listener::own_news(std::string name, Time at) const {
  auto out = about(Event::note, at);
  out.own = std::move(name);
  return out;
}

News Listener::because(Event what, Time at, std::string reason) const {
  auto out = about(what, at);
  out.values["reason"] = std::move(reason);
  return out;
}

// It is the last of its phase that was not done.
bool Listener::ends_phase(run::StepIx ended) const {
  auto& s = state_;
  auto phase = s.step(ended).phase;
  if (phase == run::kNone) return false;
  for (run::StepIx i = phase; i < s.count() && s.step(i).phase == phase; ++i)
    if (i != ended && !s.at(i).applied) return false;
  return true;
}

// Who is asked, and for what: "approval of checks/before/Budget by product, until 2026-11-21 14:03:07 UTC".
std::optional<News> Listener::asked(const run::AttemptStarted& e, Time at) const {
  auto& step = state_.step(e.step);
  auto who = step.call.args.find("who");
  if (!step.call.of_person() || e.way != run::Way::apply || !who || !who->text()) return {};
  auto kind = step.call.operation == "approve" ? "approval" : "confirmation";
  auto out = because(Event::asked, at,
                     fmt::format("{} of {} by {}, until {}", kind, step.path, *who->text(), for_people(e.due)));
  out.question = {*who->text(), e.id, e.due};
  return out;
}

// Before the event is folded: the end of an attempt does not say which step it was.
std::optional<News> Listener::news(const run::Event& event, Time at) const {
  using Maybe = std::optional<News>;
  return std::visit(overloaded{
                        [&](const run::AttemptStarted& e) -> Maybe { return asked(e, at); },
                        [&](const run::AttemptEnded& e) -> Maybe {
                          auto attempt = state_.find(e.id);
                          bool forward =
                              attempt && attempt->way == run::Way::apply && state_.mode != run::Mode::retreat;
                          if (!forward || e.outcome != run::Outcome::ok) return {};
                          if (auto own = sent(state_.step(attempt->step)); !own.empty()) return own_news(own, at);
                          if (auto says = degraded(e); !says.empty())
                            return because(Event::warn, at, state_.step(attempt->step).path + " is " + says);
                          if (!ends_phase(attempt->step)) return {};
                          auto out = because(Event::phase, at, e.says);
                          out.values["phase"] = phase_name(state_.step(attempt->step));
                          if (phase_ != run::kNone) out.since = phase_began_;
                          return out;
                        },
                        [&](const run::VerdictGiven& e) -> Maybe {
                          if (e.then == run::Consequence::page) return because(Event::page, at, e.sentence);
                          if (e.then == run::Consequence::warn) return because(Event::warn, at, e.sentence);
                          if (e.then == run::Consequence::note) return because(Event::note, at, e.sentence);
                          return {};
                        },
                        [&](const run::Held& e) -> Maybe { return because(Event::held, at, e.question); },
                        [&](const run::GaveUp& e) -> Maybe {
                          bool known = e.step >= 0 && e.step < state_.count();
                          return because(Event::page, at,
                                         fmt::format("{} cannot be taken back, what stands before it is: {}",
                                                     known ? state_.step(e.step).path : "a step", e.why));
                        },
                        [&](const run::WayBackTaken& e) -> Maybe {
                          return because(Event::page, at,
                                         fmt::format("nobody judged the candidate, so the keeper {} the way back: {}",
                                                     e.whole ? "took" : "began", e.says));
                        },
                        [&](const run::Ended& e) -> Maybe {
                          auto what = e.how == Ending::done                                       ? Event::done
                                      : e.how == Ending::rolled_back || e.how == Ending::replaced ? Event::rolled_back
                                      : e.how == Ending::needs_people                             ? Event::page
                                                                                                  : Event::warn;
                          bool said = e.how == Ending::done || e.how == Ending::rolled_back;
                          auto out = because(what, at, said ? e.sentence : ending(e.how) + ": " + e.sentence);
                          out.values["duration"] = human(at - since_);
                          out.since = since_;
                          return out;
                        },
                        [](const auto&) -> Maybe { return {}; },
                    },
                    event);
}

// The last step of a canary that began, and only while the run goes forward.
void Listener::follow_phase(const run::Event& event, Time at, std::int64_t seq) {
  if (state_.mode != run::Mode::forward) phase_ = run::kNone;
  auto begun = std::get_if<run::AttemptStarted>(&event);
  if (!begun || begun->way != run::Way::apply || state_.mode != run::Mode::forward) return;
  auto phase = state_.step(begun->step).phase;
  if (phase == phase_) return;
  phase_ = phase, phase_began_ = at, phase_seq_ = seq;
}

std::optional<Listener::Late> Listener::late(Time at) const {
  if (phase_ == run::kNone || state_.ended) return {};
  auto expected = expected_of(state_.runbook, phase_);
  if (expected <= Duration{} || at - phase_began_ <= std::max(2 * expected, expected + kNoNews)) return {};
  auto name = phase_name(state_.step(phase_));
  auto out = because(Event::warn, at,
                     fmt::format("phase {} goes on for {} and should take {}: {}", name, human(at - phase_began_),
                                 human(expected), whereabouts(state_)));
  out.values["phase"] = name;
  return Late{phase_seq_, std::move(out)};
}

std::optional<News> Listener::progress(Time at) const {
  if (state_.ended || state_.mode == run::Mode::held || state_.steps.empty()) return {};
  auto out = because(Event::progress, at, whereabouts(state_));
  out.values["duration"] = human(at - since_);
  if (phase_ != run::kNone) out.values["phase"] = phase_name(state_.step(phase_));
  return out;
}

std::optional<News> Listener::hear(const run::Event& event, Time at, std::int64_t seq) {
  auto out = news(event, at);
  run::fold(state_, event, at);
  follow_phase(event, at, seq);
  auto started = std::get_if<run::Started>(&event);
  if (!started) return out;
  since_ = at, who_ = started->who.name(), why_ = started->why;
  auto taken = started->takes_back.empty() ? "" : "the run " + started->takes_back + ", which was done, is taken back";
  return because(Event::started, at, taken);
}

News Listener::nobody(Time at, std::string_view what_was_done) const {
  return because(Event::page, at,
                 fmt::format("nobody drives this run{}{}. `davy status {}` shows how it stands and what to type",
                             what_was_done.empty() ? "" : ": ", what_was_done, run_));
}

}  // namespace davy::notices
