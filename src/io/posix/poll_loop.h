// The keeper's loop: descriptors, timers, children. One thread, plain poll(): it must work when nothing else does.
#pragma once
#include <poll.h>
#include <sys/types.h>

#include <functional>
#include <map>
#include <utility>

#include "base/error.h"
#include "io/posix/posix.h"

namespace davy::io {

class PollLoop {
 public:
  using Action = std::function<void()>;
  using Timer = std::pair<Duration, std::uint64_t>;

  void watch(int fd, short events, std::function<void(short)> on_ready);  // replaces the one before
  void expect(int fd, short events);                                      // of one that is watched
  void forget(int fd);
  Timer after(Duration, Action);
  void cancel(Timer&);                                        // fine when it is over
  void on_exit(pid_t child, std::function<void(int)> ended);  // with its wait status; once

  void turn();  // waits for something to happen, and lets it
  void reap();  // every child that has ended, also those that nobody asked about

 private:
  Duration until_next() const;
  void run_due();
  struct Watch {
    short events;
    std::function<void(short)> on_ready;
  };
  std::map<int, Watch> watches_;
  std::map<Timer, Action> timers_;
  std::uint64_t last_timer_ = 0;
  std::map<pid_t, std::function<void(int)>> children_;
};

}  // namespace davy::io
