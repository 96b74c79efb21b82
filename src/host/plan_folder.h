// Relative paths of a plan begin where it stands, whoever does what it says from wherever.
#pragma once
#include <functional>
#include <string>

#include "io/posix/plan_folder.h"
#include "run/runbook.h"

namespace davy::host {

// Does `work` with relative paths beginning in `folder`, and waits for it; the rest of the process stays where it is.
// Empty: they begin where the process stands. What `work` starts, threads and processes, begins there, too.
void in_folder(const io::PlanFolder& folder, const std::function<void()>& work);

// Of a run, or of whoever looks at it: `spool` is theirs.
io::PlanFolder plan_folder(const run::Runbook&, const std::string& spool);

}  // namespace davy::host
