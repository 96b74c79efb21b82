// One seed: a scenario, a world, and as many lives of Davy as it takes to reach an end. Then the books are checked.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "run/runbook.h"
#include "testing/reality.h"

namespace davy::testing {

struct Scenario {
  std::string strategy;  // canary, long-canary, by-hand, blue-green, ship, rolling, in-place
  // How in place: "" stop, release, start; restart: released before; beside: stop, start, and both could run;
  // replace: restart, and both can run.
  std::string in_place;
  Quality quality = Quality::good;
  Faults faults;
  bool first_release = false;
  bool second = false;        // a second service, with a router of its own that may be dead or lie when it is needed
  bool by_tests = false;      // the plan has no rule: errors are found by the judge's own tests
  bool regretted = false;     // once it is done, somebody takes it back after all
  bool outage = false;        // the previous release died before the run began: nobody serves
  std::string behind;         // "", slow, fails, hangs: the undo of a step that stands behind the candidate's traffic
  std::string gate;           // "", ticket, migration: a step before it that cannot be taken back
  bool silence = false;       // no router answers for a while once a retreat has begun
  bool kills_keeper = false;  // some deaths take the keeper along
  bool left_canary = false;   // of a run before: it has a tenth of the users, and nobody knows whose it is
  bool left_at_home = false;  // the previous release dies as soon as its users are home again
  bool left_alone = false;    // the previous release dies as soon as the candidate has stepped aside
  Duration goes_quietly{};    // so long after its first user nobody of the candidate lives any more; zero: it lives
  Time forgets_at{};          // when routers are started anew without their state; never: they never forget
  std::string asks;           // "", hold, rollback, abort, waive, promote: somebody at the desk, once
  Time asks_at{};
  std::int64_t first_death = -1;  // counted in acts; -1: lives on
  int deaths = 0;                 // at most
};

Scenario scenario_of(std::uint64_t seed);
std::string describe(const Scenario&);

struct Report {
  std::uint64_t seed = 0;
  Scenario scenario;
  std::string ending;  // word of run::Ending, or "held"
  int lives = 0;
  std::size_t events = 0;
  std::int64_t acts = 0;
  int asides = 0;  // times that users were to be taken away until the candidate is tried again
  Duration unjudged{};
  std::vector<std::string> violations;
  std::vector<std::string> journal;  // one line an event, for a person who replays the seed
};

Report simulate(std::uint64_t seed);
Report simulate(std::uint64_t seed, const Scenario&);

}  // namespace davy::testing
