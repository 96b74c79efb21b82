// What a keeper starts beside an engine: nothing that a person types.
#include <fmt/format.h>

#include <thread>

#include "base/text.h"
#include "cli/commands.h"
#include "control/answer_page.h"
#include "folders/work.h"
#include "host/notices_process.h"

namespace davy::cli {
namespace {

// Beside it, on a thread of its own: the page on which people answer what they are asked.
void add_notices(Program& p, CLI::App* work) {
  static std::string run;
  auto sub = work->add_subcommand("notices", "Tells people what is news of a run");
  sub->add_option("RUN", run)->required();
  p.runs(sub, [](Session& session) {
    std::jthread page([&](std::stop_token stop) {
      control::Runs runs(session.runs.dir());
      control::serve_answers(runs, run, stop, [](auto& line) { fmt::print(stderr, "{}\n", printable(line)); });
    });
    return host::notices_process(session.runs.dir(), run);
  });
}

void add_folder_work(Program& p, CLI::App* work) {
  static std::string request;
  auto sub = work->add_subcommand("folder", "Works on a releases folder");
  sub->add_option("REQUEST", request)->required();
  p.runs(sub, [](Session&) { return folders::folder_work(request); });
}

}  // namespace

void add_work(Program& p) {
  auto work = p.app.add_subcommand("work", "What a keeper starts beside an engine")->group("");
  work->require_subcommand(1);
  add_notices(p, work);
  add_folder_work(p, work);
  add_work_migrate(p, *work);
}

}  // namespace davy::cli
