#include "engine/run/operators.h"

#include <fmt/format.h>

namespace davy::engine {

ports::Asking asking_for(const run::Runbook& runbook) {
  ports::Asking out;
  if (auto variables = runbook.setup.find("variables"))
    out.variables = spec::decoded<std::map<std::string, std::string>>(*variables, "variables").value_or(out.variables);
  if (auto directory = runbook.setup.find("directory")) out.directory = spec::scalar_text(*directory).value_or("");
  for (auto& name : runbook.secrets) out.secrets[name] = SecretRef{name};
  return out;
}

ports::Asking Surroundings::asking(const run::Attempt& a, bool previous) const {
  auto out = asking_for(runbook);
  out.key = fmt::format("a{}", a.id);
  if (previous) {  // the release list of the previous version: what it replaces is the one being taken back
    out.variables["version"] = runbook.subjects.front().previous.version;
    out.variables["previous"] = runbook.subjects.front().candidate.version;
  }
  out.timeout = a.due - a.started;
  return out;
}

run::Release Surroundings::release(const run::Call& call) const {
  return {argument<std::string>(call, "version"), argument<std::string>(call, "release")};
}

asio::awaitable<ports::Done> Repeatable::start(const run::Attempt& a, const run::Call& c) {
  co_return done(co_await act(a, c));
}

ports::Done done(Result<ports::Done> result) {
  if (result) return *result;
  auto outcome = result.error().code == Code::refused     ? run::Outcome::refused
                 : result.error().code == Code::cancelled ? run::Outcome::cancelled
                                                          : run::Outcome::failed;
  return {outcome, to_string(result.error()), {}};
}

Operators::Operators(Surroundings around) : around_(std::move(around)) {
  by_port_["platform"] = platform_operator(around_);
  by_port_["router"] = router_operator(around_);
  by_port_["probe"] = probe_operator(around_);
  by_port_["command"] = command_operator(around_);
  by_port_["maintenance"] = maintenance_operator(around_);
  by_port_["drain"] = drain_operator(around_);
  by_port_["wait"] = wait_operator(around_);
  by_port_["person"] = person_operator(around_);
}

Operators::~Operators() = default;

ports::Operator* Operators::resolve(const run::Call& call) {
  auto it = by_port_.find(call.port);
  return it == by_port_.end() ? nullptr : it->second.get();
}

ports::Task<ports::WayBack> Operators::way_back() {
  ports::WayBack all;
  for (auto& subject : around_.runbook.subjects) {
    auto& ports = around_.services.at(subject.service);
    if (!ports.router || subject.previous.none()) continue;
    auto endpoints = co_await ports.platform->instances();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto one = co_await ports.router->way_back(subject.previous.id, *endpoints);
    if (!one) co_return std::unexpected(one.error());
    std::ranges::move(one->questions, std::back_inserter(all.questions));
    std::ranges::move(one->commands, std::back_inserter(all.commands));
    all.says += (all.says.empty() ? "" : ", ") + one->says;
  }
  co_return all;
}

ports::Task<> Operators::refresh() {
  for (auto& [name, ports] : around_.services) {
    if (!ports.router) continue;
    auto endpoints = co_await ports.platform->instances();
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto served = co_await ports.router->read(*endpoints);
    if (!served) co_return std::unexpected(served.error());
    for (auto& s : *served)
      if (!s.release.empty()) around_.release_of_server[s.label.empty() ? s.server : s.label] = s.release;
    around_.routed[name] = std::move(*served);
  }
  co_return Result<>{};
}

ports::Task<> Operators::heal() {
  for (auto& [name, ports] : around_.services) {
    if (!ports.router || around_.routing > 0 || around_.routed[name].empty()) continue;
    ++around_.routing;
    auto endpoints = co_await ports.platform->instances();
    Result<> healed;
    if (endpoints) healed = co_await ports.router->restore(around_.routed[name], *endpoints, Duration::zero());
    --around_.routing;
    if (!healed) co_return healed;
  }
  co_return Result<>{};
}

Result<std::map<std::string, ServicePorts>> make_services(const run::Runbook& book, const ports::Registry& registry,
                                                          ports::Outside& outside, const std::string& state_dir) {
  std::map<std::string, ServicePorts> out;
  auto services = book.setup.find("services");
  if (!services || !services->map()) return fail(Code::internal, "the runbook has no services");
  for (auto& [name, mark, one] : *services->map()) {
    ports::Place place{name, book.environment, state_dir};
    auto named = [&](std::string_view port) {
      auto which = one.find(port);
      return which ? spec::scalar_text(*which->find("name")).value_or("") : std::string();
    };
    auto make_platform = registry.find_platform(named("platform"));
    if (!make_platform) return fail(Code::invalid, "no platform `" + named("platform") + "`");
    auto platform = (*make_platform)(*one.find("platform")->find("options"), outside, place);
    if (!platform) return std::unexpected(platform.error());
    out[name].platform = std::move(*platform);
    if (!one.find("router")) continue;
    auto make_router = registry.find_router(named("router"));
    if (!make_router) return fail(Code::invalid, "no router `" + named("router") + "`");
    auto router = (*make_router)(*one.find("router")->find("options"), outside, place);
    if (!router) return std::unexpected(router.error());
    out[name].router = std::move(*router);
  }
  return out;
}

}  // namespace davy::engine
