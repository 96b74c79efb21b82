#include "control/serving/one_router.h"

#include <fmt/format.h>

#include <set>

namespace davy::control {
namespace {

// Where a router has the users of one service: its address and backend. Empty: by its options nobody can tell.
std::string place_of(const run::ServiceSetup* service) {
  if (!service || !service->router) return "";
  auto& options = service->router->options;
  auto address = options.find(service->router->name), backend = options.find("backend");
  if (!address || !backend) return "";
  return fmt::format("backend `{}` of {} at {}", spec::scalar_text(*backend).value_or(""), service->router->name,
                     spec::scalar_text(*address).value_or(""));
}

bool counts(const ports::RunInfo& run) { return !run.ended || run.ending == "done"; }

// What has the users and is of this environment is no service of the plan any more: most likely it was renamed.
std::string way_out(const run::Runbook& book, const std::string& ours, const std::string& theirs,
                    const std::string& environment) {
  if (environment != book.environment) return "give each environment and service a backend of its own";
  return fmt::format(
      "a service of another name is another service: call it `{0}` as before, or give `{1}` a backend of "
      "its own, deploy it there, and send the frontend's users to that backend",
      theirs, ours);
}

Result<run::Runbook> runbook_of(Runs& runs, const std::string& run) {
  auto events = runs.events(run);
  if (!events) return std::unexpected(events.error());
  for (auto& e : *events)
    if (auto started = std::get_if<run::Started>(&e.event)) return started->runbook;
  return fail(Code::internal, "run " + run + " has no beginning");
}

}  // namespace

Result<> nobody_elses_router(Runs& runs, const run::Runbook& book) {
  std::map<std::string, std::string> ours;  // place -> service
  for (auto& service : book.setup.services)
    if (auto place = place_of(&service); !place.empty()) ours[place] = service.name;
  auto all = ours.empty() ? Result<std::vector<ports::RunInfo>>{} : runs.list({});
  if (!all) return std::unexpected(all.error());
  std::set<std::pair<std::string, std::string>> seen;  // service and environment, of which the newest counts
  for (auto& run : *all)
    for (auto& service : run.services) {
      bool own = run.environment == book.environment && book.setup.service(service);
      if (own || !counts(run) || !seen.insert({service, run.environment}).second) continue;
      auto theirs = runbook_of(runs, run.id);
      if (!theirs) return std::unexpected(theirs.error());
      auto same = ours.find(place_of(theirs->setup.service(service)));
      if (same == ours.end()) continue;
      return fail(Code::refused,
                  fmt::format("{} has the users of {} in {} (run {}): {} would take them away", same->first, service,
                              run.environment, run.id, same->second),
                  way_out(book, same->second, service, run.environment));
    }
  return {};
}

}  // namespace davy::control
