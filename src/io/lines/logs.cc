#include "io/lines/logs.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

#include "io/lines/line_thread.h"
#include "io/secrets/masker.h"

namespace davy::io {
namespace {

namespace asio = boost::asio;

std::string masked(Masker& masker, const std::string& text) {
  auto begun = masker.pass(text);
  return begun + masker.rest();
}

// A service may log what it should not; what it shows is kept and sent to people.
void mask(Masker& masker, judge::Window& w) {
  for (auto& [series, by_label] : w.shown)
    for (auto& [label, patterns] : by_label) {
      std::map<std::string, std::string> out;
      for (auto& [pattern, line] : patterns) out.try_emplace(masked(masker, pattern), masked(masker, line));
      patterns = std::move(out);
    }
  for (auto& [series, by_label] : w.states)
    for (auto& [label, word] : by_label) word = masked(masker, word);
}

Masker masker_of(const Secrets& secrets) {
  std::vector<Masker::Secret> all;
  secrets.for_each([&](auto& name, auto value) { all.push_back({name, std::string(value)}); });
  return Masker(all);
}

using Taken = ports::LineReading::Taken;

void merge(Taken& into, Taken&& more) {
  into.window.merge(more.window);
  if (into.gap.empty()) into.gap = std::move(more.gap);
}

// All that the two threads share; a posted wake-up may outlive the reading.
struct Shared {
  explicit Shared(const asio::any_io_executor& core) : wake(core, asio::steady_timer::time_point::max()) {}

  std::mutex mutex;
  std::deque<Taken> ready;  // under the mutex
  bool closed = false;      // of the core
  asio::steady_timer wake;  // the core's; cancelled to wake the waiter

  void hand_over(Taken t) {
    constexpr std::size_t kMost = 600;
    std::lock_guard lock(mutex);
    ready.size() < kMost ? ready.push_back(std::move(t)) : merge(ready.back(), std::move(t));
  }
  std::optional<Taken> first() {
    std::lock_guard lock(mutex);
    if (ready.empty()) return {};
    auto out = std::move(ready.front());
    ready.pop_front();
    return out;
  }
};

// The thread's side: lines to their taker, windows to the core.
class Counting final : LineSink {
 public:
  Counting(std::unique_ptr<LineStream> stream, std::unique_ptr<ports::LineTaker> taker, ports::Clock& clock,
           Duration window, Masker masker, asio::any_io_executor core, std::shared_ptr<Shared> shared)
      : core_(std::move(core)),
        shared_(std::move(shared)),
        taker_(std::move(taker)),
        masker_(std::move(masker)),
        thread_(std::move(stream), *this,
                {window, [&clock] { return clock.now(); },
                 [this](Time from, Time to, std::string gap) { hand_over(from, to, std::move(gap)); }}) {}

 private:
  void at(Time now) override { now_ = now; }
  void line(std::string_view text) override { taker_->line(text, now_); }
  void lost() override { lost_ = !taker_->lost() || lost_; }
  bool urgent() const override { return taker_->urgent(); }

  void hand_over(Time from, Time to, std::string gap) {
    auto window = taker_->finish(from, to);
    mask(masker_, window);
    if (std::exchange(lost_, false) && gap.empty()) gap = "a line was too long or cut off";
    shared_->hand_over({std::move(window), std::move(gap)});
    asio::post(core_, [shared = shared_] { shared->wake.cancel(); });
  }

  asio::any_io_executor core_;
  std::shared_ptr<Shared> shared_;
  std::unique_ptr<ports::LineTaker> taker_;
  Masker masker_;
  Time now_{};
  bool lost_ = false;
  LineThread thread_;
};

class Reading final : public ports::LineReading {
 public:
  Reading(std::shared_ptr<Shared> shared, std::unique_ptr<Counting> counting)
      : shared_(std::move(shared)), counting_(std::move(counting)) {}

  // Ends the thread; removes a socket, if it is still this one; ends a command and its group; wakes who waits.
  ~Reading() override {
    counting_.reset();
    shared_->closed = true;
    shared_->wake.cancel();
  }

  Taken take() override {
    std::lock_guard lock(shared_->mutex);
    Taken out;
    for (auto& one : std::exchange(shared_->ready, {})) merge(out, std::move(one));
    return out;
  }

  ports::Task<Taken> next() override { return next(shared_); }

 private:
  static ports::Task<Taken> next(std::shared_ptr<Shared> shared) {
    bool threw = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    Result<Taken> out = fail(Code::cancelled, "reading a log: it was closed");
    for (;;) {
      auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) break;
      if (auto one = shared->first()) {
        out = *std::move(one);
        break;
      }
      if (shared->closed) break;
      co_await shared->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    co_await asio::this_coro::throw_if_cancelled(threw);
    co_return out;
  }

  std::shared_ptr<Shared> shared_;
  std::unique_ptr<Counting> counting_;
};

}  // namespace

mode_t mode_of(ports::Writers who) {
  return who == ports::Writers::owner ? 0600 : who == ports::Writers::group ? 0620 : 0622;
}

LogSource source_of(const ports::LineSpec& spec) {
  using Kind = ports::LogPlace::Kind;
  auto& what = spec.place.what;
  switch (spec.place.kind) {
    case Kind::file:
      return FollowedFile{what, spec.begin};
    case Kind::unix_socket:
      return UnixSocket{what, mode_of(spec.writers)};
    case Kind::udp:
      return UdpSocket{what};
    case Kind::journald:
      return journald_command(what, spec.since);
    case Kind::docker:
      return docker_command(what);
    case Kind::command:
      return LogCommand{.argv = {"/bin/sh", "-c", what}};
    case Kind::input:
      return StandardInput{};
  }
  DAVY_CHECK(false);
}

Result<std::unique_ptr<ports::LineReading>> Logs::open(const ports::LineSpec& spec,
                                                       std::unique_ptr<ports::LineTaker> taker) {
  auto stream = open_lines(source_of(spec), clock_.now());
  if (!stream) return std::unexpected(stream.error());
  taker->earlier((*stream)->earlier());
  auto shared = std::make_shared<Shared>(core_);
  return std::make_unique<Reading>(shared, std::make_unique<Counting>(std::move(*stream), std::move(taker), clock_,
                                                                      window_, masker_of(secrets_), core_, shared));
}

}  // namespace davy::io
