// fold: what an event makes of a state. No decision is taken here; replaying a journal runs nothing but this.
#include <algorithm>

#include "run/losing.h"
#include "run/state.h"

namespace davy::run {
namespace {

// As long as the first bad moment took to be seen, in these bounds.
constexpr Duration kShortestTrial = std::chrono::seconds(30), kLongestTrial = std::chrono::minutes(10);

class Folding {
 public:
  Folding(State& s, Time at) : s_(s), at_(at) {}

  void operator()(const Started& e) {
    s_.carry_out(e.runbook);
    s_.hash = e.hash;
    s_.steps.assign(e.runbook.steps.size(), {});
    s_.takes_back = e.takes_back;
    s_.started_by = e.who.name() + (e.why.empty() ? "" : ": " + e.why);
    s_.began_by = e.who;
    s_.data = e.data;
    if (e.takes_back.empty()) return;
    for (auto& done : e.done) {
      auto& step = s_.at(done.step);
      step.applied = step.tainted = step.written = step.took = true;
      step.found = done.found, step.made = done.made;
    }
    s_.reached = s_.count();
    s_.exposed_since = e.exposed_since;
  }
  // What only an engine does takes no time while there is none: it is begun anew, with all its time. A command goes on
  // without one, and a person may still answer.
  void operator()(const Claimed& e) {
    s_.epoch = e.epoch;
    if (s_.tried_again) s_.tried_again = at_;  // nobody watched meanwhile
    for (auto& a : s_.open)
      if (auto& step = s_.step(a.step);
          step.repeatable && (a.way == Way::undo ? step.undo.call : step.call).of_machine())
        a.due = std::max(a.due, at_ + step.timeout);
  }

  void operator()(const AttemptStarted& e) {
    s_.open.push_back({e.id, e.step, e.way, e.number, s_.epoch, at_, e.due, e.found, false});
    s_.next_id = std::max(s_.next_id, e.id + 1);
    if (e.way != Way::apply || e.only_looked) return;
    s_.reached = std::max(s_.reached, e.step + 1);
    auto& step = s_.at(e.step);
    if (!step.tainted) step.found = e.found;  // a second try must not mistake its own traces for the old world
    step.tainted = true;
    step.undone = false;
    if (!closed(s_) && !nobody_runs(s_)) may_be_written();
    if (s_.step(e.step).exposes()) s_.first_users.try_emplace(s_.step(e.step).subject, at_);
    if (s_.step(e.step).exposes() && !s_.exposed_since) {
      s_.exposed_since = s_.judged_from = at_;
      s_.judges = 1;
    }
  }
  void operator()(const AttemptEnded& e) {
    auto open = std::ranges::find(s_.open, e.id, &Attempt::id);
    if (open == s_.open.end()) return;
    auto attempt = *open;
    s_.open.erase(open);
    auto& step = s_.at(attempt.step);
    step.ended = at_;
    if (attempt.way == Way::apply) step.took |= e.outcome != Outcome::failed;
    if (e.outcome == Outcome::ok && attempt.way == Way::apply && !e.made.null()) step.made = e.made;
    if (e.outcome == Outcome::ok && !overtaken(attempt))
      ended_well(step, attempt.way);
    else if (e.outcome == Outcome::ok)
      step.away = false;
    else if (e.outcome != Outcome::cancelled)
      failed(step, s_.step(attempt.step));
  }
  void operator()(const TimedOut& e) {
    for (auto& attempt : s_.open)
      if (attempt.id == e.id) attempt.timed_out = true;
  }
  void operator()(const Expired& e) { s_.at(e.step).applied = s_.at(e.step).tainted = false; }
  void operator()(const Skipped& e) { s_.at(e.step).applied = true; }
  void operator()(const VerdictGiven& e) { s_.spoke.insert(e.rule); }
  void operator()(const Waived& e) { s_.waived.push_back(e); }
  // Its rule has spoken while it was waived, and would not again while it holds: a judge that begins anew asks afresh.
  void operator()(const Lapsed& e) {
    std::erase_if(s_.waived, [&](auto& one) { return one.about == e.about && one.until && *one.until <= at_; });
    s_.judged_from = at_;
  }
  void operator()(const Promoted& e) {
    if (e.all) s_.promoted = e;
  }
  void operator()(const GaveUp& e) { s_.at(e.step).given_up = e.why.empty() ? "it failed" : e.why; }

