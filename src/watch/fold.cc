// What an event makes of a state. A replay runs nothing else, so it may not change its mind about old events.
#include "watch/state.h"

namespace davy::watch {
namespace {

struct Folding {
  State& s;
  Time now;

  DutyState& of(DutyIx i) { return s.duties.at(static_cast<std::size_t>(i)); }

  void operator()(const Began& e) {
    s.run = e.run, s.since = e.since, s.book = e.book, s.routine = e.routine;
    s.duties.assign(s.book.watch.size(), {.done_to = e.since, .last = {}, .last_at = {}, .since = {}, .open = {}});
    if (e.routine)
      for (auto& duty : s.duties) duty.done_to = now;  // what was due before was the other watch's
  }
  void operator()(const run::Claimed& e) { s.epoch = e.epoch, s.claimed_at = now; }
  void operator()(const LookBegan& e) {
    of(e.duty).open = e;
    s.looks_begun = e.id;
  }
  void operator()(const Looked& e) {
    auto& duty = of(e.duty);
    if (!duty.last || duty.last->seen != e.seen) duty.since = now;
    if (is_told(duty, e, now)) duty.told_at = now, duty.told = e.seen != Seen::well;
    duty.done_to = std::max(duty.done_to, e.due);
    duty.looks += e.times;
    duty.last = e, duty.last_at = now;
    if (e.id != 0) duty.open.reset();
  }
  void operator()(const Missed& e) {
    auto& duty = of(e.duty);
    duty.missed += e.times;
    if (e.before > duty.done_to) duty.done_to = std::max(duty.done_to, e.before - Duration{1});
  }
  void operator()(const Told&) {}
  void operator()(const AlarmBegan& e) { s.alarms[e.rule] = {e.then, e.says, now, now}; }
  void operator()(const AlarmGoesOn& e) { s.alarms[e.rule].told_at = now; }
  void operator()(const AlarmOver& e) { s.alarms.erase(e.rule); }
  void operator()(const BackWanted& e) {
    s.back_wanted = e.why;
    ++s.backs;
  }
  void operator()(const BackNotWanted&) { s.back_wanted.reset(), s.back_refused.reset(); }
  void operator()(const BackRefused&) { s.back_refused = now; }
  void operator()(const Over& e) { s.over = e; }
};

}  // namespace

void a_run_took_it(State& s) { s.back_wanted.reset(), s.back_refused.reset(); }

void fold(State& s, const Event& e, Time at) { std::visit(Folding{s, at}, e); }

}  // namespace davy::watch
