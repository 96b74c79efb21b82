#include "io/keeper/running_command.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFlushEvery = 1s;
constexpr Duration kFirstLook = 20ms, kLongestLook = 160ms;  // whether what was told to end is gone
constexpr int kAllThatAPipeHolds = 2;                        // reads of one block

std::array<char, 64 * 1024> block;  // one thread, one read at a time

// The command has ended, and something that it left running still holds its output. Reading on keeps that from
// blocking; nobody will ask for what it says.
void drop_what_follows(PollLoop& loop, Fd pipe) {
  auto held = std::make_shared<Fd>(std::move(pipe));
  loop.watch(held->get(), POLLIN, [&loop, held](short) {
    auto n = ::read(held->get(), block.data(), block.size());
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) loop.forget(held->get());
  });
}

}  // namespace

RunningCommand::RunningCommand(PollLoop& loop, Setup setup, std::function<void(Ended)> done)
    : loop_(loop),
      family_(std::move(setup.family)),
      rest_(setup.rest),
      output_(std::move(setup.output)),
      masker_(std::move(setup.masker)),
      kept_(std::move(setup.kept)),
      done_(std::move(done)) {
  if (output_) watch_output();
  if (setup.begun.deadline == kForever) return;
  deadline_ = loop_.after(setup.begun.deadline - boot_time(), [this, grace = setup.begun.grace] {
    timed_out_ = true;
    end(grace);
  });
}

RunningCommand::~RunningCommand() {
  if (is_child_ && !seen_) {  // given up by its owner: nobody will ask how it ended
    if (rest_ == Rest::is_ended) ::kill(-family_.leader.pid, SIGKILL);
    loop_.on_exit(family_.leader.pid, [](int) {});
  }
  for (auto* timer : {&deadline_, &pressing_, &flushing_}) loop_.cancel(*timer);
  for (const auto* fd : {&output_, &stranger_})
    if (*fd) loop_.forget(fd->get());
}

void RunningCommand::watch_child() {
  is_child_ = true;
  loop_.on_exit(family_.leader.pid, [this](int status) { exited(ended_from_wait(status)); });
}

void RunningCommand::watch_stranger() {
  stranger_.reset(static_cast<int>(::syscall(SYS_pidfd_open, family_.leader.pid, 0)));
  if (!stranger_ || !alive(family_.leader, family_.leader.boot)) {  // between our look and now
    pressing_ = loop_.after(Duration::zero(), [this] { exited({}); });
    return;
  }
  loop_.watch(stranger_.get(), POLLIN, [this](short) { exited({}); });
}

void RunningCommand::watch_output() {
  loop_.watch(output_.get(), POLLIN, [this](short) { read_output(1); });
}

void RunningCommand::read_output(int most_reads) {
  for (; output_ && most_reads > 0; --most_reads) {
    auto n = ::read(output_.get(), block.data(), block.size());
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0) {
      loop_.forget(output_.get());
      output_.reset();
      return;
    }
    kept_.add(masker_.pass({block.data(), static_cast<std::size_t>(n)}));
    flush_later();
  }
}

void RunningCommand::flush_later() {
  if (!kept_.dirty() || flushing_ != PollLoop::Timer{}) return;
  flushing_ = loop_.after(kFlushEvery, [this] {
    flushing_ = {};
    kept_.flush();
  });
}

void RunningCommand::exited(Ended ended) {
  if (stranger_) loop_.forget(stranger_.get());
  ended.took = boot_time() - began_;
  seen_ = ended;
  if (ending_)
    press();
  else
    finish();
}

void RunningCommand::end(Duration grace) {
  kill_at_ = std::min(kill_at_, later(boot_time(), grace));
  if (!ending_) ask_to_end();
  ending_ = true;
  next_look_ = kFirstLook;
  press();
}

void RunningCommand::ask_to_end() {
  auto all = living(family_);  // before its leader dies: then its group may be gone
  ::kill(-family_.leader.pid, SIGTERM);
  for (const auto& process : all)
    if (::getpgid(process.pid) != family_.leader.pid) send_signal(process, SIGTERM);
}

// Until nothing of the family is left: neither a grandchild that ignores TERM nor one that went into a session of its
// own (a copy that goes on in the background) may outlive a time-out.
void RunningCommand::press() {
  auto left = living(family_);
  if (seen_ && left.empty()) return finish();
  if (boot_time() >= kill_at_)
    for (const auto& process : left) send_signal(process, SIGKILL);
  loop_.cancel(pressing_);
  pressing_ = loop_.after(next_look_, [this] { press(); });
  next_look_ = std::min(2 * next_look_, kLongestLook);
}

// The group's number cannot be another's yet: its leader has only just been reaped.
void RunningCommand::finish() {
  if (rest_ == Rest::is_ended) ::kill(-family_.leader.pid, SIGKILL);
  read_output(kAllThatAPipeHolds);
  kept_.add(masker_.rest());
  kept_.flush();
  if (output_) {
    loop_.forget(output_.get());
    // What a question leaves behind is ended with it; one that got away must not hold a descriptor of the keeper.
    if (rest_ == Rest::is_ended)
      output_.reset();
    else
      drop_what_follows(loop_, std::move(output_));
  }
  seen_->timed_out = timed_out_;
  auto done = std::move(done_);
  done(*seen_);
}

}  // namespace davy::io
