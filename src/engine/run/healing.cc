#include "engine/run/healing.h"

#include "engine/run/operators.h"

namespace davy::engine {

ports::Task<> heal(Surroundings& s, std::int32_t subject, Heal what, ports::Guard* guard) {
  auto& name = s.subject(subject).service;
  auto& router = s.services.at(name).router;
  auto left = s.routed[name];
  if (!router || router->forgets() == Duration::max() || left.empty()) co_return Result<>{};
  auto asking = s.asking(subject, run::Side::candidate);
  auto endpoints = co_await s.instances(subject);
  if (!endpoints) co_return std::unexpected(endpoints.error());
  auto now = co_await router->read(*endpoints, asking);
  if (!now) co_return std::unexpected(now.error());
  if (forgotten(left, *now)) s.forgetting.insert(name);
  bool gone = s.forgetting.contains(name);
  if (!gone && (what == Heal::what_is_gone || !differs(left, *now))) co_return Result<>{};
  if (guard)
    if (auto taken = co_await guard->taken(); taken && *taken) co_return Result<>{};
  auto healed = co_await router->restore(left, *endpoints, Duration::zero(), asking);
  if (!healed || !gone) co_return healed;
  s.forgetting.erase(name);
  now = co_await router->read(*endpoints, asking);  // they may have got other places
  if (now) s.learn(*now);
  co_return Result<>{};
}

}  // namespace davy::engine
