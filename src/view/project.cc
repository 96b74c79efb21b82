// The journal becomes a view. run::fold says how the run stands; what fold forgets (when each attempt was, what it
// said) is kept here beside it.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "view/numbers.h"
#include "view/standing.h"
#include "view/words.h"

namespace davy::view {
namespace {

using run::Outcome;
using run::Way;

class Projecting {
 public:
  explicit Projecting(std::string id) { v_.id = std::move(id); }

  void take(const TimedEvent& e) {
    at_ = e.at;
    if (!fits(state_, e.event)) return;
    std::visit(*this, e.event);
    run::fold(state_, e.event, e.at);
    mark(v_.asides, !state_.ended && !went_aside(state_).empty());
    mark(v_.pages, closed(state_));
  }
  RunView view(Time now) const;
  void say(std::string fact) { v_.facts.push_back(std::move(fact)); }

  void operator()(const run::Started& e) {
    auto& book = e.runbook;
    v_.environment = book.environment, v_.version = book.version, v_.who = e.who.name(), v_.hash = e.hash;
    v_.why = e.why, v_.takes_back = e.takes_back, v_.urgent = book.urgent;
    v_.subjects = book.subjects, v_.rules = book.rules, v_.started = at_;
    v_.steps.clear();
    for (auto& s : book.subjects)
      if (v_.previous.empty()) v_.previous = s.previous.version;
    for (auto& s : book.steps) v_.steps.push_back(step_of(book, s, static_cast<run::StepIx>(v_.steps.size())));
  }
  void operator()(const run::AttemptStarted& e) {
    auto& step = at(e.step);
    attempts_[e.id] = {e.step, step.tries.size()};
    step.tries.push_back({e.id, e.way, at_, {}, Outcome::ok});
    step.status = e.way == Way::apply || step.retreat_only ? Status::running : Status::undoing;
    if (e.way != Way::apply) return;
    if (e.number <= 1 || !step.started) step.started = at_, step.attempts = 0;
    step.ended.reset();
    ++step.attempts;
  }
  void operator()(const run::AttemptEnded& e) {
    auto found = attempts_.find(e.id);
    if (found == attempts_.end()) return;
    auto& step = at(found->second.step);
    auto& attempt = step.tries[found->second.index];
    attempt.ended = at_, attempt.outcome = e.outcome;
    if (attempt.way == Way::apply) step.ended = at_;
    step.status = baked_again(step, attempt) ? Status::waiting : status_after(attempt, step.retreat_only);
    step.result = e.says.empty() && e.outcome == Outcome::cancelled ? "stopped" : e.says;
    keep_output(step, e.evidence);
  }
  void operator()(const run::Waived& e) {
    v_.people.push_back(fmt::format("{} {} waives {}: {}", clock_text(at_), e.who.name(), e.about, e.why));
  }
  void operator()(const run::Lapsed&) {}
  void operator()(const run::Promoted&) {}
  void operator()(const run::Expired& e) { at(e.step).status = Status::waiting; }
  void operator()(const run::Skipped& e) {
    at(e.step).status = Status::skipped;
    if (!e.why.empty()) at(e.step).result = e.why;
  }
  void operator()(const run::Settled& e) {
    bool back = state_.after_hold == run::Mode::retreat;
    at(e.step).status = e.done ? back ? Status::undone : Status::done : Status::waiting;
    at(e.step).result = fmt::format("{} says it was {}", e.who.name(), e.done ? "done" : "not done");
  }
  void operator()(const run::VerdictGiven& e) { v_.verdicts.push_back({at_, e.rule, e.sentence, e.then, e.evidence}); }
  // A step back bakes again what it goes back over; a rollback leaves on record what had passed.
  void operator()(const run::RetreatBegan& e) {
    goes_on();
    if (e.then != run::Mode::held) return;
    for (auto& step : v_.steps)
      if (step.step >= e.to && !step.has_undo) step.status = Status::waiting;
  }
  void operator()(const run::Watched& e) { watched_at_ = at_, watched_step_ = e.step; }
  void operator()(const run::Heard& e) {
    auto note = e.note.empty() ? "" : fmt::format(" (“{}”)", e.note);
    v_.people.push_back(
        fmt::format("{} {} asked to {}{}: {}", clock_text(at_), e.who.name(), asked_to(e), note, e.answer));
  }
  void operator()(const run::WayBackTaken& e) {
    v_.people.push_back(fmt::format("{} the keeper {} the way back by itself: {}", clock_text(e.at),
                                    e.whole ? "took" : "began", e.says));
  }
  void operator()(const run::Held&) { goes_on(), v_.holds.push_back({at_}); }
  void operator()(const run::Released&) { goes_on(); }
  void operator()(const run::Ended& e) { goes_on(), v_.ended = at_, v_.ending = e.how; }
  void operator()(const auto&) {}

 private:
  struct Ref {
    run::StepIx step;
    std::size_t index;
  };

  void goes_on() { mark(v_.holds, false); }
  void mark(std::vector<Span>& spans, bool so) const {
    bool was = !spans.empty() && !spans.back().to;
    if (so && !was) spans.push_back({at_});
    if (!so && was) spans.back().to = at_;
  }

