// What a runbook is: the plan expanded for one environment and version, the exact list of steps. src/rollout makes it,
// src/engine carries it out, the journal's first event holds all of it, so that a run never reads davy.yaml again.
// src/run knows no provider: a Call is data to it.
#pragma once
#include "run/setup.h"
#include "spec/condition.h"

namespace davy::run {

using StepIx = std::int32_t;  // index in Runbook::steps
inline constexpr StepIx kNone = -1;

// port: which kind of outside (platform, roller, router, probe, command, person, wait, bake). name: the provider. Only
// the registry knows what code this means.
struct Call {
  std::string port, name, operation;
  spec::Value args;
  bool nothing() const { return port.empty(); }
  bool of_person() const { return port == "person"; }
  bool waits() const { return of_person() || port == "wait"; }  // and does nothing else
  bool of_maintenance() const { return port == "maintenance"; }
  bool of_bake() const { return port == "bake"; }
  bool of_shares() const { return port == "router" && operation == "shift"; }
  bool of_router() const { return port == "router"; }
  bool of_roller() const { return port == "roller"; }  // the platform replaces by itself
  bool of_machine() const { return port == "platform" || of_router() || of_roller(); }  // what runs, who has users
  bool moves_users() const { return of_router() || of_roller() || of_maintenance(); }
  // All users to the previous release.
  bool brings_home() const { return (of_router() && operation == "home") || (of_roller() && operation == "back"); }
};

// loses: it takes back what users wrote since, so it happens by itself only while nobody could write. impossible: a
// declared point of no return.
enum class UndoKind { nothing, call, loses, impossible };
struct Undo {
  UndoKind kind = UndoKind::nothing;
  Call call;  // is given what the apply's prepare found, and what it made
  bool has_call() const { return kind == UndoKind::call || kind == UndoKind::loses; }
};

// What a step may mean for users. changes: acts on the world; before the first of these a failure refuses, after it
// takes back. exposes: from here on users may meet the candidate, so a judge must live. parts: the previous release
// goes, so from here on nobody can simply move users back to it. The last two change the world as well.
enum class Effect { looks, changes, exposes, parts };

enum class Trouble { roll_back, step_back, hold };

struct Step {
  std::string path;              // rollout/canary/25%/bake
  std::string says;              // what it does, in one line for people
  std::int32_t wave = 0;         // equal waves run in parallel; a wave starts when all of the one before ended
  StepIx phase = kNone;          // first step of its canary phase: `step back` returns to the phase before that
  std::int32_t subject = kNone;  // index in Runbook::subjects; kNone: it is about no one service
  Side side = Side::candidate;   // whose version and options it means
  Call call;                     // nothing(): the step exists for its undo only (verify the previous release, say)
  Undo undo;
  Duration timeout = std::chrono::minutes(10);  // of one attempt
  Duration expected{};                          // how long it should take, for people
  std::int32_t tries = 1;
  Duration retry_wait = std::chrono::seconds(1);  // doubled after each failure, at most 1 min
  bool repeatable = false;  // an attempt of unknown end may simply be made again (reads, set-to-value calls)
  bool optional = false;    // its failure is noted and the run goes on
  bool compatible =
      false;          // the previous release can live with what it did: it may stay where taking it back would lose
  bool data = false;  // it changes the data: where a person says so, it stays as it is on the way back
  Effect effect = Effect::looks;
  Trouble on_trouble = Trouble::roll_back;
  std::optional<std::vector<std::string>> secrets = {};  // the names of those that reach it; nothing: as its service
  // Of a step that exists for its undo alone: the steps [first, last) that it takes back. Where none of them succeeded
  // it is not needed. kNone: none in particular.
  StepIx covers_first = kNone, covers_last = kNone;
  // Of a step that parts: what it takes down can run beside the candidate. So on the way back it is brought up before
  // anything of the candidate is taken down.
  bool beside = false;

