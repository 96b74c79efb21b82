#include "engine/run/keeping_routers.h"

namespace davy::engine {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(500);

asio::awaitable<bool> pause(ports::Clock& clock, Duration length) {
  co_return (co_await clock.sleep_until(clock.now() + length)).has_value();
}

}  // namespace

asio::awaitable<bool> know_routers(ports::Guard& guard, Operators& operators, const run::State& state) {
  if (auto known = co_await operators.refresh(); !known) co_return false;
  if (run::users_on_their_way(state)) co_return true;
  co_return (co_await operators.heal(Heal::what_is_gone, &guard)).has_value();
}

asio::awaitable<void> keep_routers(ports::Clock& clock, ports::Guard& guard, Operators& operators,
                                   const run::State& state, bool known, std::function<void(run::Input)> tell) {
  while (!known) {
    if (!co_await pause(clock, kPause)) co_return;
    known = co_await know_routers(guard, operators, state);
  }
  auto often = operators.forget();
  while (often != Duration::max() && co_await pause(clock, often)) {
    if (run::users_on_their_way(state)) continue;
    (void)co_await operators.heal(state.mode == run::Mode::held ? Heal::what_is_gone : Heal::everything, &guard);
    if (!run::aside(state)) continue;
    if (auto who = co_await operators.nobody_home(); who && !who->empty()) tell(run::NobodyHome{*who});
  }
}

}  // namespace davy::engine
