// Waiting for something that another coroutine of the same thread brings about. Not asio::experimental::channel: that
// registers with the io_context and may not outlive it, which a simulated crash (drop every frame) does as a matter of
// course. Not any_completion_handler either: Boost 1.81's recurses to death when posted.
#pragma once
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <memory>

namespace davy::engine {

namespace asio = boost::asio;

// One waiter at a time. raise() before wait() is kept. A cancelled wait() returns like a raised one: look at the state.
class Flag {
 public:
  explicit Flag(asio::any_io_executor ex) : inside_(std::make_shared<Inside>(Inside{std::move(ex), {}, false})) {}

  void raise() {
    inside_->raised = true;
    wake(inside_);
  }
  void drop() { inside_->waiter = nullptr; }

  asio::awaitable<void> wait() {
    auto inside = inside_;
    // A cancellation that came while nothing listened would otherwise be lost, and this would wait for ever.
    auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
    if (!inside->raised && !cancelled)
      co_await asio::async_initiate<decltype(asio::use_awaitable), void()>(
          [inside](auto handler) {
            auto slot = asio::get_associated_cancellation_slot(handler);
            if (slot.is_connected())
              slot.assign([weak = std::weak_ptr(inside)](asio::cancellation_type) {
                if (auto alive = weak.lock()) wake(alive);
              });
            inside->waiter = [h = std::move(handler)]() mutable { std::move(h)(); };
          },
          asio::use_awaitable);
    inside->raised = false;
  }

 private:
  struct Inside {
    asio::any_io_executor ex;
    std::move_only_function<void()> waiter;
    bool raised;
  };
  static void wake(const std::shared_ptr<Inside>& inside) {
    if (inside->waiter) asio::post(inside->ex, std::exchange(inside->waiter, nullptr));
  }
  std::shared_ptr<Inside> inside_;
};

}  // namespace davy::engine
