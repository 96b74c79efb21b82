#include <fmt/format.h>

#include <algorithm>

#include "engine/folders/folder_look.h"
#include "engine/run/operators.h"

namespace davy::spec {
template <>
inline constexpr auto kFields<ports::Endpoint> =
    std::tuple{required("release", &ports::Endpoint::release, "its release"),
               required("index", &ports::Endpoint::index, "which instance"),
               optional("address", &ports::Endpoint::address, "host:port"),
               optional("alive", &ports::Endpoint::alive, "does it run")};
}  // namespace davy::spec

namespace davy::engine {
namespace {

using Endpoints = std::vector<ports::Endpoint>;

int alive_of(const spec::Value& found) {
  auto before = spec::decoded<Endpoints>(found, "found").value_or(Endpoints{});
  return static_cast<int>(std::ranges::count_if(before, &ports::Endpoint::alive));
}

long alive_of(const Endpoints& all, const std::string& release) {
  return std::ranges::count_if(all, [&](const ports::Endpoint& e) { return e.release == release && e.alive; });
}

struct PlatformOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call&) override {
    auto endpoints = co_await s.ports_of(a).platform->instances(s.release(a), s.asking(a));
    if (!endpoints) co_return std::unexpected(endpoints.error());
    co_return spec::from_json(spec::encode(*endpoints));
  }

  ports::Task<ports::Done> act(run::Attempt a, run::Call call) override {
    auto& platform = *s.ports_of(a).platform;
    auto& release = s.release(a);
    auto asking = s.asking(a);
    if (call.operation == "healthy") co_return co_await is_healthy(a, call);
    if (call.operation == "start") {
      if (auto there = is_current(call, release); !there) co_return std::unexpected(there.error());
      auto told = co_await s.to_start(release, s.step(a).subject, asking);
      if (!told && a.way == run::Way::apply) co_return std::unexpected(told.error());
      co_return co_await bring_up(platform, release, to_start(a, call), told.value_or(asking));
    }
    if (auto there = co_await candidate_is_there(a); !there) co_return std::unexpected(there.error());
    if (auto well = co_await s.see_that_previous_is_well(a, call); !well) co_return std::unexpected(well.error());
    auto keep = call.operation == "return" ? stood_before(a).value_or(0) : argument(call, "keep", 0);
    auto stopped = co_await platform.stop(release, keep, asking);
    if (!stopped && may_be_done(stopped.error()) && co_await not_more_than(platform, release, keep, asking))
      stopped = {};
    co_return said(stopped, keep == 0 ? "stopped" : fmt::format("{} left", keep));
  }

  // In place it would run whatever `current` leads to.
  Result<> is_current(const run::Call& call, const run::Release& release) {
    auto at = argument<std::string>(call, "at");
    if (at.empty() || release.folder.empty()) return {};
    auto now = current_folder(s.outside.files, at);
    if (!now) return std::unexpected(now.error());
    if (*now == release.folder) return {};
    return fail(Code::invalid, fmt::format("{} leads to {}, not to {} of {}: it is not started", run::current_at(at),
                                           now->empty() ? "nothing" : *now, release.folder, release.id));
  }

  // The last proof of a way back. A previous release that died meanwhile, perhaps of a service that nothing was done
  // to, is brought up once more before people are needed.
  ports::Task<ports::Done> is_healthy(run::Attempt a, run::Call call) {
    auto well = co_await s.ports_of(a).platform->healthy(s.release(a), s.asking(a));
    auto instances = argument(call, "previous", 0);
    if (well || a.way != run::Way::undo || a.number < 2 || instances == 0) co_return said(well, "healthy");
    auto started = co_await s.bring_up_previous(a, instances);
    if (!started) co_return std::unexpected(started.error());
    co_return said({}, *started ? "healthy: it was started again" : "healthy");
  }

  // Before the previous release goes: the candidate may have vanished since it was given the users.
  ports::Task<> candidate_is_there(run::Attempt a) {
    auto& candidate = s.subject(a).candidate;
    bool goes = a.way == run::Way::apply && s.step(a).side == run::Side::previous;
    if (!goes || share_of(s.ordered[s.subject(a).service], candidate.id) == 0) co_return Result<>{};
    auto asking = s.asking(s.step(a).subject, run::Side::candidate);
    co_return co_await s.ports_of(a).platform->healthy(candidate, asking);
  }

  static std::optional<int> stood_before(const run::Attempt& a) {
    if (a.way == run::Way::apply || a.found.null()) return {};
    return alive_of(a.found);
  }

  // Back to what stood before. That none of it did is no state to go back to: the release served, by the journal, so
  // the way back is to bring it up.
  static int to_start(const run::Attempt& a, const run::Call& call) {
    auto by_plan = argument(call, "instances", 1);
    auto before = stood_before(a).value_or(by_plan);
    return before > 0 ? before : by_plan;
  }

  ports::Task<ports::Done> bring_up(ports::Platform& platform, run::Release release, int n, ports::Asking asking) {
    auto started = co_await platform.start(release, n, asking);
    if (!started && may_be_done(started.error()))
      if (auto there = co_await all_there(platform, release, n, asking)) started = *std::move(there);
    if (!started) co_return std::unexpected(started.error());
    std::string says = fmt::format("{} healthy", n);
    for (auto& e : *started)
      if (e.release == release.id && !e.address.empty()) says += " " + e.address;
    co_return ports::Done{run::Outcome::ok, says, spec::from_json(spec::encode(*started))};
  }

  // An answer may get lost on its way: what became of it is looked up before it is called a failure. A command that
  // says that it failed has failed, whatever of an older release still answers.
  static bool may_be_done(const Error& e) { return e.code == Code::unavailable || e.code == Code::timed_out; }

  static ports::Task<Endpoints> all_there(ports::Platform& platform, run::Release release, int n,
                                          ports::Asking asking) {
    auto found = co_await platform.instances(release, asking);
    if (!found) co_return std::unexpected(found.error());
    if (alive_of(*found, release.id) < n) co_return fail(Code::unavailable, "not all of it is there");
    if (auto well = co_await platform.healthy(release, asking); !well) co_return std::unexpected(well.error());
    co_return found;
  }

  static ports::Task<> not_more_than(ports::Platform& platform, run::Release release, int n, ports::Asking asking) {
    auto found = co_await platform.instances(release, asking);
    if (!found) co_return std::unexpected(found.error());
    if (alive_of(*found, release.id) > n) co_return fail(Code::unavailable, "some of it still run");
    co_return Result<>{};
  }

  static Result<ports::Done> said(const Result<>& result, std::string says) {
    if (!result) return std::unexpected(result.error());
    return ports::Done{run::Outcome::ok, std::move(says), {}};
  }
};

}  // namespace

std::unique_ptr<ports::Operator> platform_operator(Surroundings& s) { return std::make_unique<PlatformOperator>(s); }

}  // namespace davy::engine
