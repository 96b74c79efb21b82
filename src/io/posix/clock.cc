#include "io/posix/clock.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/posix/posix.h"

namespace davy::io {
namespace {

// Asio's timers do not count the time that the machine sleeps; the boot-time clock does. So a long wait looks again.
constexpr Duration kLongestNap = std::chrono::seconds(5);

}  // namespace

Clock::Clock() : wall_at_start_(wall_time()), boot_at_start_(boot_time()) {}

Time Clock::now() { return wall_at_start_ + (boot_time() - boot_at_start_); }

// Where cancellation does not throw, one that came while nothing could hear it (a store at work) would be lost: a loop
// that pauses here would go on for ever.
ports::Task<> Clock::sleep_until(Time deadline) {
  auto state = co_await boost::asio::this_coro::cancellation_state;
  if (state.cancelled() != boost::asio::cancellation_type::none)
    co_return fail(Code::cancelled, "a wait was cancelled");
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (auto current = now(); current < deadline; current = now()) {
    timer.expires_after(std::min(deadline - current, kLongestNap));
    auto [error] = co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    if (error) co_return fail(Code::cancelled, "a wait was cancelled");
  }
  co_return Result<>();
}

}  // namespace davy::io
