#include "io/posix/poll_loop.h"

#include <sys/wait.h>

#include <algorithm>
#include <vector>

namespace davy::io {
namespace {

constexpr Duration kLongestWait = std::chrono::minutes(1);  // poll does not count the time that the machine sleeps

}  // namespace

void PollLoop::watch(int fd, short events, std::function<void(short)> on_ready) {
  watches_[fd] = {events, std::move(on_ready)};
}

void PollLoop::expect(int fd, short events) {
  if (auto watch = watches_.find(fd); watch != watches_.end()) watch->second.events = events;
}

void PollLoop::forget(int fd) { watches_.erase(fd); }

PollLoop::Timer PollLoop::after(Duration wait, Action action) {
  Timer timer(later(boot_time(), wait), ++last_timer_);
  timers_.emplace(timer, std::move(action));
  return timer;
}

void PollLoop::cancel(Timer& timer) {
  timers_.erase(timer);
  timer = {};
}

void PollLoop::on_exit(pid_t child, std::function<void(int)> ended) { children_[child] = std::move(ended); }

void PollLoop::reap() {
  int status = 0;
  while (auto pid = ::waitpid(-1, &status, WNOHANG)) {
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0) return;
    auto child = children_.extract(pid);
    if (child) child.mapped()(status);
  }
}

Duration PollLoop::until_next() const {
  if (timers_.empty()) return kLongestWait;
  return std::clamp(timers_.begin()->first.first - boot_time(), Duration::zero(), kLongestWait);
}

void PollLoop::run_due() {
  auto now = boot_time();
  while (!timers_.empty() && timers_.begin()->first.first <= now) {
    auto due = timers_.extract(timers_.begin());
    due.mapped()();
  }
}

// An action may forget or replace any watch, so each is looked up again before it is called, and is called as a copy.
void PollLoop::turn() {
  std::vector<pollfd> fds;
  for (const auto& [fd, watch] : watches_) fds.push_back({fd, watch.events, 0});
  auto wait = until_next();
  timespec time{wait / std::chrono::seconds(1), (wait % std::chrono::seconds(1)).count()};
  if (::ppoll(fds.data(), fds.size(), &time, nullptr) > 0)
    for (const auto& ready : fds) {
      auto watch = watches_.find(ready.fd);
      if (ready.revents == 0 || watch == watches_.end()) continue;
      auto on_ready = watch->second.on_ready;
      on_ready(ready.revents);
    }
  run_due();
}

}  // namespace davy::io
