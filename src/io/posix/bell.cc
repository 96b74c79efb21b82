#include "io/posix/bell.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

namespace davy::io {

namespace asio = boost::asio;

Bell::Bell(const std::string& folder) : events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
  if (events_ && ::inotify_add_watch(events_.get(), folder.c_str(), IN_MODIFY | IN_CREATE) < 0) events_.reset();
}

void Bell::still() {
  std::array<char, 4096> events;
  while (::read(events_.get(), events.data(), events.size()) > 0) {
  }
}

void Bell::wait(Duration most) {
  if (!events_) return std::this_thread::sleep_for(std::min(most, kBlind));
  pollfd ring{events_.get(), POLLIN, 0};
  auto whole = std::chrono::ceil<std::chrono::milliseconds>(most).count();
  if (::poll(&ring, 1, static_cast<int>(std::clamp<std::int64_t>(whole, 0, 3'600'000))) > 0) still();
}

ports::Task<> Bell::rung(Duration most) {
  using namespace asio::experimental::awaitable_operators;
  constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, events_ ? most : std::min(most, kBlind));
  auto before = co_await asio::this_coro::cancellation_state;
  if (before.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, "a wait was cancelled");
  if (!events_) {
    co_await timer.async_wait(kAsTuple);
  } else {
    asio::posix::stream_descriptor ring(executor, events_.get());
    co_await (ring.async_wait(asio::posix::stream_descriptor::wait_read, kAsTuple) || timer.async_wait(kAsTuple));
    ring.release();
    still();
  }
  auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, "a wait was cancelled");
  co_return Result<>{};
}

}  // namespace davy::io