  static StepView step_of(const run::Runbook& book, const run::Step& s, run::StepIx ix) {
    StepView out{.step = ix, .path = s.path, .says = s.says, .expected = s.expected, .length = bake_length(s)};
    out.has_undo = s.undo.kind == run::UndoKind::call;
    out.point_of_no_return = s.undo.kind == run::UndoKind::impossible;
    out.retreat_only = retreat_only(s);
    out.undo = undo_in_words(book, s);
    if (out.retreat_only) out.status = Status::not_needed;
    return out;
  }
  StepView& at(run::StepIx i) { return v_.steps[static_cast<std::size_t>(i)]; }

  static Status status_after(const TryView& t, bool retreat_only) {
    if (t.outcome != Outcome::ok) return Status::failed;
    if (t.way == Way::aside) return Status::waiting;
    return t.way == Way::undo && !retreat_only ? Status::undone : Status::done;
  }
  // Stopped by a step back, to be done again when the run comes past it once more.
  bool baked_again(const StepView& step, const TryView& t) const {
    return t.outcome == Outcome::cancelled && !step.has_undo && state_.mode == run::Mode::retreat &&
           state_.after_retreat == run::Mode::held && step.step >= state_.retreat_to;
  }
  // What an undo says nothing about stays as its apply left it.
  static void keep_output(StepView& step, const spec::Value& evidence) {
    for (auto [key, to] : {std::pair{"output", &step.output}, {"log", &step.log}})
      if (auto found = evidence.find(key))
        *to = spec::scalar_text(*found).value_or("");
      else if (step.tries.back().way == Way::apply)
        to->clear();
  }
  void settle_status(StepView&, Time now) const;
  bool tried_again(const StepView&) const;
  Duration watched(const StepView&, Time now) const;

  RunView v_;  // what the events said; what now adds stands in the copy that is handed out
  run::State state_;
  Time at_{}, watched_at_{};
  run::StepIx watched_step_ = run::kNone;
  std::map<run::AttemptId, Ref> attempts_;
};

// What one event cannot say: whether a failure will be tried again, what is not needed any more.
void Projecting::settle_status(StepView& step, Time now) const {
  auto& s = state_.at(step.step);
  bool back = state_.mode == run::Mode::retreat;
  if (step.status == Status::failed && s.failures > 0 && !s.applied && tried_again(step))
    step.status = Status::retrying;
  bool proves = back && step.retreat_only && step.step < state_.reached && step.step >= state_.retreat_to;
  if (proves && step.status == Status::not_needed) step.status = Status::waiting;
  bool over = state_.ended || (back && state_.after_retreat == run::Mode::ended);
  if (over && step.status == Status::waiting && !(proves && !state_.ended)) step.status = Status::not_needed;
  step.watched = s.watched;
  if (step.length > Duration{} && step.status == Status::running) step.watched = watched(step, now);
}

bool Projecting::tried_again(const StepView& step) const {
  auto undo = !step.tries.empty() && step.tries.back().way == Way::undo;
  return state_.mode == (undo ? run::Mode::retreat : run::Mode::forward);
}

// Between two records of watched time the clock goes on; but no further than to where the next record was due.
Duration Projecting::watched(const StepView& step, Time now) const {
  auto since = watched_step_ == step.step ? std::max(watched_at_, *step.started) : *step.started;
  auto due = std::max<Duration>(std::chrono::seconds(1), step.length / 50);
  return std::min(step.length, step.watched + std::clamp(now - since, Duration{}, due));
}

RunView Projecting::view(Time now) const {
  auto out = v_;
  out.now = now;
  out.mode = state_.mode;
  out.stepping_back = state_.mode == run::Mode::retreat && state_.after_retreat == run::Mode::held;
  out.question_or_sentence = state_.why;
  if (out.steps.empty()) return out;
  for (auto& step : out.steps) settle_status(step, now);
  tell_shares(out, shares_of(state_, out.steps));
  add_standing(out, state_);
  return out;
}

}  // namespace

struct Projection::Folded {
  Projecting projecting;
  EventLines lines{{.width = 400}};
};

Projection::Projection(std::string id) : folded_(new Folded{Projecting(std::move(id))}) {}
Projection::~Projection() = default;
Projection::Projection(Projection&&) noexcept = default;

void Projection::take(const TimedEvent& e) {
  folded_->projecting.take(e);
  if (auto said = folded_->lines.next(e); !said.empty()) folded_->projecting.say(std::move(said));
}

RunView Projection::view(std::vector<judge::Window> samples, Time now) const {
  auto out = folded_->projecting.view(now);
  std::ranges::sort(samples, {}, &judge::Window::from);
  out.windows = std::move(samples);
  add_numbers(out, now);
  return out;
}

RunView project(std::string id, const std::vector<TimedEvent>& events, std::vector<judge::Window> samples, Time now) {
  Projection projection(std::move(id));
  for (auto& e : events) projection.take(e);
  return projection.view(std::move(samples), now);
}

}  // namespace davy::view
