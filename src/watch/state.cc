#include "watch/state.h"

#include <algorithm>

namespace davy::watch {
namespace {

const run::Duty& duty_of(const State& s, DutyIx i) { return s.book.watch[static_cast<std::size_t>(i)]; }
const DutyState& at(const State& s, DutyIx i) { return s.duties[static_cast<std::size_t>(i)]; }

void earlier(std::optional<Time>& wake, std::optional<Time> t) {
  if (t && (!wake || *t < *wake)) wake = t;
}

std::optional<DueLook> due_look(const State& s, DutyIx i, Time now, const Zone& zone) {
  auto& duty = at(s, i);
  if (duty.open) return DueLook{i, duty.open->due, duty.open->id, true, false};
  auto due = due_between(duty_of(s, i).when, s.since, duty.done_to, now, zone);
  if (due.times == 0) return {};
  return DueLook{i, due, 0, false, acts(duty_of(s, i))};
}

}  // namespace

namespace {

// Something fails that did not, or what nobody could tell fails.
bool is_worse(const Looked& before, const Looked& now) {
  if (before.seen == Seen::cannot_tell && now.seen == Seen::failed) return true;
  return std::ranges::any_of(now.items, [&](auto& item) {
    return std::ranges::find(before.items, item.path, &Item::path) == before.items.end();
  });
}

}  // namespace

// What goes up and down is told by and by, and at last as it is.
bool is_told(const DutyState& before, const Looked& look, Time at) {
  if (look.seen == Seen::well) return before.told && at - before.told_at >= kCalm;
  if (!before.told) return before.told_at == Time{} || at - before.told_at >= kNewTrouble;
  return at - before.told_at >= kTellAgain || (before.last && is_worse(*before.last, look));
}

bool acts(const run::Duty& duty) { return std::ranges::any_of(duty.steps, &run::Step::changes); }

bool belongs(const State& s, DutyIx i) { return !s.routine || !duty_of(s, i).when.dated; }

bool in_window(const State& s, Time now) {
  return !s.routine && !s.book.first_release() && now < s.since + s.book.rollback_window;
}

std::optional<Time> next_due(const State& s, DutyIx i, Time, const Zone& zone) {
  if (!belongs(s, i)) return {};
  return watch::next_due(duty_of(s, i).when, s.since, at(s, i).done_to, zone);
}

Wanted wanted(const State& s, Time now, const Zone& zone) {
  Wanted out;
  if (s.over || s.run.empty()) return out;
  for (DutyIx i = 0; i < std::ssize(s.duties); ++i) {
    if (!belongs(s, i)) continue;
    if (auto look = due_look(s, i, now, zone))
      out.looks.push_back(*look);
    else
      earlier(out.wake, next_due(s, i, now, zone));
  }
  out.alarms = !s.book.rules.empty();
  for (auto& [rule, firing] : s.alarms) earlier(out.wake, firing.told_at + kTellAgain);
  auto again = s.back_refused ? *s.back_refused + kTryBackAgain : Time{};
  out.take_back = s.back_wanted && now >= again && in_window(s, now);
  if (s.back_wanted && !out.take_back) earlier(out.wake, std::max(again, now));
  return out;
}

}  // namespace davy::watch
