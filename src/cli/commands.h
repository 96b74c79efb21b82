// One file per command. Each adds itself to the program: its name, its options, an example, and what it does.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>

#include "cli/session.h"

namespace davy::control {
struct PrometheusRecording;
}

namespace davy::cli {

// For the help of what follows a run.
inline constexpr const char* kExitCodes =
    "Exit codes: 0 done, 1 Davy could not go on, 2 wrong command or plan, 3 rolled back, 4 held, 5 needs people,\n"
    "6 refused (nothing was changed), 7 detached.";

struct Program {
  CLI::App app{"Davy carries out a production deployment from one plan, watches it, and takes it back.", "davy"};
  Common common;
  std::function<int()> chosen;

  // A command whose help begins with an example.
  CLI::App* command(const std::string& name, const std::string& does, const std::string& example);
  void runs(CLI::App*, std::function<int(Session&)>);
};

void add_validate(Program&);
void add_plan(Program&);
void add_schema(Program&);
void add_check(Program&);
void add_deploy(Program&);
void add_status(Program&);
void add_answers(Program&);   // confirm, approve, answer
void add_steering(Program&);  // hold, resume, abort, rollback
void add_ways_out(Program&);  // waive, promote
void add_freeze(Program&);
void add_instances(Program&);  // instances, prune
void add_logs(Program&);
void add_exec(Program&);
void add_serve(Program&);
void add_watch(Program&);
void add_history(Program&);
void add_report(Program&);
void add_observe(Program&);
void add_rehearse(Program&);
void add_baseline(Program&);
void add_analyze(Program&);
void add_version(Program&);
void add_engine(Program&);  // hidden: what the keeper starts
void add_work(Program&);    // the same
void add_work_migrate(Program&, CLI::App& work);

void add_prometheus_options(CLI::App*, control::PrometheusRecording&);  // --since, --until, --step …

// The whole program after `davy keep` was dealt with. Answers the exit code.
int program(int argc, char** argv);

}  // namespace davy::cli
