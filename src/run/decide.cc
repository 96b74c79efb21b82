// decide: what is heard becomes events. Pure, and the only place where Davy makes up its mind about a run.
//
// The hard cases, in plain words:
//   - Before anything in the world was changed, trouble means `refused`; after it, the step says what trouble leads to.
//   - A step whose end nobody saw is repeated only when the plan says that it may be; else a person is asked.
//   - Users first: a retreat begins with giving all of them to the previous release, and tries on until they are there.
//   - A retreat that cannot begin (a point of no return bars it, its time is over) holds instead. An undo that fails
//   stops
//     none behind it: the run needs people at its end.
//   - Whom a strike took away is tried again, and watched, before anything else goes on.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "run/going_back.h"
#include "run/ways_out.h"

namespace davy::run {
namespace {

constexpr Duration kBringingBack = std::chrono::hours(4);

constexpr int kUndoTries = 3;
constexpr Duration kAside = std::chrono::seconds(30);  // longer than most bad moments, and than what they leave behind

// What a state implies at once: nothing is left to do in its mode.
Events settle(const State& s) {
  if (!s.open.empty()) return {};
  if (s.mode == Mode::closing) return {Ended{s.closing_as, s.why}};
  if (s.mode == Mode::forward && frontier(s).empty() && on_trial(s)) return {};
  if (s.mode == Mode::forward && frontier(s).empty())
    return {
        Ended{Ending::done, fmt::format("{} serves in {}", names(s.runbook, Side::candidate), s.runbook.environment)}};
  if (s.mode != Mode::retreat || !to_undo(s).empty()) return {};
  return retreated(s);
}

class Deciding {
 public:
  Deciding(const State& s, Time now) : s_(s), now_(now) {}

  // A run that takes an ended one back has no way but back.
  Events operator()(const Took& in) const {
    Events out{in.claim};
    bool begins = !s_.takes_back.empty() && s_.mode == Mode::forward && s_.open.empty();
    if (begins) append(out, retreat(s_, 0, fmt::format("asked by {}", s_.started_by), s_.data));
    return out;
  }

  // Bringing a copy back takes as long as making it, whatever the step takes that is taken back by it.
  Duration time_for(StepIx step, Way way) const {
    bool brings_back = way == Way::undo && s_.step(step).undo.call.port == "backup";
    return brings_back ? std::max(s_.step(step).timeout, kBringingBack) : s_.step(step).timeout;
  }

  Events operator()(const Prepared& in) const {
    auto w = wanted(s_, now_);
    if (std::ranges::find(w.prepare, std::pair{in.step, in.way}) == w.prepare.end())
      return {};  // the world moved on meanwhile
    if (auto stale = stale_word(in)) return ask_again(*stale);
    if (in.way == Way::apply)
      if (auto over = passed_over(s_, in.step, now_); !over.empty()) return over;
    auto number = s_.at(in.step).failures + 1;
    if (in.found)
      return {AttemptStarted{s_.next_id, in.step, in.way, number, *in.found, now_ + time_for(in.step, in.way)}};
    // Could not even look: that is a try like any other.
    Events out{AttemptStarted{s_.next_id, in.step, in.way, number, {}, now_ + time_for(in.step, in.way), true}};
    auto& why = in.found.error();
    return and_then(std::move(out), Finished{.id = s_.next_id,
                                             .outcome = Outcome::failed,
                                             .says = why.message,
                                             .for_people = why.code == Code::refused});
  }

  Events operator()(const Finished& in) const {
    auto open = s_.find(in.id);
    if (!open) return {};
    auto attempt = *open;
    auto outcome = attempt.timed_out && in.outcome == Outcome::cancelled ? Outcome::failed : in.outcome;
    auto says = attempt.timed_out ? fmt::format("no end within {}{}{}", human(s_.step(attempt.step).timeout),
                                                in.says.empty() ? "" : ": ", in.says)
                                  : in.says;
    AttemptEnded end{in.id, outcome, says, in.evidence, in.made, in.for_people};
    if (outcome == Outcome::ok) return {end};
    return and_then({end}, [&](const State& t) { return after_failure(t, attempt, end); });
  }

  Events operator()(const Judged& in) const {
    if (in.then == Consequence::note && !in.step_aside)
      return {VerdictGiven{in.rule, in.then, in.sentence, in.evidence}};
    auto may_act = wanted(s_, now_).judge;
    if (!may_act) return {};
    if (auto known = waiver(s_, in.rule, now_)) return {waived_verdict(in, *known)};
    Events out{VerdictGiven{in.rule, in.then, in.sentence, in.evidence}};
    if (in.step_aside) return step_aside(in, std::move(out));
    if (in.then == Consequence::roll_back) append(out, verdict_retreat(in.sentence));
    if (in.then == Consequence::hold && s_.mode == Mode::forward) append(out, hold(in.sentence, in.rule));
    return out;
  }

