// Time that passes only while everybody sleeps, and moments at which a process may be killed. Tests only.
#pragma once
#include <gtest/gtest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>

#include "ports/clock.h"
#include "store/testing.h"

namespace davy::testing {

using namespace std::chrono_literals;
namespace asio = boost::asio;

// Time passes only while everybody sleeps.
struct JumpingClock : ports::Clock {
  Time t = store::testing::at(0);
  std::multimap<Time, std::shared_ptr<asio::steady_timer>> sleepers;

  Time now() override { return t; }
  ports::Task<> sleep_until(Time until) override {
    auto timer =
        std::make_shared<asio::steady_timer>(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
    sleepers.emplace(until, timer);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(Code::cancelled, "a sleep was cancelled");
    co_return Result<>();
  }
  void jump() {
    ASSERT_FALSE(sleepers.empty()) << "nobody will ever go on";
    auto first = sleepers.begin();
    t = std::max(t, first->first);
    first->second->cancel();
    sleepers.erase(first);
  }
};

struct Killed {};

// The instants at which who tells may be killed, counted.
struct Moments {
  int seen = 0, deadly = -1;
  void pass() {
    if (seen++ == deadly) throw Killed{};
  }
};

}  // namespace davy::testing
