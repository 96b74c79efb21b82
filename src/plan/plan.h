// davy.yaml as typed values. Only what can be said in a plan; what it means is src/rollout's business.
// The grain of the language: kebab-case keys; a step or a probe is a map whose FIRST key is its kind, the kind's own
// options and the common siblings stand beside it; a condition is `name operator value`; values carry units.
#pragma once
#include "notices/book.h"
#include "run/runbook.h"
#include "spec/calendar.h"
#include "spec/condition.h"
#include "spec/vocabulary.h"

namespace davy::plan {

// `{http: "${url}/health", json: status}`: name is the kind, options the whole map without the common siblings, already
// checked by the vocabulary's table. ${names} are still unexpanded.
struct Provider {
  std::string name;
  spec::Value options;
  spec::Mark mark;
};

struct Retry {
  std::int32_t tries = 1;
  Duration wait = std::chrono::seconds(1);  // doubled after each failure, at most 1 min
};

// What takes a step back: a command; `nothing` and `impossible` are words, not commands; or a backup of this rollout.
struct Undo {
  std::string text;
  std::string restore = {};  // its name; then there is no text
  bool nothing() const { return text == "nothing"; }
  bool impossible() const { return text == "impossible"; }
};

// The siblings that every step and probe may carry.
struct Common {
  std::optional<Duration> timeout;
  std::optional<Retry> retry;  // `retry: 3` or `retry: { tries: 3, wait: 2s }`
  bool optional = false;
  std::optional<run::Trouble> on_trouble;
  std::optional<Undo> undo;
  bool repeatable = false;                          // a command that may safely run twice
  std::string name;                                 // what people call it; empty: the command's first line
  std::optional<Duration> drain_within;             // how long open requests may take, forward and on the way back
  std::vector<std::string> only_in;                 // environments in which it is there at all; none: in all
  std::optional<std::vector<std::string>> secrets;  // those that reach it; nothing: all
};

enum class Person { nobody, confirm, approve };
struct Probe {  // one item of a checklist
  std::string title;
  Person person = Person::nobody;  // `confirm: team-lead` / `approve: production-owner`, else a machine's probe:
  std::string who;                 // the person or role
  Duration expires = std::chrono::hours(4);
  bool by_another = false;
  Provider provider;
  std::vector<spec::Condition> expect;    // all must hold; empty: the probe's own idea of well (2xx, exit 0)
  std::vector<spec::Condition> degraded;  // where one of them holds it is well, and warned of
  std::optional<Duration> within;         // asked again until it is well, so long at most
  Common common;
};
struct Group {
  std::string name;
  std::vector<Probe> items;
};

struct Phase {
  Ratio traffic;
  Duration bake{};
  std::vector<spec::Condition> pass;  // must hold over the whole bake
  std::optional<run::Trouble> on_trouble;
  spec::Mark mark{};
};

struct Step;
struct Check {
  std::vector<std::string> groups;
};
struct Verify {
  std::vector<Probe> items;
};
struct Run {
  std::string text;
  std::string cwd;
};  // handed to /bin/sh untouched; variables are in its environment
struct Migration {  // a command; beside `database` a folder, or a command that the map's form says
  std::string text;
  bool command = false;  // the map's form
};
struct Migrate {
  Migration what;
  bool compatible_with_previous = false;
  std::string cwd;
  std::string status;    // prints the state that stands, asked before: the undo is told it as $schema_before
  std::string database;  // a signal `postgres` of the plan, or $NAME of a secret
  Duration lock_timeout = std::chrono::milliseconds(500);
  std::string adopt;                 // up to this version all stands at the first look
  std::vector<std::string> program;  // alembic or prisma, where it is not found by itself
  bool folder() const { return !database.empty() && !what.command; }
};
struct Wait {
  Duration length{};
};
struct Start {
  std::vector<std::string> services;
};  // empty: all
struct Stop {
  std::vector<std::string> services;
};
struct Restart {
  std::vector<std::string> services;
};
struct Ship {
  std::vector<std::string> services;
};
struct Maintenance {
  bool on = false;
};
enum class Otherwise { hold, close, roll_back };
struct Drain {
  std::optional<spec::Condition> until;  // nothing: until the router counts no session
  Duration within = std::chrono::minutes(2);
  Otherwise otherwise = Otherwise::hold;  // close: go on, and end what is left
};
struct Traffic {
  Ratio share;
};
struct Canary {
  std::vector<Phase> phases;
};
struct BlueGreen {
  Duration bake{};
  std::vector<spec::Condition> pass;
};
struct Rolling {
  std::vector<Ratio> batches;  // rising, the last is 100 %
  Duration bake{};
  std::vector<spec::Condition> pass;
};
struct Releasing {
  std::vector<Step> steps;
};  // `release:`, a list that is a function of the version: run and migrate
struct Confirm {
  std::string who;
  Duration expires = std::chrono::hours(4);
};
struct Approve {
  std::string role;
  Duration expires = std::chrono::hours(4);
  bool by_another = false;  // than who began the run
};

struct Notify {
  std::string name;  // under `notify:`
};

// `keep: 14`, the newest so many copies, or `keep: 14d`; without it all.
struct Keep {
  std::int32_t copies = 0;
  Duration age{};
};
enum class Proving { restore, contents };
enum class CopyFormat { custom, plain, directory };
struct Backup {
  std::string what;  // the name of a signal, or a path, which has a `/`
  std::string into;
  std::optional<Keep> keep;
  std::vector<Proving> prove;
  CopyFormat format = CopyFormat::custom;
  bool of_files() const { return what.contains('/'); }
};

struct Step {
  spec::Mark mark;
  std::variant<Check, Verify, Run, Migrate, Wait, Start, Stop, Restart, Ship, Maintenance, Drain, Traffic, Canary,
               BlueGreen, Rolling, Releasing, Confirm, Approve, Notify, Backup>
      what;
  Common common;
};

// A folder for each release: where it is, and how a version comes into it.
struct Releases {
  std::string at;
  std::string git, archive, sha256, command;  // one of git, archive (with its sum) and command
  std::vector<Step> prepare;                  // `run` alone, in the new folder
  std::vector<std::string> shared;            // paths in it that all releases share
  std::int32_t keep = 5;
  std::string adopt = {};  // the folder of what ran before Davy came
};

struct Service {
  std::string name;
  Provider platform;
  std::optional<Provider> router;
  std::optional<Provider> serves = {};                   // a probe whose value is the version that serves
  std::optional<std::vector<std::string>> secrets = {};  // those that reach it; nothing: all
  spec::Mark mark{};
  bool side_by_side = false;  // two releases of it may run at once
  bool replaces = false;      // its platform replaces one by the other by itself
  std::optional<Releases> releases = {};
};
struct Environment {
  std::string name, url, env_file, timezone = "UTC";
  std::map<std::string, std::string> variables;  // more ${names}
  spec::Windows deploy_window = {};
  spec::Freezes freeze = {};
};
struct MaintenanceMode {  // a flag file, or the router's own 503
  std::string file;
  bool router = false;
  std::string page;  // file with the body of the 503, for router
};
struct Signal {
  std::string name;
  Provider provider;  // a signal's kind (haproxy), or any probe, read every `every`
  Duration every = std::chrono::seconds(1);
  std::vector<std::string> gives;            // series beside its own name
  std::optional<spec::Findings> finds = {};  // what may stand behind its name; nothing: it was not read so far
};
// One of `watch:`: a trigger, then what to do.
struct Watch {
  spec::Mark mark;
  std::string name;  // the groups, or the kinds of its steps
  run::When when;
  std::vector<Step> steps;  // check, notify, backup, run
  run::Consequence on_trouble = run::Consequence::page;
  std::vector<std::string> only_in;
};
struct Judging {
  std::vector<run::Rule> rules;
  std::vector<run::Look> looks;
  std::vector<run::Compare> compare;
  std::vector<run::Baseline> baselines;  // without what was recorded: src/cli reads that
  std::optional<run::Kayenta> kayenta;   // the same of its configuration
  std::optional<run::PlannedLooks> planned_looks;
  Ratio alpha{0.001}, worse_by{0.25};
  Duration warm_up = std::chrono::seconds(30);
  double expected_rate = 0;      // requests/s in all, for `davy plan`: what a bake can see
  Ratio expected_errors{0.001};  // the baseline's usual error rate, for the same
};

struct Plan {
  std::string name;
  std::vector<Service> services;  // in the file's order: shipped in it, taken back in reverse
  std::vector<Environment> environments;
  std::vector<std::string> secrets;
  std::vector<run::SecretSource> secret_sources;  // of those that do not come from the environment
  std::optional<MaintenanceMode> maintenance;
  std::vector<Signal> signals;
  std::vector<Group> checks;
  std::vector<Step> rollout;
  std::vector<Watch> watch;
  Judging judge;
  notices::Book notices;  // sections people, notify and mail
  Duration rollback_window = std::chrono::hours(2);
  bool urgent = true;  // `urgent: no` refuses `deploy --urgent`

  const Service* service(std::string_view) const;
  const Environment* environment(std::string_view) const;
  const Group* group(std::string_view) const;
  bool sees(std::string_view series) const;  // some signal gives it
};

// All mistakes at once; `plan` is meant to be used only when there are none.
struct Parsed {
  Plan plan;
  spec::Diagnostics mistakes;
};
Parsed parse(std::string_view yaml, const spec::Vocabulary&);

// JSON Schema (draft 2020-12) of a plan, with descriptions, for editors; and the reference page in Markdown.
spec::Json schema(const spec::Vocabulary&);
std::string reference(const spec::Vocabulary&);

// `${name}` becomes its value; `$$` is a dollar; $NAME without braces stays (secrets, shells). An unknown name is an
// Error. In a Value every scalar is expanded.
Result<std::string> expanded(std::string_view, const std::map<std::string, std::string>& variables);
Result<spec::Value> expanded(const spec::Value&, const std::map<std::string, std::string>& variables);

// The newest form of davy.yaml that this Davy reads.
inline constexpr int kFormat = 1;

// Built-in variables of every plan; an environment adds `url` and its own.
inline constexpr std::string_view kVariables[] = {"version", "previous", "environment", "service", "run"};

}  // namespace davy::plan