  Events operator()(const Observed& in) const {
    return s_.busy(in.step) && in.so_far > s_.at(in.step).watched ? Events{Watched{in.step, in.so_far}} : Events{};
  }

  // Where nobody met it nothing was shown, however long it was watched.
  Events operator()(const Tried& in) const {
    if (!on_trial(s_)) return {};
    if (in.met) return {TriedOut{}};
    if (s_.mode != Mode::forward) return {};
    return hold(
        "after a bad moment it was tried again, and not one request came: `resume` goes on, `rollback` takes it back",
        kTrial);
  }

  Events operator()(const Tick&) const {
    Events out;
    for (auto& a : s_.open)
      if (!a.timed_out && a.due <= now_) out.push_back(TimedOut{a.id});
    for (auto& one : s_.waived)
      if (one.until && *one.until <= now_) out.push_back(Lapsed{one.about});
    return out;
  }

  Events operator()(const Asked& in) const {
    if (in.entry != 0 && in.entry <= s_.desk_entry) return {};
    auto [answer, events] = asked(in);
    Events out{Heard{in.entry, in.who, in.ask, in.about, in.note, std::move(answer)}};
    append(out, std::move(events));
    return out;
  }

  Events operator()(const Returned& in) const {
    if (s_.way_back_at && in.at <= *s_.way_back_at) return {};  // the keeper tells it until it is armed anew
    Events out{WayBackTaken{in.at, in.says, in.whole}};
    bool goes_back = s_.mode == Mode::held && s_.after_hold == Mode::retreat;  // and what it was asked stays asked
    if ((s_.mode != Mode::forward && s_.mode != Mode::held) || goes_back) return out;
    append(out, retreat(s_, 0,
                        fmt::format("nothing was judged while the candidate had users, so the keeper {} them back: {}",
                                    in.whole ? "moved" : "begins to move", in.says)));
    return out;
  }

  // Its errors are better than nobody's answers; what becomes of it is for people.
  Events operator()(const NobodyHome& in) const {
    auto among = [&](const std::vector<std::int32_t>& all) { return std::ranges::find(all, in.subject) != all.end(); };
    if (among(came_home(s_))) return {GivenBack{in.says, in.subject}};
    bool goes = s_.mode == Mode::forward || s_.mode == Mode::held;
    if (!goes || !among(went_aside(s_))) return {};
    Events out{GivenBack{in.says, in.subject}};
    auto sentence = in.says + " while the candidate had no users: it has them again";
    if (s_.mode == Mode::forward) append(out, hold(sentence));
    return out;
  }

 private:
  // It is told all the same: somebody said that it does not stand in the way.
  static VerdictGiven waived_verdict(const Judged& in, const Waived& known) {
    auto sentence = fmt::format("{}; waived by {}: {}", in.sentence, known.who.name(), known.why);
    return {in.rule, Consequence::note, std::move(sentence), in.evidence};
  }

  // What a person said and the run still rests on when its next change begins: nothing was changed since.
  std::optional<StepIx> stale_word(const Prepared& in) const {
    if (in.way != Way::apply || !s_.step(in.step).changes() || s_.at(in.step).aside) return {};
    for (auto i = in.step - 1; i >= 0 && !(s_.step(i).changes() && s_.at(i).tainted); --i)
      if (s_.step(i).call.of_person() && s_.at(i).applied && now_ - s_.at(i).ended > s_.step(i).timeout) return i;
    return {};
  }
  Events ask_again(StepIx i) const {
    auto& step = s_.step(i);
    auto says =
        fmt::format("{}: given {} ago, it holds for {}", step.path, human(now_ - s_.at(i).ended), human(step.timeout));
    return changed(s_) ? Events{Expired{i}} : end_unchanged(s_, says);
  }

  static void append(Events& to, Events more) { std::ranges::move(more, std::back_inserter(to)); }

  // Events so far, folded, and what follows from the state they lead to.
  Events and_then(Events so_far, const auto& next) const {
    auto t = s_;
    for (auto& e : so_far) fold(t, e, now_);
    if constexpr (requires { next(t); })
      append(so_far, next(t));
    else
      append(so_far, Deciding(t, now_)(next));
    return so_far;
  }

