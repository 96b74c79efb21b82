#include "host/past.h"

#include <set>

#include "engine/run/records.h"

namespace davy::host {
namespace {

constexpr int kMost = 1000;

}  // namespace

ports::Task<std::string> Past::takes_back(std::string run) {
  auto records = co_await journal_.read(run);
  if (!records) co_return std::unexpected(records.error());
  for (auto& record : *records) {
    if (ports::written_by_the_store(record)) continue;
    auto event = engine::event_of(record);
    if (!event) co_return std::unexpected(event.error());
    auto started = std::get_if<run::Started>(&*event);
    co_return started ? started->takes_back : "";
  }
  co_return "";
}

// The last that began first: what takes another one back comes before it.
ports::Task<std::optional<ports::Deployment>> Past::deployed(std::string service, std::string environment) {
  auto runs = co_await journal_.runs({.service = service, .environment = environment, .most = kMost});
  if (!runs) co_return std::unexpected(runs.error());
  std::set<std::string> taken;
  for (auto& run : *runs) {
    if (!run.damage.empty()) co_return fail(Code::internal, run.damage);
    if (run.ending == "done" && !taken.contains(run.id) && run.ended)
      co_return ports::Deployment{run.id, run.version, *run.ended};
    if (run.ending != "rolled back") continue;
    auto other = co_await takes_back(run.id);
    if (!other) co_return std::unexpected(other.error());
    taken.insert(*other);
  }
  co_return std::optional<ports::Deployment>();
}

}  // namespace davy::host
