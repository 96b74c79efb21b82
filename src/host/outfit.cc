#include "host/outfit.h"

#include <fmt/format.h>
#include <unistd.h>

#include "host/keeper_start.h"
#include "providers/registry.h"

namespace davy::host {
namespace {

// Called when the run's keeper was killed alone: the new one watches over this engine, and starts it again as the one
// before would have.
std::function<Result<>()> starts_keeper(const StateDir& dir, const std::string& spool,
                                        const std::vector<std::string>& engine,
                                        const std::vector<std::string>& sender) {
  return [dir, spool, engine, &sender] {
    auto options = keeper_options(dir, spool);
    options.engine = engine;
    options.sender = sender;
    options.engine_pid = ::getpid();
    return io::start_keeper("/proc/self/exe", options);
  };
}

}  // namespace

Outfit::Outfit(const StateDir& d, std::string s, std::vector<std::string> engine)
    : dir(d),
      spool(std::move(s)),
      machine(io::this_machine(keeper_options(d, spool).boot)),
      keeper(context.get_executor(),
             {.spool = spool,
              .instances = d.instances(),
              .boot = machine.boot,
              .start_keeper = starts_keeper(d, spool, engine, sender)},
             secrets),
      outside{clock, keeper, keeper, http, dialer, files, &sql, &redis, &logs, &listener, &certificates, &names},
      registry(providers::all_providers()) {
  http.know(secrets);
}

Result<> Outfit::make(const run::Runbook& book, const std::string& run) {
  auto services = engine::make_services(book, registry, outside, dir.root);
  if (!services) return std::unexpected(services.error());
  operators =
      std::make_unique<engine::Operators>(engine::Surroundings{outside, &registry, run, book, std::move(*services)});
  signals = std::make_unique<LiveSignals>(outside, registry, operators->release_of_server());
  return signals->open(book);
}

}  // namespace davy::host
