#include "io/posix/clock.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "io/posix/posix.h"

namespace davy::io {
Clock::Clock(Duration longest_nap)
    : wall_at_start_(wall_time()), boot_at_start_(boot_time()), longest_nap_(longest_nap) {}

Time Clock::now() { return wall_at_start_ + (boot_time() - boot_at_start_); }

// Where cancellation does not throw, one that came while nothing could hear it would be lost: a store was at work, or a
// nap was over and its end on its way. So the state is looked at before each nap.
ports::Task<> Clock::sleep_until(Time deadline) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor);
  for (;;) {
    auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      co_return fail(Code::cancelled, "a wait was cancelled");
    auto current = now();
    if (current >= deadline) co_return Result<>();
    timer.expires_after(std::min(deadline - current, longest_nap_));
    co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
  }
}

}  // namespace davy::io
