#pragma once
#include <vector>

#include "engine/loop/flag.h"

namespace davy::engine {

// The one queue of a stream's loop: many tellers, one reader, one thread.
template <class Input>
class Inbox {
 public:
  explicit Inbox(asio::any_io_executor ex) : flag_(std::move(ex)) {}

  void tell(Input in) {
    waiting_.push_back(std::move(in));
    flag_.raise();
  }
  // Everything that waits; at least one, unless it was cancelled.
  asio::awaitable<std::vector<Input>> all() {
    if (waiting_.empty()) co_await flag_.wait();
    co_return std::exchange(waiting_, {});
  }
  void drop() { flag_.drop(); }

 private:
  Flag flag_;
  std::vector<Input> waiting_;
};

}  // namespace davy::engine
