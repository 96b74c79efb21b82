#include "engine/run/operators.h"

#include <fmt/format.h>

#include "engine/migrations/child.h"
#include "engine/run/alone.h"
#include "judge/patience.h"

namespace davy::engine {

namespace {

std::map<std::string, SecretRef> named(const std::vector<std::string>& names) {
  std::map<std::string, SecretRef> out;
  for (auto& name : names) out[name] = SecretRef{name};
  return out;
}

// Those that reach a service: the plan may say that these are not all.
const std::vector<std::string>& secrets_of(const run::Runbook& book, std::int32_t subject) {
  if (subject == run::kNone) return book.secrets;
  auto setup = book.setup.service(book.subjects.at(static_cast<std::size_t>(subject)).service);
  return setup && setup->secrets ? *setup->secrets : book.secrets;
}

}  // namespace

ports::Asking asking_for(const run::Runbook& book, std::int32_t subject, run::Side side) {
  ports::Asking out{.variables = book.variables(subject, side), .directory = book.setup.directory};
  out.secrets = named(secrets_of(book, subject));
  if (subject != run::kNone) return out;
  for (auto& one : book.subjects)
    if (auto setup = book.setup.service(one.service)) out.services[one.service] = {setup->platform, one.candidate.as};
  return out;
}

// A question has no key: what is asked before an attempt exists must not meet the answer of another.
ports::Asking Surroundings::asking(const run::Attempt& a) const {
  auto out = asking(step(a).subject, step(a).side);
  if (a.id > 0) out.key = fmt::format("a{}", a.id), out.timeout = a.due - a.started;
  out.made = a.made;
  if (auto& only = step(a).secrets) out.secrets = named(*only);
  return out;
}

ports::Asking Surroundings::asking(std::int32_t about, run::Side side) const {
  return asking_for(runbook, about, side);
}

const run::Release& Surroundings::release(const run::Attempt& a) const {
  return step(a).side == run::Side::candidate ? subject(a).candidate : subject(a).previous;
}

const run::Release& Surroundings::other_release(const run::Attempt& a) const {
  return step(a).side == run::Side::candidate ? subject(a).previous : subject(a).candidate;
}

ports::Task<std::vector<ports::Endpoint>> Surroundings::instances(std::int32_t about) {
  std::vector<ports::Endpoint> all;
  for (auto side : {run::Side::previous, run::Side::candidate}) {
    auto& release = side == run::Side::candidate ? subject(about).candidate : subject(about).previous;
    if (release.none()) continue;
    auto some = co_await services.at(subject(about).service).platform->instances(release, asking(about, side));
    if (!some) co_return std::unexpected(some.error());
    std::ranges::move(*some, std::back_inserter(all));
  }
  co_return all;
}

const run::Release& Surroundings::serving(std::int32_t about) const {
  return serves == run::Side::candidate ? subject(about).candidate : subject(about).previous;
}

void Surroundings::learn(const Routed& table) {
  for (auto& one : table)
    if (!one.release.empty()) release_of_server[one.label.empty() ? one.server : one.label] = one.release;
}

ports::Task<ports::Asking> Surroundings::to_start(const run::Release& release, std::int32_t about, ports::Asking who) {
  auto& router = services.at(subject(about).service).router;
  if (!router) co_return who;
  auto all = co_await instances(about);
  if (!all) co_return std::unexpected(all.error());
  auto served = co_await router->read(*all, who);
  if (!served) co_return std::unexpected(served.error());
  for (auto& one : *served)
    if (one.release != release.id) who.taken.insert(one.address);
  co_return who;
}

ports::Task<bool> Surroundings::bring_up_previous(run::Attempt a, std::int64_t instances) {
  auto& previous = subject(a).previous;
  auto who = asking(step(a).subject, run::Side::previous);
  who.key = fmt::format("a{}-previous", a.id), who.timeout = a.due - a.started;
  auto& platform = *ports_of(a).platform;
  if (co_await platform.healthy(previous, who)) co_return false;
  auto told = co_await to_start(previous, step(a).subject, who);
  auto up = co_await platform.start(previous, static_cast<int>(instances), told.value_or(who));
  if (up || co_await platform.healthy(previous, who)) co_return true;
  co_return std::unexpected(up.error());
}

ports::Task<> Surroundings::see_that_previous_is_well(run::Attempt a, run::Call call) {
  auto instances = argument(call, "previous", 0);
  if (a.way != run::Way::undo || instances == 0) co_return Result<>{};
  auto up = co_await bring_up_previous(a, instances);
  if (up) co_return Result<>{};
  co_return fail(Code::refused,
                 fmt::format("{} stays, since {} is not well and does not start: {}", subject(a).candidate_name(),
                             subject(a).previous_name(), up.error().message));
}

asio::awaitable<ports::Done> Surroundings::end_commands(run::Attempt a) {
  auto ended = co_await outside.process.end(fmt::format("a{}", a.id), std::chrono::seconds(10));
  if (!ended) co_return ports::Done{run::Outcome::unknown, to_string(ended.error()), {}};
  co_return ports::Done{run::Outcome::cancelled, "", {}};
}

asio::awaitable<ports::Done> Repeatable::start(const run::Attempt& a, const run::Call& c) {
  co_return done(co_await act(a, c));
}

ports::Done done(Result<ports::Done> result) {
  if (result) return *result;
  auto outcome = result.error().code == Code::cancelled ? run::Outcome::cancelled : run::Outcome::failed;
  return {outcome, to_string(result.error()), {}, {}, result.error().code == Code::refused};
}

Operators::Operators(Surroundings around) : around_(std::move(around)) {
  by_port_["platform"] = platform_operator(around_);
  by_port_["roller"] = roller_operator(around_);
  by_port_["router"] = router_operator(around_);
  by_port_["probe"] = probe_operator(around_);
  by_port_["command"] = command_operator(around_);
  by_port_["command/migrations"] = migration_operator(around_);
  by_port_["maintenance"] = maintenance_operator(around_);
  by_port_["notice"] = notice_operator(around_);
  by_port_["drain"] = drain_operator(around_);
  by_port_["wait"] = wait_operator(around_);
  by_port_["person"] = person_operator(around_);
}

Operators::~Operators() = default;

ports::Operator* Operators::resolve(const run::Call& call) {
  auto it = by_port_.find(call.port + "/" + call.name);
  if (it == by_port_.end()) it = by_port_.find(call.port);
  return it == by_port_.end() ? nullptr : it->second.get();
}

ports::Task<ports::WayBack> Operators::way_back() {
  ports::WayBack all{.moves = {}, .patience = judge::patience(around_.runbook)};
  for (std::int32_t i = 0; i < std::ssize(around_.runbook.subjects); ++i) {
    auto moves = co_await moves_of(i);
    if (!moves) co_return std::unexpected(moves.error());
    std::ranges::move(*moves, std::back_inserter(all.moves));
  }
  co_return all;
}

ports::Task<std::vector<ports::Move>> Operators::moves_of(std::int32_t i) {
  auto& subject = around_.subject(i);
  auto& ports = around_.services.at(subject.service);
  if (subject.previous.none()) co_return std::vector<ports::Move>{};
  auto who = around_.asking(i, run::Side::previous);
  auto moves = co_await ports.platform->way_back(subject.previous, who);
  if (!moves || !ports.router) co_return moves;
  auto endpoints = co_await around_.instances(i);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  auto down =
      co_await stays_down(*ports.router, around_.outside.clock, *endpoints, subject.previous, who, around_.down);
  if (!down) co_return std::unexpected(down.error());
  if (*down) co_return std::vector<ports::Move>{};  // nobody to move users to
  auto routed = co_await ports.router->way_back(subject.previous, *endpoints, who);
  if (!routed) co_return std::unexpected(routed.error());
  for (auto& move : *routed) {
    if (move.what.empty()) move.what = fmt::format("traffic of {} to {}", subject.service, subject.previous_name());
    moves->push_back(std::move(move));
  }
  co_return moves;
}

ports::Task<> Operators::refresh() {
  for (std::int32_t i = 0; i < std::ssize(around_.runbook.subjects); ++i) {
    auto& name = around_.subject(i).service;
    auto& ports = around_.services.at(name);
    if (!ports.router) continue;
    auto endpoints = co_await around_.instances(i);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto served = co_await ports.router->read(*endpoints, around_.asking(i, run::Side::candidate));
    if (!served) co_return std::unexpected(served.error());
    around_.learn(*served);
    auto& left = around_.routed[name];
    if (left.empty()) left = before_any_step(*served, *endpoints, around_.serving(i).id);
    bool half_told = !left.empty() && users_with_nobody(*served);  // by a Davy that died while it put them back
    if (half_told || forgotten(left, *served))
      around_.forgetting.insert(name);
    else
      left = std::move(*served);
  }
  known_ = true;
  co_return Result<>{};
}

void Operators::left(std::map<std::string, Routed> by_service, run::Side serves) {
  around_.ordered = by_service;
  around_.routed = std::move(by_service), around_.serves = serves;
}

// A router that counts in whole percent rounds what is small by too much to say whether it came so.
std::map<std::string, double> Operators::asked() const {
  constexpr double kPercent = 101, kFewPercent = 5;
  std::map<std::string, double> out;
  for (auto& subject : around_.runbook.subjects) {
    auto table = around_.ordered.find(subject.service);
    if (subject.previous.none() || table == around_.ordered.end()) continue;
    double own = 0, other = 0;
    for (auto& one : table->second) {
      if (one.state != "ready") continue;
      if (one.release == subject.candidate.id) own += one.weight;
      if (one.release == subject.previous.id) other += one.weight;
    }
    bool rounded = own + other <= kPercent && own < kFewPercent;
    if (own > 0 && !rounded) out[subject.candidate.id] = own / (own + other);
  }
  return out;
}

ports::Task<> Operators::heal(Heal what, ports::Guard* guard) {
  Result<> all;
  for (std::int32_t i = 0; i < std::ssize(around_.runbook.subjects); ++i) {
    if (around_.routing > 0) co_return fail(Code::conflict, "a step is at work on a router");
    ++around_.routing;
    auto healed = co_await engine::heal(around_, i, what, guard);
    --around_.routing;
    if (all && !healed) all = std::move(healed);  // one that is away keeps no other from being healed
  }
  co_return all;
}

ports::Router* Operators::watchful(std::int32_t subject) {
  auto router = around_.services.at(around_.subject(subject).service).router.get();
  return router && router->forgets() != Duration::max() ? router : nullptr;
}

// "nobody of shop 3 is up", or "".
ports::Task<std::string> Operators::nobody_of(std::int32_t i, run::Side side) {
  auto& subject = around_.subject(i);
  auto all = co_await around_.instances(i);
  if (!all) co_return std::unexpected(all.error());
  auto lives = [&](auto& e) { return e.alive && e.release == subject.candidate.id; };
  bool home = side == run::Side::previous;
  if (home && std::ranges::none_of(*all, lives)) co_return "";  // nor would they be better off there
  auto& release = home ? subject.previous : subject.candidate;
  auto asking = around_.asking(i, side);
  auto down = co_await stays_down(*watchful(i), around_.outside.clock, *all, release, asking, around_.down);
  if (!down) co_return std::unexpected(down.error());
  co_return *down ? fmt::format("nobody of {} is up", home ? subject.previous_name() : subject.candidate_name()) : "";
}

ports::Task<std::string> Operators::nobody_home(std::int32_t i) {
  if (!watchful(i) || around_.subject(i).previous.none()) co_return "";
  co_return co_await nobody_of(i, run::Side::previous);
}

ports::Task<std::string> Operators::nobody_of_candidates() {
  for (std::int32_t i = 0; i < std::ssize(around_.runbook.subjects); ++i) {
    auto& subject = around_.subject(i);
    if (!watchful(i) || !has_users(around_.routed[subject.service], subject.candidate.id)) continue;
    if (auto who = co_await nobody_of(i, run::Side::candidate); !who || !who->empty()) co_return who;
  }
  co_return "";
}

Duration Operators::forget() const {
  auto soonest = Duration::max();
  for (auto& [name, ports] : around_.services)
    if (ports.router) soonest = std::min(soonest, ports.router->forgets());
  return soonest;
}

Result<std::map<std::string, ServicePorts>> make_services(const run::Runbook& book, const ports::Registry& registry,
                                                          ports::Outside& outside, const std::string& state_dir) {
  std::map<std::string, ServicePorts> out;
  for (auto& one : book.setup.services) {
    ports::Place place{one.name, book.environment, state_dir};
    auto make_platform = registry.find_platform(one.platform);
    if (!make_platform) return fail(Code::invalid, "no platform `" + one.platform + "`");
    out[one.name].platform = (*make_platform)(outside, place);
    if (!one.router) continue;
    auto make_router = registry.find_router(one.router->name);
    if (!make_router) return fail(Code::invalid, "no router `" + one.router->name + "`");
    auto router = (*make_router)(one.router->options, outside, place);
    if (!router) return std::unexpected(router.error());
    out[one.name].router = std::move(*router);
  }
  return out;
}

}  // namespace davy::engine
