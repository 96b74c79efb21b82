// What src/io's network ports share: time-outs around a call, and names that resolve in time.
#pragma once
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <string>

#include "base/time.h"
#include "ports/task.h"

namespace davy::io {

namespace asio = boost::asio;

inline constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// invalid: none of our errors. `doing`: "connecting to db:5432".
Error network_error(std::string_view doing, const boost::system::error_code&);

// Numbers at once; names by the system's resolver in a thread of Asio's, which is not waited for once the call is
// cancelled. Code::unavailable when there is no such host.
ports::Task<asio::ip::tcp::resolver::results_type> resolve(std::string host, std::string port);

// The call, or Code::timed_out after `timeout`: then it is cancelled and awaited. It must not throw.
template <class T>
ports::Task<T> within(Duration timeout, std::string doing, ports::Task<T> call) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  if (timeout < std::chrono::hours(24 * 365))
    timer.expires_after(timeout);
  else
    timer.expires_at(asio::steady_timer::time_point::max());
  auto first = co_await (std::move(call) || timer.async_wait(kAsTuple));
  if (first.index() == 0) co_return std::move(std::get<0>(first));
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, doing + " was cancelled");
  co_return fail(Code::timed_out, doing + ": no answer within " + human(timeout));
}

}  // namespace davy::io
