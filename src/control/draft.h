// The verb `draft`: from a plan to the runbook of one version. Begins nothing.
#pragma once
#include "control/plan_file.h"
#include "control/runs.h"

namespace davy::control {

struct Wish {
  std::string version, environment, why;
  std::string serves;  // what a person says serves now, where the newest run does not tell
  bool again = false;
  bool urgent = false;
  bool now = false;      // outside the deploy window and on frozen days, too
  bool look = true;      // the world may be asked what serves; `davy plan` opens no connection unless it is told to
  std::string replaces;  // an open run, whose candidate is taken back first
  run::Speaker who;      // who wishes it
};

struct Draft {
  run::Runbook book;
  std::string hash, digest, run;
  bool already_serves = false;
  std::map<std::string, std::string> routes =
      {};  // by service: who sends its previous release users, as it was shipped
};

// What would be done: reads the journal for what serves now, touches nothing.
Result<Draft> draft(Runs&, const PlanFile&, const Wish&);

}  // namespace davy::control