  // The bakes stand still meanwhile.
  void operator()(const SteppedAside& e) {
    s_.aside_since = at_, s_.aside_until = e.until, s_.tried_again.reset(), s_.trial = kLongestTrial;
    for (auto i : e.steps) {
      auto& step = s_.at(i);
      step.aside = true, step.applied = step.away = step.given_back = false;
      s_.trial = std::clamp<Duration>(at_ - step.ended, kShortestTrial, s_.trial);
      fresh(step);
    }
    for (auto& attempt : s_.open)
      if (s_.step(attempt.step).call.of_bake()) attempt.due += e.until - at_;
  }

  void operator()(const TriedOut&) { s_.tried_again.reset(); }

  // On the way back its users are to be brought home once more, and who is there has them meanwhile.
  void operator()(const GivenBack& e) {
    for (StepIx i = 0; i < s_.count(); ++i) {
      if (e.subject != kNone && s_.step(i).subject != e.subject) continue;
      auto& step = s_.at(i);
      step.given_back |= step.aside;
      if (s_.mode != Mode::retreat || !s_.step(i).undo.call.brings_home()) continue;
      step.undone = false, step.given_back = true;
      fresh(step);
    }
  }

  // What has no undo (a check, a bake) is simply to be done again when the run comes past it once more.
  void operator()(const RetreatBegan& e) {
    if (s_.mode == Mode::held) s_.reached = first_open();
    judge_anew();
    s_.mode = Mode::retreat;
    s_.retreat_to = e.to;
    s_.after_retreat = e.then;
    s_.why = s_.went_back_for = e.why;
    s_.data = e.data;
    s_.replaced_by = e.replaced_by;
    auto gate = point_of_no_return(s_, e.to);
    for (StepIx i = e.to; i < s_.count(); ++i) s_.at(i).kept = stays(i, gate, e.data);
    if (e.then == Mode::held && e.to > 0) ++s_.step_backs;
    bool without_users = aside(s_);
    s_.tried_again.reset();
    for (StepIx i = 0; i < s_.count(); ++i) {
      fresh(s_.at(i));
      s_.at(i).given_up.clear();
      if (i < e.to) continue;
      s_.at(i).undone = false;
      if (s_.step(i).undo.kind == UndoKind::nothing) s_.at(i).applied = s_.at(i).tainted = false;
      s_.at(i).watched = {};
    }
    if (without_users) stay_without_users(e.to);
  }
  void operator()(const Held& e) {
    s_.mode = Mode::held;
    s_.after_hold = e.then;
    s_.unknown = e.unknown;
    s_.held_about = e.about;
    s_.why = e.question;
  }
  void operator()(const Released&) {
    if (s_.held_about == kTrial) s_.tried_again.reset();  // a person said that it is enough
    if (s_.after_hold == Mode::forward) go_on();
    judge_anew();
    s_.mode = s_.after_hold;
    s_.unknown = kNone;
    s_.held_about.clear();
    s_.why.clear();
    for (auto& step : s_.steps) fresh(step);
  }
  void operator()(const Settled& e) {
    auto& step = s_.at(e.step);
    step.ended = at_;
    if (s_.after_hold == Mode::retreat)
      e.done ? undone(step) : void();
    else
      e.done ? applied(step) : void(step.tainted = false);
    s_.unknown = kNone;
  }
  void operator()(const Watched& e) { s_.at(e.step).watched = e.so_far; }
  void operator()(const Heard& e) { s_.desk_entry = std::max(s_.desk_entry, e.entry); }
  void operator()(const WayBackTaken& e) {
    s_.way_back_at = e.at, s_.way_back_whole = e.whole;
    for (StepIx i = 0; i < s_.count(); ++i)  // the router answers again
      if (s_.step(i).undo.call.moves_users()) fresh(s_.at(i));
  }
  void operator()(const Closing& e) {
    s_.mode = Mode::closing;
    s_.closing_as = e.as;
    s_.why = e.why;
  }
  void operator()(const Ended& e) {
    s_.mode = Mode::ended;
    s_.ended = e.how;
    s_.why = e.sentence;
    s_.open.clear();
  }

