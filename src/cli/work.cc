// What a keeper starts beside an engine: nothing that a person types.
#include "backups/work.h"

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

void add_backup_work(Program& p, CLI::App* work, const char* name, const char* does,
                     int (*carry_out)(const backups::Work&)) {
  static backups::Work job;
  auto sub = work->add_subcommand(name, does);
  sub->add_option("--kind", job.kind)->check(CLI::IsMember({"postgres", "redis", "files"}));
  sub->add_option("--name", job.name)->required();
  sub->add_option("--into", job.into)->required();
  sub->add_option("--id", job.id)->required();
  sub->add_option("--key", job.key);
  sub->add_option("--format", job.format)->check(CLI::IsMember({"plain", "custom", "directory"}));
  sub->add_flag("--prove", job.prove);
  sub->add_flag("--contents", job.contents);
  sub->add_option("--keep-copies", job.keep_copies)->check(CLI::NonNegativeNumber);
  sub->add_option("--keep-days", job.keep_days)->check(CLI::NonNegativeNumber);
  sub->add_option("--needed", job.needed);
  sub->add_option("--scratch", job.scratch)->take_last();
  p.runs(sub, [carry_out](Session&) { return carry_out(job); });
}

}  // namespace

void add_work(Program& p) {
  auto work = p.app.add_subcommand("work", "What a keeper starts beside an engine")->group("");
  work->require_subcommand(1);
  add_notices(p, work);
  add_folder_work(p, work);
  add_work_migrate(p, *work);
  add_backup_work(p, work, "dump", "Copies a database, or files", backups::work_dump);
  add_backup_work(p, work, "prove", "Proves a copy", backups::work_prove);
  add_backup_work(p, work, "restore", "Brings a copy back", backups::work_restore);
  add_backup_work(p, work, "sweep", "Removes what a killed one left behind", backups::work_sweep);
}

}  // namespace davy::cli
