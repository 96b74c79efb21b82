// The simulated world: what outlives every Davy. One seed decides all: how long things take, what fails, when Davy
// dies. The world knows no Davy; it is told of effects, and says when one of them must never have happened.
#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "ports/guard.h"
#include "ports/journal.h"
#include "ports/process.h"
#include "ports/router.h"
#include "run/state.h"

namespace davy::testing {

inline constexpr int kInstances = 4;  // of each release

// stumbles: it fails in the first second in which it has users, and never again.
enum class Quality { good, bad, bad_from_quarter, never_healthy, dies_at_once, stumbles };

struct Faults {
  double transient = 0;     // share of effects that answer `unavailable` after nothing was done
  double lost_answers = 0;  // share of effects that are done and answer `unavailable` all the same
  bool blind = false;       // once the candidate has users, lines of the traffic log do not come any more
  bool stalls = false;      // the engine may stand still for longer than the keeper is patient (a suspended machine)
};

struct Instance {
  bool alive = true, healthy = true;
  std::string as;  // the options it was started with
};
struct Server {
  std::string release;
  int weight = 0;
  bool maint = false;
};
// A platform replaces what runs of a service by this release, one instance after the other.
struct Roll {
  std::string release, as;
  Time began{};
};
// A platform is told by a command, which takes its time: what it says it says when it ends.
struct Saying {
  Time ends{};
  std::function<void()> says;  // once
  bool killed = false;
};
struct Command {
  Time ends{};
  int exit_code = 0;
  bool seen = true;  // false: the keeper that was its parent died
  bool ended = false;
};

struct Reality {
  explicit Reality(std::uint64_t seed) : random(seed) {}

  std::mt19937_64 random;
  Time now = Time(std::chrono::hours(24 * 365 * 56));
  Quality quality = Quality::good;
  Faults faults;
  std::optional<Time> met_users;  // the candidate, for the first time
  bool in_place = false;          // nobody serving for a while is as it should be
  bool outage = false;            // nobody of the previous release runs, and nobody will
  bool from_files = false;        // one slot: a release is started from the files that are there
  bool by_itself = false;         // platforms are rollers: no router, and no share that Davy gives
  bool both_can_run = false;      // in place, but not so: the candidate is never ended before the other is up

  // What there is.
  std::vector<std::string> services;
  std::map<std::string, std::map<int, Instance>> instances;  // release -> index
  std::map<std::string, Server> servers;                     // address
  std::map<std::string, Roll> rolls;                         // service -> the newest
  std::set<std::string> proven;                              // releases that passed a health check
  std::int64_t started = 0;                                  // instances, ever
  std::string code = "1";                                    // what the slot's files are, in place
  int schema = 1;
  std::string previous_as;  // the options that the previous release was shipped with
  bool maintenance = false;
  std::map<std::string, Command> commands;
  std::map<std::string, Saying> sayings;  // key of the command

  // The keeper.
  bool keeper_alive = true;
  std::optional<ports::WayBack> armed;
  Time last_judged{};
  std::optional<ports::Guard::Taken> taken;
  bool taken_told = false;  // an engine has heard of it
  std::string away, liar;   // services whose router does not answer, or answers and does nothing

  // Routers that are started anew without their state, once: they know no server until somebody tells them.
  bool forgetful = false;
  Time forgets_at = Time::max();
  std::optional<Time> empty_since;  // and a Davy lives

  Duration goes_quietly{};  // after its first user: then nobody of the candidate lives, and routers know of that
  bool gone_quietly = false;

  bool leaves_alone = false;        // once: the previous release dies when the candidate has stepped aside
  bool leaves_home = false;         // once: the same when its users have just been brought home
  std::optional<Time> alone_since;  // and nobody whose instances live has users

  std::set<std::string> moved;  // services whose router was told to give users to somebody

  // The way back, as the world sees it.
  std::string undo_behind;    // what becomes of `tell back`: "", slow, fails, hangs
  bool falls_silent = false;  // once: when a retreat begins, no router answers until silent_until
  Time silent_until{};
  bool retreating = false;               // all the way
  std::map<std::string, double> shares;  // the candidate's, by service, at the last look while it goes back

  // Where Davy may die. acts counts effects and appends; the one that is equal to die_at is the last it does.
  std::int64_t acts = 0, die_at = -1;
  bool dead = false;
  bool davy_lives = false;
  Duration unjudged{};  // time in which a candidate had users and no Davy lived, keeper or not
  Duration unseen{};    // time in a row in which a candidate had users and nothing of it was seen

  // The store.
  std::vector<ports::Record> journal;
  std::int64_t epoch = 0;
  std::optional<std::string> closed;
  std::vector<ports::DeskEntry> desk;
  std::vector<ports::Sample> samples;

  std::vector<std::string> violations;
  void violated(std::string what) {  // said once
    if (std::ranges::find(violations, what) == violations.end()) violations.push_back(std::move(what));
  }

  double uniform() { return std::uniform_real_distribution<>(0, 1)(random); }
  bool chance(double p) { return p > 0 && uniform() < p; }
  Duration between(Duration least, Duration most);
  bool dies_here() { return dead = dead || ++acts == die_at; }

  // Left by a run before this one: no run knows whose it is.
  bool stranger(const std::string& release) const { return release.find("@0") != std::string::npos; }
  bool candidate(const std::string& release) const { return release.find("@2") != std::string::npos; }
  double share_of_candidate(const std::string& service = "") const;  // of the users, now; of all services together
  void time_passes();                                                // to now: what happens by itself
  bool anybody(const std::string& service) const;                    // has users of it
  bool serving() const;                          // of each service somebody has users who can answer
  bool answering() const;                        // of each service somebody has users whose instances live
  bool alive(const std::string& release) const;  // some instance of it lives
  bool well(const std::string& release) const;   // and is healthy
  int replaced(const Roll&) const;               // so many instances
  void roll(const std::string& service, const std::string& release, const std::string& as);
  void rolls_go_on();
  void say_what_is_due();
  void end_commands(const std::string& key);  // and those of longer keys
  bool goes_to_candidate(const std::string& service) const;
  void all_die(bool candidate);
  void previous_dies();
  void check_traffic(const std::string& after);
  void check_way_back(const std::string& after);  // nobody is given to the candidate on the way back
  void recorded(const ports::Record&);            // what the world has to know of a run: that it goes back
  void keeper_watches();                          // takes the way back when nobody judged for as long as it is patient
  bool router_is_away(const ports::Move&) const;
  bool carry_out(const ports::Move&);  // whether its proof holds afterwards
  void keeper_dies();
};

}  // namespace davy::testing
