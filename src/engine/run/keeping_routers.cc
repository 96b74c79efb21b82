#include "engine/run/keeping_routers.h"

namespace davy::engine {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(500);
constexpr Duration kLastLook = std::chrono::seconds(90);  // longer than a router takes to be started anew

asio::awaitable<bool> pause(ports::Clock& clock, Duration length) {
  co_return (co_await clock.sleep_until(clock.now() + length)).has_value();
}

// What the candidate's servers say of it, once for each stretch in which it is so. The traffic would say nothing: users
// of a canary that nobody finds up any more are answered by the others.
class Looking {
 public:
  Looking(ports::Clock& clock, Operators& operators, const run::State& state, std::function<void(run::Input)> tell)
      : clock_(clock), operators_(operators), state_(state), tell_(std::move(tell)) {}

  asio::awaitable<void> look() {
    for (auto i : run::went_aside(state_)) co_await look_at_home(i);
    for (auto i : run::came_home(state_)) co_await look_at_home(i);
    if (!run::aside(state_) && judged()) {
      auto who = co_await operators_.nobody_of_candidates();
      if (!who || !judged()) co_return;
      if (!who->empty() && *who != told_) tell_(run::Judged{"up", run::Consequence::roll_back, *who});
      told_ = *who;
    }
  }

 private:
  asio::awaitable<void> look_at_home(std::int32_t subject) {
    auto who = co_await operators_.nobody_home(subject);
    if (who && !who->empty()) tell_(run::NobodyHome{*who, subject});
  }
  bool judged() const {
    return run::wanted(state_, clock_.now()).judge && !run::closed(state_) &&
           !run::starts_or_stops(state_, run::Side::candidate);
  }

  ports::Clock& clock_;
  Operators& operators_;
  const run::State& state_;
  std::function<void(run::Input)> tell_;
  std::string told_;
};

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
  Looking looking(clock, operators, state, std::move(tell));
  while (often != Duration::max() && co_await pause(clock, often)) {
    if (run::users_on_their_way(state)) continue;
    (void)co_await operators.heal(state.mode == run::Mode::held ? Heal::what_is_gone : Heal::everything, &guard);
    co_await looking.look();
  }
}

ports::Task<> leave_routers(ports::Clock& clock, ports::Guard& guard, Operators& operators) {
  for (auto until = clock.now() + kLastLook;;) {
    auto healed = operators.known() ? Result<>{} : co_await operators.refresh();
    if (healed) healed = co_await operators.heal(Heal::what_is_gone, &guard);
    if (healed || clock.now() >= until || !co_await pause(clock, kPause)) co_return healed;
  }
}

}  // namespace davy::engine
