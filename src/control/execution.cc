#include "control/execution.h"

#include <fmt/format.h>

#include "engine/run/operators.h"
#include "host/past.h"
#include "io/posix/spawn.h"
#include "io/secrets/encodings.h"
#include "io/secrets/sources.h"

namespace davy::control {
namespace {

struct Meant {
  run::Runbook book;
  std::int32_t subject = run::kNone;
  run::Side side = run::Side::candidate;
};

Result<run::Runbook> runbook_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  auto started = events->empty() ? nullptr : std::get_if<run::Started>(&events->front().event);
  if (!started) return fail(Code::internal, "run " + run + " does not begin with its runbook");
  return started->runbook;
}

// The run that shipped what serves.
Result<std::string> run_that_serves(Runs& runs, const WhoseExecution& whose, const std::string& environment) {
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  host::Past past(**store, runs.dir().root);
  auto found = runs.wait(past.deployed(whose.service, environment));
  if (!found) return fail(found.error().code, found.error().message, "--release candidate, or --release previous");
  if (!*found) return fail(Code::invalid, fmt::format("nothing of {} serves in {}", whose.service, environment));
  return (*found)->run;
}

Result<Meant> meant(Runs& runs, const WhoseExecution& whose) {
  auto newest = runs.list({.service = whose.service, .environment = whose.environment, .most = 1});
  if (!newest) return std::unexpected(newest.error());
  if (newest->empty()) return fail(Code::invalid, fmt::format("no run shipped `{}`", whose.service));
  auto run =
      whose.side ? Result<std::string>(newest->front().id) : run_that_serves(runs, whose, newest->front().environment);
  if (!run) return std::unexpected(run.error());
  auto book = runbook_of(runs, *run);
  if (!book) return std::unexpected(book.error());
  Meant out{std::move(*book), run::kNone, whose.side.value_or(run::Side::candidate)};
  out.subject = out.book.index_of(whose.service);
  return out;
}

const run::Release& release_of(const Meant& m) {
  auto& subject = m.book.subjects[static_cast<std::size_t>(m.subject)];
  return m.side == run::Side::candidate ? subject.candidate : subject.previous;
}

std::map<std::string, std::string> revealed(const io::Secrets& secrets, const ports::Asking& who) {
  std::map<std::string, std::string> out;
  for (auto& [name, ref] : who.secrets)
    if (auto value = secrets.reveal(ref)) out.emplace(name, *value);
  return out;
}

}  // namespace

Result<Execution> execution_of(Runs& runs, const WhoseExecution& whose) {
  auto m = meant(runs, whose);
  if (!m) return std::unexpected(m.error());
  auto& release = release_of(*m);
  if (release.none()) return fail(Code::invalid, fmt::format("that run has no such release of {}", whose.service));
  io::Secrets secrets;
  if (auto taken = io::take_secrets(secrets, m->book); !taken) return std::unexpected(taken.error());
  auto who = engine::asking_for(m->book, m->subject, m->side);
  auto own = release.as.find("cwd");
  auto values = revealed(secrets, who);
  Execution out{.env = io::environment(who.variables, values, m->book.secrets),
                .folder = ports::beside(who.directory, own && own->text() ? *own->text() : ""),
                .whose = fmt::format("{} {} in {}", whose.service, release.version, m->book.environment)};
  for (auto& [name, value] : values) io::wipe(value);
  return out;
}

}  // namespace davy::control
