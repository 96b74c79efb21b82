// The run's engine as its keeper sees it: started, and started again when it vanished, a few times.
#pragma once
#include <functional>
#include <string>

#include "io/keeper/keeper_options.h"
#include "io/keeper/spool.h"
#include "io/posix/poll_loop.h"

namespace davy::io {

class KeptEngine {
 public:
  using Say = std::function<void(const std::string&)>;
  // given_up: called when it is not started again though it did not end cleanly.
  KeptEngine(
      PollLoop& loop, const KeeperOptions& options, std::string boot, Say say, std::function<void()> given_up = [] {});

  void begin();        // starts it, or watches the one that runs already
  void end_mute();     // it stands still: killed, and started again like any that vanished
  void never_again();  // a living one goes on; it is not started any more
  bool over() const;   // it ended cleanly, its restarts are used up, or there never was one
  bool configured() const { return !options_.engine.empty(); }

 private:
  enum class State { none, running, pausing, over };
  void start();
  void watch_stranger();
  void ended(const std::string& how, bool cleanly);

  PollLoop& loop_;
  const KeeperOptions& options_;
  std::string boot_;
  Say say_;
  std::function<void()> given_up_;
  State state_ = State::none;
  std::size_t restarts_ = 0;
  bool may_restart_ = true;
  int pid_ = 0;
  Fd stranger_;
  PollLoop::Timer pause_{};
};

}  // namespace davy::io
