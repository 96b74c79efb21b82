// Strategies: a plan becomes the exact list of steps. Pure. The engine knows steps only; restart, canary, blue-green
// and rolling exist nowhere else.
#pragma once
#include "plan/plan.h"
#include "run/runbook.h"

namespace davy::rollout {

struct Request {
  std::string environment, version, run;
  std::vector<run::Subject> subjects;  // one per service of the plan, in its order
  bool urgent = false;                 // src/rollout/urgent.h; Code::refused where the plan says `urgent: no`
  bool now = false;                    // whatever the environment's deploy-window says
  std::string home = {};               // of who deploys: what ~/ means in folders
};

// Every ${name} expanded, every default filled in: the journal needs nothing but this. An Error names what the plan
// lacks for this environment.
Result<run::Runbook> expand(const plan::Plan&, const Request&);

// Checklists alone, for `davy check`: the steps of these groups (all when empty), nothing else. What the plan has in
// other environments alone is there as a step of port "elsewhere", to be shown and not to be carried out.
Result<run::Runbook> checklists(const plan::Plan&, const Request&, const std::vector<std::string>& groups);

// Why this cannot be a version; empty: it can. It becomes part of names, sentences and commands.
std::string no_version(const std::string&);

// "storefront@2~k3f9": what this deployment of the version is called on the platform and in the router.
std::string release_id(const std::string& service, const std::string& version, const std::string& run);

}  // namespace davy::rollout
