#include "io/log_reader.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <mutex>
#include <thread>

#include "io/posix.h"

namespace davy::io {
namespace {

namespace asio = boost::asio;
using signals::RawWindow;

constexpr Duration kLookEvery = std::chrono::milliseconds(100);

}  // namespace

// All that the two threads share.
struct LogReader::Shared {
  explicit Shared(const asio::any_io_executor& core) : wake(core, asio::steady_timer::time_point::max()) {}

  std::mutex mutex;
  std::deque<RawWindow> ready;  // under the mutex
  bool closed = false;          // under the mutex
  std::atomic<bool> doubted{false};
  asio::steady_timer wake;  // the core's; cancelled to wake the waiter

  void hand_over(RawWindow w) {
    constexpr std::size_t kMost = 600;
    std::lock_guard lock(mutex);
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
      : now_(std::move(options.now)),
        every_(options.window),
        stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        core_(std::move(core)),
        shared_(std::move(shared)),
        lines_(std::move(options.lines), std::move(options.guess), std::move(options.only), stream->earlier()),
        stream_(std::move(stream)) {
    thread_ = std::thread([this] { run(); });
  }
  ~Reading() {
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(stop_.get(), &one, sizeof one);
    thread_.join();
  }

 private:
  void run() {
    from_ = now_();
    due_ = from_ + every_;
    do {
      while (stream_->read(now_(), lines_) && now_() < due_) {
      }
      if (now_() >= due_) hand_over();
    } while (wait());
    stream_.reset();  // a command ends with the thread that began it
  }

  // False: asked to stop.
  bool wait() {
    pollfd both[2] = {{stop_.get(), POLLIN, 0}, {stream_->ready(), POLLIN, 0}};
    auto left = std::clamp<Duration>(due_ - now_(), Duration{}, kLookEvery);
    auto rest = std::min(left, stream_->rest());
    if (rest > Duration{}) ::poll(both, 1, whole_ms(rest));
    if (left > rest) ::poll(both, 2, whole_ms(left - rest));
    return (both[0].revents & POLLIN) == 0;
  }

  static int whole_ms(Duration d) { return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(d).count()); }

  void hand_over() {
    auto now = now_();
    auto gap = stream_->gap(now);
    if (shared_->doubted.exchange(false) && gap.empty()) gap = "lines of the log were lost on the way";
    shared_->hand_over(lines_.finish(from_, now, std::move(gap)));
    asio::post(core_, [shared = shared_] { shared->wake.cancel(); });
    from_ = now;
    while (due_ <= now) due_ += every_;
  }

  std::function<Time()> now_;
  Duration every_;
  Fd stop_;
  asio::any_io_executor core_;
  std::shared_ptr<Shared> shared_;
  GuessedLines lines_;
  std::unique_ptr<LineStream> stream_;
  Time from_, due_;
  std::thread thread_;
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
