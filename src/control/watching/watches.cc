#include "control/watching/watches.h"

#include <algorithm>

#include "control/driving.h"
#include "control/watching/serve.h"
#include "engine/watch/watch_records.h"
#include "host/local_zone.h"
#include "host/unwritten.h"
#include "io/posix/lockfile.h"
#include "watch/opening.h"

namespace davy::control {
namespace {

// A run of one of its services that is open; empty: none is.
Result<std::string> suspended_by(Runs& runs, ports::Store& store, const view::WatchView& w) {
  for (auto& service : w.services) {
    auto holder = runs.wait(store.holder(ports::lock_of_service(service, w.environment)));
    if (!holder) return std::unexpected(holder.error());
    if (*holder) return **holder;
  }
  return "";
}

// Of this very watch: a service that runs and cannot keep it does not.
Result<std::optional<std::string>> kept_by(Runs& runs, const std::string& id) {
  return io::LockFile::holder(runs.dir().watch_lock(id));
}

Result<view::WatchView> seen(Runs& runs, ports::Store& store, const std::string& id) {
  auto records = runs.wait(store.read(id));
  if (!records) return std::unexpected(records.error());
  auto history = engine::replay_watch(*records);
  if (!history) return std::unexpected(history.error());
  // Who keeps it has found more than is written.
  auto locked = kept_by(runs, id);
  if (!locked) return std::unexpected(locked.error());  // that it cannot be looked at is not that nobody keeps it
  auto& kept = *locked;
  if (auto more = kept ? host::unwritten(runs.dir(), id) : std::nullopt; more && more->seq == history->seq)
    for (auto& event : more->events) watch::fold(history->state, event, more->at);
  auto out = view::view_of(id, history->state, runs.now(), host::LocalZone(history->state.book.zone));
  auto run = suspended_by(runs, store, out);
  if (!run) return std::unexpected(run.error());
  out.suspended_by = *run;
  out.kept_by = kept.value_or("");
  out.served_by = served_by(runs.dir()).value_or("");
  if (run->empty()) return out;
  if (nobody_drives(runs, *run)) out.stuck = "nobody drives it";
  if (auto of = runs.view(*run); of && of->mode == run::Mode::held) out.stuck = "it is held";
  return out;
}

}  // namespace

Result<std::vector<view::WatchView>> watches(Runs& runs, const std::string& service) {
  std::vector<view::WatchView> out;
  auto any = runs.list({.most = 1});
  if (!any) return std::unexpected(any.error());
  if (any->empty()) return out;  // looking leaves no store behind
  auto store = runs.store();
  if (!store) return std::unexpected(store.error());
  auto open = runs.wait((*store)->open_streams(ports::StreamKind::watch));
  if (!open) return std::unexpected(open.error());
  for (auto& info : *open) {
    auto one = seen(runs, **store, info.id);
    if (!one) return std::unexpected(one.error());
    if (service.empty() || std::ranges::find(one->services, service) != one->services.end() || one->run == service)
      out.push_back(*std::move(one));
  }
  return out;
}

Result<std::optional<view::WatchView>> watch_of(Runs& runs, const std::string& run) {
  auto all = watches(runs);
  if (!all) return std::unexpected(all.error());
  auto it = std::ranges::find(*all, run, &view::WatchView::run);
  return it == all->end() ? std::nullopt : std::optional(std::move(*it));
}

}  // namespace davy::control