  Events after_failure(const State& t, const Attempt& a, const AttemptEnded& end) const {
    auto& step = t.step(a.step);
    auto sentence = fmt::format("{}{}: {}", a.way == Way::undo ? "taking back " : "", step.path,
                                end.says.empty() ? spec::encode(end.outcome).get<std::string>() : end.says);
    if (a.way == Way::undo) return after_failed_undo(t, a, end, sentence);
    if (a.way == Way::aside) return {};  // tried again until its time is over; whom it leaves there is judged
    if (t.mode != Mode::forward && t.mode != Mode::held) return {};  // a retreat undoes it, whatever became of it
    if (end.outcome == Outcome::unknown && !step.repeatable)
      return hold(
          fmt::format("nobody saw the end of {}: was it done? `davy confirm RUN done` or `not-done`", step.path),
          Mode::forward, a.step);
    if (t.mode == Mode::held || end.outcome == Outcome::unknown || end.outcome == Outcome::cancelled) return {};
    bool last_word = end.for_people || end.outcome == Outcome::inconclusive;
    bool final_try = last_word || t.at(a.step).failures >= step.tries;
    if (auto known = waiver(t, step.path, now_); known && final_try)
      return {Skipped{a.step, fmt::format("waived by {}: {}", known->who.name(), known->why)}};
    if (last_word && changed(t)) return hold(sentence, step.path);
    if (!last_word && t.at(a.step).failures < step.tries) return {};
    if (step.optional) return {Skipped{a.step, end.says}};
    return trouble(t, a.step, sentence);
  }

  Events after_failed_undo(const State& t, const Attempt& a, const AttemptEnded& end,
                           const std::string& sentence) const {
    if (t.mode != Mode::retreat) return {};
    auto& step = t.step(a.step);
    if (end.outcome == Outcome::unknown && !step.repeatable)
      return hold(fmt::format("nobody saw the end of {}: was it done? `davy confirm RUN done` or `not-done`", sentence),
                  Mode::retreat, a.step);
    // What stands before the users is tried on until it answers: to need people is for refusals, not for silence. That
    // users come home is never given up while there is a home: whoever is not up now may be in a minute.
    bool for_ever = step.undo.call.moves_users() && !home_was_given_up(t, step);
    bool last_word = !for_ever && t.at(a.step).failures >= std::max(kUndoTries, step.tries);
    bool refused = end.for_people && !(for_ever && step.undo.call.brings_home());
    if (refused && !last_word && at_home(t, step)) return {GivenBack{end.says, step.subject}};
    return refused || last_word ? Events{GaveUp{a.step, end.says}} : Events{};
  }

  // The candidate may not be taken away because nobody is well at home: so its users go there once more, when they can.
  static bool at_home(const State& t, const Step& step) {
    auto home = came_home(t);
    return step.side == Side::candidate && std::ranges::find(home, step.subject) != home.end();
  }

  // Not twice for the same moment: a judge that was appointed after a crash tells again what it finds in the samples.
  Events step_aside(const Judged& in, Events out) const {
    auto steps = giving_users(s_, s_.count());
    if (steps.empty() || parted(s_) || aside(s_) || in.seen <= s_.aside_since) return {};
    out.push_back(SteppedAside{std::move(steps), now_ + kAside});
    return out;
  }

  // What a verdict is about: while a person is waited for, the step before. What that wait leads to when nobody answers
  // says nothing of users who meet errors.
  StepIx in_question() const {
    auto ahead = frontier(s_);
    auto here = ahead.empty() ? s_.count() - 1 : ahead.front();
    while (here > 0 && s_.step(here).call.of_person()) --here;
    return here;
  }

  Events verdict_retreat(const std::string& sentence) const {
    if (auto over = rolled_out(s_); over && now_ - *over > s_.runbook.rollback_window) {
      if (s_.mode == Mode::held) return {};
      return hold(fmt::format("{}. The rollback window of {} is over, so nothing was taken back by itself", sentence,
                              human(s_.runbook.rollback_window)));
    }
    if (s_.mode == Mode::held && (barred(s_) || loses_data(s_, 0))) return {};  // held for that already
    if (s_.mode == Mode::held && s_.after_hold == Mode::retreat && s_.retreat_to == 0) return {};
    auto here = in_question();
    if (s_.mode == Mode::held || s_.step(here).on_trouble == Trouble::roll_back) return retreat(s_, 0, sentence);
    return trouble(s_, here, sentence);
  }

  Answer asked(const Asked& in) const {
    if (in.ask == "hold") return asked_hold(in);
    if (in.ask == "resume") return asked_resume(in);
    if (in.ask == "abort") return asked_abort(in);
    if (in.ask == "rollback") return asked_rollback(in);
    if (in.ask == "settle") return asked_settle(in);
    if (in.ask == "confirm" || in.ask == "approve") return asked_person(s_, in);
    if (in.ask.starts_with("waive")) return asked_waive(s_, in, now_);
    if (in.ask == "promote") return asked_promote(s_, in);
    if (in.ask == "replace") return asked_replace(in);
    return {"not understood"};
  }

