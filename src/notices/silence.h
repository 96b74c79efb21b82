// A silence of Alertmanager as a lease: nobody is called for what a deployment does, and whoever leaves it (a crash, a
// run that is held) leaves an alert that speaks again by itself. Pure.
#pragma once
#include "notices/book.h"
#include "run/state.h"

namespace davy::notices {

struct Lease {
  std::string id = {};  // as Alertmanager calls it; empty: there is none
  Time since{}, until{};
};

inline constexpr Duration kLease = std::chrono::minutes(25), kTail = std::chrono::minutes(5);
inline constexpr Duration kLongestSilence = std::chrono::hours(12);  // from its first lease on, whatever goes on

// Whether alerts of this run are nobody's news now: it goes forward or back, and waits for no person.
bool wants_silence(const run::State&);

// Until when it is to be silent, where Alertmanager must be told something now; nothing: all is as it should be.
std::optional<Time> due(const Lease&, bool wanted, bool over, Time now);

// Of POST /api/v2/silences (Alertmanager's OpenAPI, postableSilence): an id prolongs that silence, without one it is
// new.
std::string silence_body(const Silence&, const Lease&, Time until, const std::string& comment);

// `service=shop`, `severity=~page|warn`, `team!=web`, `instance!~test.*`; false: it is none.
bool is_matcher(std::string_view);

}  // namespace davy::notices
