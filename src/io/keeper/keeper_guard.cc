#include "io/keeper/keeper_guard.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/keeper/way_back.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kRetry = 1s;
constexpr Duration kLongest = 60s;  // then the child is killed, and it is tried again
constexpr std::size_t kLargest = 8 * 1024 * 1024;

}  // namespace

KeptGuard::KeptGuard(PollLoop& loop, Spool spool, Duration patience, Say say)
    : loop_(loop), spool_(std::move(spool)), patience_(patience), say_(std::move(say)) {}

void KeptGuard::begin() {
  auto text = read_file(spool_.file("armed"), kLargest);
  auto way = text ? way_back_from_json(*text) : std::nullopt;
  if (!way) return;
  say_("the keeper before this one had a way back armed: " + way->says);
  way_ = *way;
  count_down(patience_);
}

void KeptGuard::when_settled(PollLoop::Action action) {
  if (state_ == State::taking)
    waiting_.push_back(std::move(action));
  else
    action();
}

void KeptGuard::count_down(Duration wait) {
  state_ = State::armed;
  loop_.cancel(countdown_);
  countdown_ = loop_.after(wait, [this] { take(); });
}

// It is armed also when the disk is full: then it is this keeper's life that it depends on.
void KeptGuard::arm(const ports::WayBack& way, Answer answer) {
  when_settled([this, way, answer = std::move(answer)] {
    way_ = way;
    ::unlink(spool_.file("way-back").c_str());
    if (auto kept = replace_file(spool_.file("armed"), to_json(way), 0600, Sync::no); !kept)
      say_("the armed way back is not on disk: " + kept.error().message);
    count_down(patience_);
    answer(Agreed{});
  });
}

void KeptGuard::judged(Answer answer) {
  when_settled([this, answer = std::move(answer)] {
    if (state_ == State::armed) count_down(patience_);
    answer(Agreed{});
  });
}

void KeptGuard::disarm(Answer answer) {
  when_settled([this, answer = std::move(answer)] {
    state_ = State::idle;
    loop_.cancel(countdown_);
    ::unlink(spool_.file("armed").c_str());
    ::unlink(spool_.file("way-back").c_str());
    answer(Agreed{});
  });
}

void KeptGuard::settle(Answer answer) {
  when_settled([answer = std::move(answer)] { answer(Agreed{}); });
}

// In a child, which may block; it lets go of our lock and sockets first.
void KeptGuard::take() {
  state_ = State::taking;
  say_("no judge for too long: taking the way back: " + way_.says);
  pid_t pid = ::fork();
  if (pid == 0) {
    ::setpgid(0, 0);
    ::close_range(3, ~0U, 0);
    auto done = take_way_back(way_, spool_);
    if (!done) say_("the way back failed: " + to_string(done.error()));
    ::_exit(done ? 0 : 1);
  }
  if (pid < 0) return taken(-1);
  countdown_ = loop_.after(kLongest, [pid] { ::kill(-pid, SIGKILL); });
  loop_.on_exit(pid, [this](int status) { taken(status); });
}

void KeptGuard::taken(int status) {
  loop_.cancel(countdown_);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
    state_ = State::idle;
    ::unlink(spool_.file("armed").c_str());
    say_("the way back was taken: " + way_.says);
  } else {
    count_down(kRetry);
  }
  for (auto& action : std::exchange(waiting_, {})) action();
}

}  // namespace davy::io
