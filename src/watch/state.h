// What a watch has come to, what should be going on now, and every decision about it. Pure.
//
// A look that was due is looked at once, however often it was due meanwhile; the others are written down as missed.
#pragma once
#include "watch/event.h"

namespace davy::watch {

struct DutyState {
  Time done_to{};              // all that was due until then has an outcome
  std::optional<Looked> last;  // as it was found last
  Time last_at{};
  Time since{};                   // since when it has been found like that
  bool told = false;              // people were told that it is not well
  Time told_at{};                 // when they were told of it last
  std::optional<LookBegan> open;  // a look that acts, and whose end nobody wrote
  std::int64_t looks = 0, missed = 0;
};
struct Firing {
  run::Consequence then = run::Consequence::page;
  std::string says;
  Time since{}, told_at{};
};
struct State {
  std::string run;
  Time since{};
  run::Runbook book;
  bool routine = false;
  std::int64_t epoch = 1;
  Time claimed_at{};
  std::vector<DutyState> duties;         // as Runbook::watch
  std::map<std::string, Firing> alarms;  // by the rule's text
  std::int64_t looks_begun = 0;
  std::optional<std::string> back_wanted;  // why; nothing: it is not, or a run has taken it up
  std::optional<Time> back_refused;        // when it was tried last
  int backs = 0;                           // how often it was wanted
  std::optional<Over> over;
};

// A way back that leads to runs which end without it is not begun for ever.
inline constexpr int kMostWaysBack = 3;
inline constexpr Duration kTryBackAgain = std::chrono::minutes(1);

struct DueLook {
  DutyIx duty = 0;
  Stretch due;
  std::int64_t id = 0;    // of a look that acts; 0: it only looks, or is not written down yet
  bool resume = false;    // begun by an earlier Davy: ask what became of it
  bool to_begin = false;  // it acts, and its intent is to be written first
};
struct Wanted {
  std::vector<DueLook> looks;
  bool alarms = false;     // rules are read
  bool take_back = false;  // by a run of its own
  std::optional<Time> wake;
};

void fold(State&, const Event&, Time at);
void a_run_took_it(State&);  // it was superseded: what was wanted of a run, a run has taken up
std::vector<Event> decide(const State&, const Input&, Time now, const Zone&);
Wanted wanted(const State&, Time now, const Zone&);

// What is not well, and an alarm that holds, is told again after so long.
inline constexpr Duration kTellAgain = std::chrono::hours(4);

// Whether people are told of a look: that it is well again, once it was not for kCalm; that it is not, at once, but no
// sooner than kNewTrouble after they were told of it last.
inline constexpr Duration kCalm = std::chrono::minutes(1), kNewTrouble = std::chrono::minutes(5);
bool is_told(const DutyState& before, const Looked&, Time at);

bool acts(const run::Duty&);             // it does more than look
bool belongs(const State&, DutyIx);      // it is a duty of this watch: of the release, or of the service
bool in_window(const State&, Time now);  // the release may be taken back by itself
std::optional<Time> next_due(const State&, DutyIx, Time now, const Zone&);

}  // namespace davy::watch
