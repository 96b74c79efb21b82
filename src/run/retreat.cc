// The way back as a state tells it: what is taken back now, what stays, and what bars it.
#include <algorithm>

#include "run/losing.h"
#include "run/state.h"

namespace davy::run {
namespace {

bool undo_only(const State& s, StepIx i) { return s.step(i).call.nothing(); }

bool takes_page_away(const State& s, StepIx i) {
  return s.step(i).call.of_maintenance() && s.step(i).call.operation == "on" && closed(s);
}

bool ends_candidate(const Step& step) {
  return step.side == Side::candidate &&
         (step.undo.call.of_roller() || (step.undo.call.port == "platform" && step.undo.call.operation != "healthy"));
}

bool data_is_the_candidates(const State& s) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).data && !s.step(i).compatible && s.at(i).tainted) return true;
  return false;
}

// What must stay because something else could not be taken back: an application that still runs keeps its data; users
// who cannot be brought home keep their release; the previous release stays down where the candidate could not be ended
// and lives on data of its own; and the page stays before what users would meet, a previous release that could not be
// brought up, or data that it cannot live with.
bool must_stay(const State& s, StepIx i) {
  auto& step = s.step(i);
  bool data = step.data || step.undo.kind == UndoKind::loses;
  bool serves =
      step.undo.call.of_machine() && (step.side == Side::candidate || (step.parts() && step.call.of_router()));
  bool starts_previous = step.parts() && step.undo.call.port == "platform";
  for (StepIx g = 0; g < s.count(); ++g) {
    if (s.at(g).given_up.empty()) continue;
    auto& stuck = s.step(g);
    if (data && g > i && stuck.undo.call.of_machine()) return true;
    if (serves && stuck.parts() && stuck.subject == step.subject) return true;
    if (starts_previous && ends_candidate(stuck) && stuck.subject == step.subject && data_is_the_candidates(s))
      return true;
    if (takes_page_away(s, i) && (stuck.parts() || (stuck.data && !stuck.compatible))) return true;
  }
  return false;
}

bool exposed_once(const State& s, std::int32_t subject) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).exposes() && s.step(i).subject == subject && s.at(i).tainted) return true;
  return false;
}

bool gave_up(const State& s, std::int32_t subject) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).parts() && s.step(i).subject == subject && !s.at(i).given_up.empty()) return true;
  return false;
}

bool parted(const State& s, std::int32_t subject) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).parts() && s.step(i).subject == subject && s.at(i).tainted) return true;
  return false;
}

// All users of a service go to its previous release, unless that is gone: then it is brought up first, and where not
// all of it comes up, they go to what did.
bool home_due(const State& s, StepIx i) {
  if (!s.step(i).undo.call.brings_home() || s.at(i).undone || !s.at(i).given_up.empty()) return false;
  bool all_the_way = s.retreat_to == 0 && s.after_retreat == Mode::ended;
  auto subject = s.step(i).subject;
  bool were_away = exposed_once(s, subject) || s.at(i).given_back;
  return all_the_way && were_away && (!parted(s, subject) || gave_up(s, subject));
}

bool covered_took(const State& s, const Step& step) {
  if (step.covers_first == kNone) return true;
  for (auto i = step.covers_first; i < step.covers_last; ++i)
    if (s.at(i).took) return true;
  return false;
}

bool due(const State& s, StepIx i) {
  auto& step = s.step(i);
  auto& at = s.at(i);
  if (step.undo.kind == UndoKind::nothing || step.undo.call.brings_home()) return false;
  if (at.undone || at.kept || !at.given_up.empty() || must_stay(s, i)) return false;
  return undo_only(s, i) ? i < s.reached && covered_took(s, step) : at.tainted;
}

// Once users are let in again, the page is put back only for what is not for their eyes. Whose previous release came
// back beside the candidate are home by then.
bool not_needed(const State& s, StepIx i) {
  auto& call = s.step(i).call;
  if (!call.of_maintenance() || call.operation != "off" || s.retreat_to > 0 || s.after_retreat != Mode::ended)
    return false;
  for (auto j = i - 1; j >= 0 && !(s.step(j).call.of_maintenance() && s.step(j).call.operation == "on"); --j)
    if (due(s, j) && (s.step(j).parts() || works_on_data(s.step(j).undo.call))) return false;
  return true;
}

bool of_release_list(const State& s, StepIx i) {
  if (undo_only(s, i)) return s.step(i).covers_first != kNone;
  return !s.step(i).data && std::ranges::any_of(s.runbook.steps, [&](auto& step) {
    return step.covers_first <= i && i < step.covers_last;
  });
}

bool candidate_runs(const State& s, std::int32_t subject) {
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).subject == subject && ends_candidate(s.step(i)) && s.at(i).tainted) return true;
  return false;
}