  // Of a run that is held already it is one reason more: whoever answers the other does not answer this one.
  Answer asked_hold(const Asked& in) const {
    if (s_.mode != Mode::forward && s_.mode != Mode::held) return {"nothing to hold: " + where()};
    auto why = fmt::format("held by {}{}{}", in.who.name(), in.note.empty() ? "" : ": ", in.note);
    if (s_.mode == Mode::forward) return {"held", hold(why)};
    if (s_.why.starts_with(why)) return {"it is held for that already"};
    return {"held for that, too",
            {Held{fmt::format("{}; and before that: {}", why, s_.why), s_.after_hold, s_.unknown}}};
  }
  Answer asked_resume(const Asked& in) const {
    if (s_.mode != Mode::held) return {"nothing to resume: " + where()};
    if (s_.unknown != kNone) return {"first say what became of " + s_.step(s_.unknown).path + ": done or not-done"};
    return {"resumed", {Released{in.who}}};
  }
  Answer asked_abort(const Asked& in) const {
    if (s_.mode == Mode::closing) return {"it ends already"};
    if (!changed(s_)) return asked_rollback(in);
    auto more = what_goes_on();
    return {"left as it stands" + more,
            {Closing{Ending::abandoned, fmt::format("left as it stands by {}{}{}{}", in.who.name(),
                                                    in.note.empty() ? "" : ": ", in.note, more)}}};
  }
  // What a platform replaces by itself it goes on replacing, whoever is gone.
  std::string what_goes_on() const {
    std::vector<std::string> names;
    for (auto& a : s_.open)
      if (auto& step = s_.step(a.step); step.call.of_roller() && step.subject != kNone)
        names.push_back(s_.runbook.subjects.at(static_cast<std::size_t>(step.subject)).service);
    if (names.empty()) return "";
    return fmt::format("; what was begun for {} goes on without Davy: stop it where it runs", joined(names, ", "));
  }
  Answer asked_rollback(const Asked& in) const {
    if (s_.mode == Mode::retreat || s_.mode == Mode::closing) return {"nothing to roll back: " + where()};
    auto why = fmt::format("asked by {}{}{}", in.who.name(), in.note.empty() ? "" : ": ", in.note);
    if (!changed(s_)) return {"the run ends: it has changed nothing that still stands", end_unchanged(s_, why)};
    auto data = in.about == "restore" ? Data::restore : in.about == "keep" ? Data::keep : Data::untouched;
    auto events = retreat(s_, 0, why, data);
    auto held = std::get_if<Held>(&events.front());
    return {held ? held->question : "rolling back", std::move(events)};
  }
  Answer asked_settle(const Asked& in) const {
    if (s_.mode != Mode::held || s_.unknown == kNone) return {"no step's end is unknown"};
    if (in.about != "done" && in.about != "not-done") return {"say `done` or `not-done`"};
    return {"noted", {Settled{s_.unknown, in.about == "done", in.who}, Released{in.who}}};
  }
  // As a rollback, but what the previous release can live with stays in the data: it will be needed again.
  Answer asked_replace(const Asked& in) const {
    if (s_.mode == Mode::retreat || s_.mode == Mode::closing) return {"nothing to replace: " + where()};
    if (s_.runbook.first_release()) return {"nothing to replace: it is a first release, and would leave nobody"};
    for (StepIx i = 0; i < s_.count(); ++i)
      if (s_.step(i).data && s_.at(i).tainted && !s_.step(i).compatible)
        return {fmt::format("nothing was replaced: {} is not compatible-with-previous: roll it back first",
                            s_.step(i).path)};
    auto why = fmt::format("{} is shipped instead, says {}", in.about, in.who.name());
    if (!changed(s_)) return {"the run ends: it has changed nothing that still stands", end_unchanged(s_, why)};
    auto events = retreat(s_, 0, why, Data::keep);
    auto began = std::get_if<RetreatBegan>(&events.front());
    if (!began) return {"nothing was replaced: " + std::get<Held>(events.front()).question};
    began->replaced_by = in.about;
    return {"rolling back", std::move(events)};
  }

  std::string where() const {
    auto mode = spec::encode(s_.mode).get<std::string>();
    return s_.mode == Mode::forward   ? "the run goes forward"
           : s_.mode == Mode::retreat ? "it is being taken back already"
                                      : "it is " + mode;
  }

  const State& s_;
  Time now_;
};

}  // namespace

std::vector<Event> decide(const State& s, const Input& in, Time now) {
  if (s.mode == Mode::ended) return {};
  auto out = std::visit(Deciding(s, now), in);
  if (out.empty()) out = settle(s);
  if (out.empty()) return out;
  auto t = s;
  for (std::size_t folded = 0;;) {  // what was settled may settle again: a few rounds, since each changes the mode
    for (; folded < out.size(); ++folded) fold(t, out[folded], now);
    auto more = settle(t);
    if (more.empty()) return out;
    std::ranges::move(more, std::back_inserter(out));
  }
}

}  // namespace davy::run