 private:
  // It gave users to a candidate that was to have none by then: they are taken away after it.
  bool overtaken(const Attempt& a) const {
    return a.way == Way::apply && s_.at(a.step).aside && a.started < s_.aside_since;
  }
  void ended_well(StepState& step, Way way) {
    if (way == Way::aside) return void(step.away = true);
    way == Way::apply ? applied(step) : undone(step);
  }
  void applied(StepState& step) {
    if (step.aside) s_.tried_again = at_;
    step.applied = step.tainted = true;
    step.aside = step.away = step.given_back = false;
    step.failures = 0;
  }
  static void undone(StepState& step) {
    step.applied = step.tainted = step.written = step.given_back = false;
    step.undone = true;
    step.failures = 0;
    step.found = step.made = {};
  }
  void judge_anew() {
    s_.judged_from = at_;
    if (exposed(s_)) ++s_.judges;
  }
  // On the way back nobody is given to the candidate. What it keeps in a step back it gets when the run goes on.
  void stay_without_users(StepIx before) {
    for (auto& step : s_.steps) step.aside = step.away = false;
    for (auto i : giving_users(s_, before)) s_.at(i).applied = false;
  }
  // Where users wait for it the pauses stay short.
  void failed(StepState& step, const Step& of) {
    auto longest = of.undo.call.moves_users() ? Duration(std::chrono::seconds(5)) : std::chrono::minutes(1);
    auto doublings = std::min(step.failures, 6);
    step.not_before = at_ + std::min<Duration>(of.retry_wait * (1 << doublings), longest);
    ++step.failures;
  }
  static void fresh(StepState& step) {
    step.failures = 0;
    step.not_before = {};
  }
  void go_on() {
    s_.reached = first_open();
    for (auto& step : s_.steps) {
      if (step.undone) step.took = false;
      step.undone = step.kept = false;
      step.given_up.clear();
    }
  }
  // What the previous release can live with is not taken back where that would lose anything or cannot be done; nor are
  // any data at all where a person said so; nor what commands did before a point of no return.
  bool stays(StepIx i, StepIx gate, Data data) const {
    auto& step = s_.step(i);
    if (step.undo.kind == UndoKind::impossible) return s_.at(i).tainted;
    if (i < gate && works_on_data(step.undo.call)) return true;
    if (!s_.at(i).tainted || !step.undo.has_call()) return false;
    bool loses = step.undo.kind == UndoKind::loses && written_since(s_, i);
    return data == Data::keep ? loses || step.data : data == Data::untouched && loses && step.compatible;
  }
  // No page stands before the users: what they write from now on, taking a step back may lose.
  void may_be_written() {
    for (auto& step : s_.steps) step.written |= step.tainted;
  }
  // Steps that exist for their undo alone count as done when the run has come past them: after a step back it has not.
  StepIx first_open() const {
    StepIx reached = 0;
    for (StepIx i = 0; i < s_.count(); ++i)
      if (s_.at(i).applied || s_.at(i).tainted) reached = i + 1;
    return reached;
  }

  State& s_;
  Time at_;
};

}  // namespace

void fold(State& s, const Event& e, Time at) { std::visit(Folding(s, at), e); }

}  // namespace davy::run
