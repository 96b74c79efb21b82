#include "host/outfit.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "host/keeper_start.h"
#include "providers/registry.h"

namespace davy::host {
namespace {

// Called when the run's keeper was killed alone: the new one watches over this engine, and starts it again as the one
// before would have.
std::function<Result<>()> starts_keeper(const StateDir& dir, const std::string& spool,
                                        const std::vector<std::string>& engine, const std::vector<std::string>& sender,
                                        const std::string& plan_folder) {
  return [dir, spool, engine, &sender, &plan_folder] {
    auto options = keeper_options(dir, spool);
    options.engine = engine;
    options.sender = sender;
    options.plan_folder = plan_folder;
    options.engine_pid = ::getpid();
    return io::start_keeper("/proc/self/exe", options);
  };
}

// Of the checks that are conditions on signals.
std::vector<spec::Condition> conditions_in(const run::Runbook& book) {
  std::vector<spec::Condition> out;
  for (auto& step : book.steps)
    for (auto call : {&step.call, &step.undo.call})
      if (call->port == "probe" && call->name == "condition")
        for (auto key : {"expect", "degraded"})
          std::ranges::move(engine::argument<std::vector<spec::Condition>>(*call, key), std::back_inserter(out));
  return out;
}

// By its name, or by one of the bare names of traffic, which any signal may tell.
bool reads(const std::vector<spec::Condition>& conditions, const run::SignalSetup& signal) {
  return std::ranges::any_of(conditions, [&](auto& c) {
    return c.series == signal.name || c.series.starts_with(signal.name + ".") || judge::find_traffic_series(c.series);
  });
}

// A socket that a server sends its log to: a run that is open needs it, also while its engine is being started again.
bool has_one_reader(const run::SignalSetup& signal) {
  if (signal.source.name == "haproxy") return true;
  auto log = signal.source.options.find("access-log");
  return log && log->text() && (log->text()->starts_with("unix:") || log->text()->starts_with("udp:"));
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
              .start_keeper = starts_keeper(d, spool, engine, sender, plan_folder)},
             secrets),
      outside{clock,  keeper, keeper,    http,          dialer, files,        &sql,
              &redis, &logs,  &listener, &certificates, &names, &secret_look, &mongo},
      registry(providers::all_providers()) {
  http.know(secrets);
  outside.units = &units;
  outside.readings = &readings;
}

Result<> Outfit::make(const run::Runbook& book, const std::string& run) {
  plan_folder = book.setup.directory;
  auto services = engine::make_services(book, registry, outside, dir.root);
  if (!services) return std::unexpected(services.error());
  operators =
      std::make_unique<engine::Operators>(engine::Surroundings{outside, &registry, run, book, std::move(*services)});
  signals = std::make_unique<LiveSignals>(outside, registry, operators->release_of_server());
  for (auto& condition : conditions_in(book)) readings.keep(condition);
  return signals->open(book);
}

Result<> Outfit::make_for_watch(const run::Runbook& book, const std::string& stream) {
  auto read_here = book;
  auto conditions = conditions_in(book);
  for (auto& rule : book.rules) conditions.push_back(rule.when), readings.keep(rule.when);
  std::erase_if(read_here.setup.signals, [&](auto& signal) { return !reads(conditions, signal); });
  auto made = make(read_here, stream);
  if (made || read_here.setup.signals.empty()) return made;
  readings.blind(made.error().message);
  read_here.setup.signals.clear();
  blind = true;
  return make(read_here, stream);
}

Result<> Outfit::make_for_checks(const run::Runbook& book, const std::string& run, const std::string& open_run) {
  auto alone = book;
  auto conditions = conditions_in(book);
  std::erase_if(alone.setup.signals, [&](auto& signal) { return !reads(conditions, signal); });
  auto taken = std::ranges::find_if(alone.setup.signals, has_one_reader);
  if (!open_run.empty() && taken != alone.setup.signals.end()) {
    readings.blind(fmt::format("run {} is open, and `{}` has one reader", open_run, taken->name));
    alone.setup.signals.clear();
  }
  checks_read_signals = !alone.setup.signals.empty();
  auto made = make(alone, run);
  if (made || !checks_read_signals) return made;
  readings.blind(made.error().message);
  alone.setup.signals.clear();
  return make(alone, run);
}

}  // namespace davy::host
