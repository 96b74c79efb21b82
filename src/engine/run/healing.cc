#include "engine/run/healing.h"

#include "engine/run/operators.h"

namespace davy::engine {
namespace {

// The guard has moved all users to the previous release.
asio::awaitable<bool> moved_home(ports::Guard* guard) {
  if (!guard) co_return false;
  auto taken = co_await guard->taken();
  co_return taken && taken->has_value();
}

}  // namespace

ports::Task<> heal(Surroundings& s, std::int32_t subject, Heal what, ports::Guard* guard) {
  auto& name = s.subject(subject).service;
  auto& router = s.services.at(name).router;
  if (!router || router->forgets() == Duration::max()) co_return Result<>{};
  auto asking = s.asking(subject, run::Side::candidate);
  auto endpoints = co_await s.instances(subject);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  auto now = co_await router->read(*endpoints, asking);
  if (!now) co_return std::unexpected(now.error());
  auto left = s.routed[name];
  if (left.empty()) left = before_any_step(*now, *endpoints, s.serving(subject).id);  // nobody of it ran until now
  if (left.empty()) co_return Result<>{};
  if (forgotten(left, *now)) s.forgetting.insert(name);
  bool gone = s.forgetting.contains(name);
  if (!gone && (what == Heal::what_is_gone || !differs(left, *now))) co_return Result<>{};
  bool home = co_await moved_home(guard);
  if (home && !gone) co_return Result<>{};
  auto previous = living(*endpoints, s.subject(subject).previous.id);
  if (home && !previous.empty()) left = previous;
  auto healed = co_await router->restore(left, *endpoints, Duration::zero(), asking);
  bool nobody_up = gone && !healed && healed.error().code == Code::refused;
  if (nobody_up && !previous.empty()) healed = co_await router->restore(previous, *endpoints, Duration::zero(), asking);
  if (!healed || !gone) co_return healed;
  s.forgetting.erase(name);
  now = co_await router->read(*endpoints, asking);  // they may have got other places
  if (now) s.learn(*now);
  co_return Result<>{};
}

}  // namespace davy::engine
