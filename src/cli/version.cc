#include <fmt/format.h>

#include "cli/commands.h"
#include "host/engine_process.h"
#include "host/notices_process.h"

namespace davy::cli {

void add_version(Program& p) {
  auto sub = p.command("version", "Prints the version", "davy version");
  p.runs(sub, [](Session& session) {
    if (session.common().json)
      print_json({{"version", DAVY_VERSION}});
    else
      fmt::print("davy {}\n", DAVY_VERSION);
    return kDone;
  });
}

void add_engine(Program& p) {
  static std::string run;
  auto sub = p.app.add_subcommand("engine", "Carries a run on (started by its keeper)")->group("");
  sub->add_option("RUN", run)->required();
  p.runs(sub, [](Session& session) { return host::engine_process(session.runs.dir(), run); });
}

void add_work(Program& p) {
  static std::string run;
  auto work = p.app.add_subcommand("work", "What a keeper starts beside an engine")->group("");
  work->require_subcommand(1);
  auto sub = work->add_subcommand("notices", "Tells people what is news of a run");
  sub->add_option("RUN", run)->required();
  p.runs(sub, [](Session& session) { return host::notices_process(session.runs.dir(), run); });
  add_work_migrate(p, *work);
}

}  // namespace davy::cli
