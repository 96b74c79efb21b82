#pragma once
#include <vector>

#include "engine/loop/flag.h"
#include "run/event.h"

namespace davy::engine {

// The one queue of a run: many tellers, one reader, one thread.
class Inbox {
 public:
  explicit Inbox(asio::any_io_executor ex) : flag_(std::move(ex)) {}

  void tell(run::Input in) {
    waiting_.push_back(std::move(in));
    flag_.raise();
  }
  // Everything that waits; at least one, unless it was cancelled.
  asio::awaitable<std::vector<run::Input>> all() {
    if (waiting_.empty()) co_await flag_.wait();
    co_return std::exchange(waiting_, {});
  }
  void drop() { flag_.drop(); }

 private:
  Flag flag_;
  std::vector<run::Input> waiting_;
};

}  // namespace davy::engine
