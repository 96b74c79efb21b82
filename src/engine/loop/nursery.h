// Owns coroutines: each can be cancelled, and none is left behind.
#pragma once
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <map>

#include "engine/loop/flag.h"

namespace davy::engine {

class Nursery {
 public:
  using Id = std::uint64_t;
  explicit Nursery(asio::any_io_executor ex) : ex_(std::move(ex)), empty_(ex_) {}

  // An exception that leaves the body is a bug and is rethrown into the event loop.
  Id spawn(asio::awaitable<void> body) {
    auto id = next_++;
    // The completion owns the signal: erasing a signal from inside its own coroutine would be a use after free.
    auto signal = std::make_shared<asio::cancellation_signal>();
    running_[id] = signal;
    asio::co_spawn(ex_, calm(std::move(body)),
                   asio::bind_cancellation_slot(signal->slot(), [this, signal, id](std::exception_ptr e) {
                     running_.erase(id);
                     if (running_.empty()) empty_.raise();
                     if (e) std::rethrow_exception(e);
                   }));
    return id;
  }
  void cancel(Id id) {
    if (auto it = running_.find(id); it != running_.end()) {
      auto signal = it->second;
      signal->emit(asio::cancellation_type::terminal);
    }
  }
  // Cancels all and waits until each has ended.
  asio::awaitable<void> close() {
    auto all = running_;
    for (auto& [id, signal] : all) cancel(id);
    while (!running_.empty()) co_await empty_.wait();
  }
  void drop() { empty_.drop(); }

 private:
  // Cancellation ends waits, it does not throw: bodies look at their state.
  static asio::awaitable<void> calm(asio::awaitable<void> body) {
    co_await asio::this_coro::throw_if_cancelled(false);
    co_await std::move(body);
  }

  asio::any_io_executor ex_;
  Flag empty_;
  Id next_ = 1;
  std::map<Id, std::shared_ptr<asio::cancellation_signal>> running_;
};

}  // namespace davy::engine