  bool changes() const { return effect != Effect::looks; }
  bool exposes() const { return effect == Effect::exposes; }
  bool parts() const { return effect == Effect::parts; }
};

enum class Consequence { roll_back, hold, warn, page, note };
struct Rule {
  spec::Condition when;
  Consequence then = Consequence::roll_back;
  bool dry_run = false;  // it is recorded what it would have come to, and nothing follows
};

// A series that is tested, candidate against previous, at any time: `latency.p95`, `latency` (any quantile), a gauge.
struct Compare {
  std::string series;
  Ratio by{0.1};  // worse by no more than that is no news
  Consequence then = Consequence::hold;
};

// Kayenta's judge, candidate against previous: a value of each metric from each `every`, a score from all of them.
struct Kayenta {
  std::string config;                          // where the canary configuration stands; in a runbook its text
  std::map<std::string, std::string> metrics;  // its metrics -> series; one that is missing is a series itself
  Duration every = std::chrono::minutes(1);
  Duration interval = std::chrono::minutes(10);  // between two looks at the score
  Consequence then = Consequence::roll_back;     // of a score below `marginal`, or a critical metric
};

// The errors of candidate and previous, looked at so many times in all.
struct PlannedLooks {
  std::int32_t looks = 4;
  Duration every = std::chrono::minutes(15);
  Ratio alpha{0.001};
  Consequence then = Consequence::roll_back;
};

// A stretch of another day that conditions compare with (`> 150% of yesterday`).
struct Baseline {
  std::string name;
  std::string recorded;                // a run, a traffic log, a Prometheus, a file of `davy baseline`
  Duration ago{};                      // the same time, so long before; zero: one stretch, whatever the time
  Duration over{};                     // a stretch's length; zero: all of it
  std::vector<std::string> servers;    // whose requests count; none: all
  std::string only;                    // in a Prometheus: labels of what is meant
  std::vector<std::string> stretches;  // what was found, as judge::encode writes it
};

// How often rules are looked at, from the candidate's first user on: every minute for an hour, then every 5 minutes …
struct Look {
  Duration every{};
  Duration length{};  // zero: to the end
};

// When something is due after the rollout: once (`after`), in beats one after the other, or by the calendar of the
// environment's time zone.
enum class Every { day, week, month };
struct When {
  Duration after{};            // above zero: once, so long after the end of the rollout
  std::vector<Look> beats;     // from the end of the rollout on; the last may go on for good
  std::optional<Every> every;  // by the calendar
  std::int32_t day = 1;        // of a week: 1 is Monday; of a month: 31 is also its last day
  std::int32_t at = 0;         // minutes since midnight; an hour that a clock change leaves out is the next one
  bool dated = true;           // of this release; else of the service, whatever is released
};

// What is due then: steps as a rollout has them, and what follows where one of them fails.
struct Duty {
  std::string name;
  When when;
  std::vector<Step> steps;
  Consequence then = Consequence::page;  // roll-back: within the rollback window; later it pages
};

struct Runbook {
  std::string environment, version;
  std::vector<Subject> subjects;
  std::vector<Rule> rules;
  std::vector<Look> looks;  // none: at every window
  std::vector<Compare> compare;
  std::vector<Baseline> baselines;
  std::optional<Kayenta> kayenta;
  std::optional<PlannedLooks> planned_looks;
  double alpha = 0.001;                              // chance that a run acts wrongly on any test
  Duration rollback_window = std::chrono::hours(2);  // from the rollout's end on; after it a verdict holds
  Setup setup;
  std::vector<std::string> secrets;  // names
  std::vector<Step> steps;
  Ratio worse_by{0.25};                         // error rates higher by no more than that are no news
  Duration warm_up = std::chrono::seconds(30);  // in which latency and 4xx of the candidate do not count
  bool urgent = false;                          // a person said so: optional steps are left out, bakes are short
  spec::Value notices = {};                     // who is told what: data to a run, notices::Book to who sends them
  std::int32_t learned_from = 0;                // so many runs said what is expected of its steps; 0: the plan alone
  std::vector<Duty> watch = {};                 // what is due once it is done (src/watch)
  std::string zone = "UTC";                     // whose calendar is meant

  bool first_release() const;
  Duration expected() const;  // in all: steps of one wave run side by side, so the longest of them counts

  // What commands and texts are told: the plan's variables, and $version, $previous, $service, $release and $folder of
  // the service (an index, or kNone) and the side that are meant. Where no one service is meant and they differ,
  // `previous` is empty.
  std::map<std::string, std::string> variables(std::int32_t subject, Side) const;
  std::int32_t index_of(std::string_view service) const;  // in subjects; kNone
};

}  // namespace davy::run

namespace davy::spec {

template <>
inline constexpr auto kWords<run::UndoKind> = words<run::UndoKind>({{"nothing", run::UndoKind::nothing},
                                                                    {"call", run::UndoKind::call},
                                                                    {"loses", run::UndoKind::loses},
                                                                    {"impossible", run::UndoKind::impossible}});
template <>
inline constexpr auto kWords<run::Effect> = words<run::Effect>({{"looks", run::Effect::looks},
                                                                {"changes", run::Effect::changes},
                                                                {"exposes", run::Effect::exposes},
                                                                {"parts", run::Effect::parts}});
template <>
inline constexpr auto kWords<run::Trouble> = words<run::Trouble>(
    {{"roll-back", run::Trouble::roll_back}, {"step-back", run::Trouble::step_back}, {"hold", run::Trouble::hold}});
template <>
inline constexpr auto kWords<run::Consequence> = words<run::Consequence>({{"roll-back", run::Consequence::roll_back},
                                                                          {"hold", run::Consequence::hold},
                                                                          {"warn", run::Consequence::warn},
                                                                          {"page", run::Consequence::page},
                                                                          {"note", run::Consequence::note}});
template <>
inline constexpr auto kWords<run::Every> =
    words<run::Every>({{"day", run::Every::day}, {"week", run::Every::week}, {"month", run::Every::month}});
// Their tables: runbook_fields.cc
template <OneOf<run::Call, run::Undo, run::Step, run::Rule, run::Compare, run::Kayenta, run::PlannedLooks,
                run::Baseline, run::Look, run::When, run::Duty, run::Runbook>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
