#include <fmt/format.h>

#include "cli/commands.h"
#include "host/engine_process.h"

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

}  // namespace davy::cli
