#include "testing/life.h"

namespace davy::testing {

Life::~Life() { drop(); }

void Life::drop() {
  sleepers_.clear();
  context_.reset();
}

void Life::run(const std::function<bool()>& over) {
  auto& r = reality;
  r.davy_lives = true;
  while (!r.dead && !over()) {
    if (context_->stopped()) context_->restart();
    if (context_->poll_one() > 0) continue;
    if (sleepers_.empty()) {
      r.violated("nothing is left to happen, and the run has no end");
      break;
    }
    auto next = sleepers_.extract(sleepers_.begin());
    r.now = std::max(r.now, next.key());
    r.time_passes();
    if (r.faults.stalls || r.faults.blind) r.keeper_watches();
    *next.mapped().woken = true;
    asio::post(*context_, std::move(next.mapped().wake));
  }
  r.davy_lives = false;
}

asio::awaitable<bool> Life::sleep_until(Time t) {
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return false;
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
      [this, t](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto woken = std::make_shared<bool>(false);
        auto it = sleepers_.emplace(t, Sleeper{woken, [h = std::move(handler)]() mutable { std::move(h)(); }});
        if (slot.is_connected())
          slot.assign([this, it, woken](asio::cancellation_type) {
            if (!std::exchange(*woken, true)) asio::post(*context_, std::move(sleepers_.extract(it).mapped().wake));
          });
      },
      asio::use_awaitable);
  co_return state.cancelled() == asio::cancellation_type::none;
}

asio::awaitable<void> Life::for_ever() {
  co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
      [this](auto handler) {
        sleepers_.emplace(Time::max(), Sleeper{std::make_shared<bool>(false),
                                               [h = std::move(handler)]() mutable { std::move(h)(); }});
      },
      asio::use_awaitable);
}

asio::awaitable<void> Life::act() {
  if (reality.dies_here()) co_await for_ever();
}

}  // namespace davy::testing
