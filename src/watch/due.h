// When a duty is due. Pure: what a day means in a time zone, a Zone says.
#pragma once
#include "run/runbook.h"

namespace davy::watch {

// A calendar: days are counted from 1970-01-01, minutes from midnight, both as the clocks there show them.
struct Zone {
  virtual ~Zone() = default;
  virtual std::int32_t day(Time) const = 0;
  // An hour that comes twice is the first one; one that is left out is the moment at which the clocks go on.
  virtual Time moment(std::int32_t day, std::int32_t minute) const = 0;
};

// The first time after `t` at which it is due, counted from `since`, the end of the rollout. Nothing: never again.
std::optional<Time> next_due(const run::When&, Time since, Time t, const Zone&);

// All times in (from, to] at which it is due: how often, the first and the last. Beats are counted, not walked.
struct Stretch {
  std::int64_t times = 0;
  Time first{}, last{};
};
Stretch due_between(const run::When&, Time since, Time from, Time to, const Zone&);

// "5m after the rollout", "every 1m for 1h, then every 5m for 7d", "each Monday at 09:00".
std::string in_words(const run::When&);

}  // namespace davy::watch
