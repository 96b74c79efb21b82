#include "io/lines/log_reader.h"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>

#include "io/lines/line_thread.h"

namespace davy::io {
namespace {

namespace asio = boost::asio;
using signals::RawWindow;

}  // namespace

// All that the two threads share.
struct LogReader::Shared {
  explicit Shared(const asio::any_io_executor& core) : wake(core, asio::steady_timer::time_point::max()) {}

  std::mutex mutex;
  std::deque<RawWindow> ready;  // under the mutex
  bool closed = false;          // under the mutex
  std::string taken_for;        // under the mutex
  std::atomic<bool> doubted{false};
  asio::steady_timer wake;  // the core's; cancelled to wake the waiter

  void hand_over(RawWindow w, std::string told) {
    constexpr std::size_t kMost = 600;
    std::lock_guard lock(mutex);
    taken_for = std::move(told);
    if (ready.size() < kMost) return ready.push_back(std::move(w));
    auto& last = ready.back();
    last.by_server.merge(w.by_server);
    last.lines += w.lines, last.broken += w.broken, last.unreached += w.unreached;
    last.excluded += w.excluded, last.redispatched += w.redispatched;
  }
};

// The thread, and what it owns.
class LogReader::Reading {
 public:
  Reading(LogReaderOptions options, std::unique_ptr<LineStream> stream, asio::any_io_executor core,
          std::shared_ptr<Shared> shared)
      : core_(std::move(core)),
        shared_(std::move(shared)),
        lines_(std::move(options.lines), std::move(options.guess), std::move(options.only), stream->earlier()),
        thread_(std::move(stream), lines_,
                {options.window, std::move(options.now),
                 [this](Time from, Time to, std::string gap) { hand_over(from, to, std::move(gap)); }}) {}

 private:
  void hand_over(Time from, Time to, std::string gap) {
    if (shared_->doubted.exchange(false) && gap.empty()) gap = "lines of the log were lost on the way";
    auto window = lines_.finish(from, to, std::move(gap));
    shared_->hand_over(std::move(window), lines_.taken_for());
    asio::post(core_, [shared = shared_] { shared->wake.cancel(); });
  }

  asio::any_io_executor core_;
  std::shared_ptr<Shared> shared_;
  GuessedLines lines_;
  LineThread thread_;
};

Result<std::unique_ptr<LogReader>> LogReader::open(asio::any_io_executor core, LogReaderOptions options) {
  DAVY_CHECK(options.now && options.window > Duration{});
  auto stream = open_lines(options.source, options.now());
  if (!stream) return std::unexpected(stream.error());
  auto shared = std::make_shared<Shared>(core);
  auto reading = std::make_unique<Reading>(std::move(options), std::move(*stream), core, shared);
  return std::unique_ptr<LogReader>(new LogReader(std::move(shared), std::move(reading)));
}

LogReader::LogReader(std::shared_ptr<Shared> shared, std::unique_ptr<Reading> reading)
    : shared_(std::move(shared)), reading_(std::move(reading)) {}

LogReader::~LogReader() { close(); }

void LogReader::doubt() { shared_->doubted = true; }

std::string LogReader::taken_for() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->taken_for;
}

void LogReader::close() {
  reading_.reset();
  {
    std::lock_guard lock(shared_->mutex);
    shared_->closed = true;
  }
  shared_->wake.cancel();
}

ports::Task<RawWindow> LogReader::next() {
  auto shared = shared_;  // the reader may be gone when this wakes
  bool threw = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<RawWindow> out = fail(Code::cancelled, "reading the traffic log: it was closed");
  for (;;) {
    if (auto state = co_await asio::this_coro::cancellation_state; state.cancelled() != asio::cancellation_type::none)
      break;
    {
      std::lock_guard lock(shared->mutex);
      if (!shared->ready.empty()) {
        out = std::move(shared->ready.front());
        shared->ready.pop_front();
        break;
      }
      if (shared->closed) break;
    }
    co_await shared->wake.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  co_await asio::this_coro::throw_if_cancelled(threw);
  co_return out;
}

}  // namespace davy::io
