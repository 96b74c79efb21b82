// One Davy process in the simulated world: an event loop on virtual time. Asio's timers do not follow a fake clock, so
// the queue of sleepers is our own.
#pragma once
#include <boost/asio/io_context.hpp>

#include "engine/loop/flag.h"
#include "ports/clock.h"
#include "testing/reality.h"

namespace davy::testing {

namespace asio = boost::asio;

class Life {
 public:
  explicit Life(Reality& r) : reality(r) {}
  ~Life();

  // Runs until `over` or Davy dies. Time jumps to the next sleeper when nothing else can happen.
  void run(const std::function<bool()>& over);

  asio::awaitable<bool> sleep_until(Time);  // false: cancelled
  asio::awaitable<void> sleep(Duration d) { (void)co_await sleep_until(reality.now + d); }
  asio::awaitable<void> for_ever();  // what a dead process does

  // A point where Davy may die: does not return then.
  asio::awaitable<void> act();

  asio::any_io_executor executor() { return context_->get_executor(); }
  void drop();  // the process is gone: frames first, then what they point to

  Reality& reality;

 private:
  struct Sleeper {
    std::shared_ptr<bool> woken;  // shared with the cancellation slot, which outlives the sleep
    std::move_only_function<void()> wake;
  };
  std::multimap<Time, Sleeper> sleepers_;
  std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
};

struct SimClock : ports::Clock {
  explicit SimClock(Life& l) : life(l) {}
  Life& life;
  Time now() override { return life.reality.now; }
  ports::Task<> sleep_until(Time t) override {
    if (co_await life.sleep_until(t)) co_return Result<>{};
    co_return fail(Code::cancelled, "the sleep was cancelled");
  }
};

}  // namespace davy::testing