// The previous release is started from its own files, and on data that it can live with, unless the candidate lives on
// them: the newest step that is taken back before. What commands did on such data goes with it.
StepIx before_it_starts(const State& s, StepIx start) {
  if (s.step(start).undo.call.port != "platform") return kNone;
  auto cannot_live = [&](StepIx i) { return s.step(i).data && !s.step(i).compatible && due(s, i); };
  auto data = candidate_runs(s, s.step(start).subject) ? start : s.retreat_to;
  while (data < start && !cannot_live(data)) ++data;
  for (auto i = start - 1; i >= s.retreat_to; --i) {
    bool on_data = i >= data && works_on_data(s.step(i).undo.call) && !(s.step(i).data && s.step(i).compatible);
    if ((on_data || of_release_list(s, i)) && due(s, i)) return i;
  }
  return kNone;
}

StepIx newest_due(const State& s, auto meant) {
  for (auto i = s.count() - 1; i >= s.retreat_to; --i)
    if (meant(i) && due(s, i) && !not_needed(s, i)) return i;
  return kNone;
}

StepIx next_of(const State& s, auto meant) {
  auto next = newest_due(s, [&](StepIx i) { return s.step(i).beside && meant(i); });
  if (next == kNone) next = newest_due(s, meant);
  auto before = next != kNone && s.step(next).parts() ? before_it_starts(s, next) : kNone;
  return before == kNone ? next : before;
}

// What brings this service's previous release back to its users, where nothing stands before it that is about no one
// service. No other service's way back is waited for.
StepIx brings_back(const State& s, std::int32_t subject) {
  if (!exposed_once(s, subject) || !parted(s, subject)) return kNone;
  auto own = next_of(s, [&](StepIx i) { return s.step(i).subject == subject; });
  auto shared = newest_due(s, [&](StepIx i) { return s.step(i).subject == kNone; });
  return own > shared ? own : kNone;
}

}  // namespace

std::vector<StepIx> to_undo(const State& s) {
  std::vector<StepIx> users;
  for (StepIx i = 0; i < s.count(); ++i)
    if (home_due(s, i)) users.push_back(i);
  bool all_the_way = s.retreat_to == 0 && s.after_retreat == Mode::ended;
  for (std::int32_t i = 0; all_the_way && i < std::ssize(s.runbook.subjects); ++i)
    if (auto own = brings_back(s, i); own != kNone) users.push_back(own);
  if (!users.empty()) return users;
  auto next = next_of(s, [](StepIx) { return true; });
  return next == kNone ? users : std::vector{next};
}

std::vector<std::vector<StepIx>> way_back_of(const Runbook& book) {
  State s;
  fold(s, Started{.runbook = book}, {});
  StepIx users =
      0;  // the last step that gives the candidate more of them; in place the previous release is gone by then
  for (StepIx i = 0; i < s.count(); ++i)
    if (s.step(i).exposes()) users = i;
  for (StepIx i = 0; i < s.count(); ++i)
    s.at(i).applied = s.at(i).tainted = s.at(i).took = !s.step(i).call.nothing() && (i < users || !s.step(i).parts());
  s.reached = s.count();
  fold(s, RetreatBegan{.to = 0, .then = Mode::ended}, {});
  std::vector<std::vector<StepIx>> out;
  for (auto next = to_undo(s); !next.empty(); next = to_undo(s)) {
    for (auto i : next) s.at(i).undone = true, s.at(i).tainted = false;
    out.push_back(std::move(next));
  }
  return out;
}

bool users_on_their_way(const State& s) {
  if (s.mode != Mode::retreat) return false;
  for (StepIx i = 0; i < s.count(); ++i)
    if (home_due(s, i)) return true;
  return false;
}

bool home_was_given_up(const State& s, const Step& step) { return gave_up(s, step.subject); }

bool stuck_on_the_way(const State& s) {
  constexpr int kFewTries = 3;
  if (s.mode != Mode::retreat) return false;
  for (StepIx i = 0; i < s.count(); ++i)
    if (home_due(s, i) && s.at(i).failures >= kFewTries) return true;
  return false;
}

StepIx point_of_no_return(const State& s, StepIx to) {
  for (auto i = s.count() - 1; i >= to; --i)
    if (s.step(i).undo.kind == UndoKind::impossible && s.at(i).tainted && !s.step(i).compatible) return i;
  return kNone;
}

bool barred(const State& s) { return point_of_no_return(s, 0) != kNone && (s.runbook.first_release() || parted(s)); }

std::vector<StepIx> losing(const State& s, StepIx to) {
  std::vector<StepIx> out;
  for (auto i = to; i < s.count(); ++i)
    if (s.step(i).undo.kind == UndoKind::loses && s.at(i).tainted && written_since(s, i)) out.push_back(i);
  return out;
}

}  // namespace davy::run
