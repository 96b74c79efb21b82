#include <fmt/format.h>

#include <algorithm>

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

int alive_of(const spec::Value& found, const std::string& release) {
  auto before = spec::decoded<Endpoints>(found, "found").value_or(Endpoints{});
  // A platform with one slot may not know whose release it runs: what ran before the stop was the previous one.
  return static_cast<int>(
      std::ranges::count_if(before, [&](auto& e) { return e.alive && (e.release == release || e.release.empty()); }));
}

struct PlatformOperator : Repeatable {
  explicit PlatformOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  ports::Task<spec::Value> prepare(const run::Attempt&, const run::Call& call) override {
    auto endpoints = co_await s.of(call).platform->instances();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    co_return spec::from_json(spec::encode(*endpoints));
  }

  ports::Task<ports::Done> act(run::Attempt a, run::Call call) override {
    auto& platform = *s.of(call).platform;
    auto release = s.release(call);
    auto asking = s.asking(a);
    bool knows_before = a.way == run::Way::undo && !a.found.null();
    auto before = knows_before ? alive_of(a.found, release.id) : argument(call, "instances", platform.size());
    if (call.operation == "healthy") co_return said(co_await platform.healthy(release, asking), "healthy");
    if (call.operation == "start") co_return co_await bring_up(platform, release, before, asking);
    auto keep = call.operation == "return" ? (knows_before ? before : 0) : argument(call, "keep", 0);
    co_return said(co_await platform.stop(release, keep, asking), keep == 0 ? "stopped" : fmt::format("{} left", keep));
  }

  ports::Task<ports::Done> bring_up(ports::Platform& platform, run::Release release, int n, ports::Asking asking) {
    if (n == 0) co_return ports::Done{run::Outcome::ok, "none ran before", {}};
    auto started = co_await platform.start(release, n, asking);
    if (!started) co_return std::unexpected(started.error());
    std::string says = fmt::format("{} healthy", n);
    for (auto& e : *started)
      if (e.release == release.id && !e.address.empty()) says += " " + e.address;
    co_return ports::Done{run::Outcome::ok, says, spec::from_json(spec::encode(*started))};
  }

  static Result<ports::Done> said(const Result<>& result, std::string says) {
    if (!result) return std::unexpected(result.error());
    return ports::Done{run::Outcome::ok, std::move(says), {}};
  }
};

}  // namespace

std::unique_ptr<ports::Operator> platform_operator(Surroundings& s) { return std::make_unique<PlatformOperator>(s); }

}  // namespace davy::engine
