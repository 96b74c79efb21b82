#include "io/lines/line_thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "ports/standstill.h"

namespace davy::io {
namespace {

constexpr Duration kLookEvery = std::chrono::milliseconds(100);

int whole_ms(Duration d) { return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(d).count()); }

}  // namespace

LineThread::LineThread(std::unique_ptr<LineStream> stream, LineSink& lines, Options options)
    : o_(std::move(options)),
      stop_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      stream_(std::move(stream)),
      lines_(lines) {
  DAVY_CHECK(o_.now && o_.window > Duration{});
  thread_ = std::thread([this] { run(); });
}

LineThread::~LineThread() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = ::write(stop_.get(), &one, sizeof one);
  thread_.join();
}

void LineThread::run() {
  from_ = o_.now();
  due_ = from_ + o_.window;
  do {
    while (read() && o_.now() < due()) {
    }
    if (o_.now() >= due()) hand_over();
  } while (wait());
  stream_.reset();
}

bool LineThread::read() {
  auto now = o_.now();
  lines_.at(now);
  return stream_->read(now, lines_);
}

// False: asked to stop.
bool LineThread::wait() {
  pollfd both[2] = {{stop_.get(), POLLIN, 0}, {stream_->ready(), POLLIN, 0}};
  auto left = std::clamp<Duration>(due() - o_.now(), Duration{}, kLookEvery);
  auto rest = std::min(left, stream_->rest());
  if (rest > Duration{}) ::poll(both, 1, whole_ms(rest));
  if (left > rest) ::poll(both, 2, whole_ms(left - rest));
  return (both[0].revents & POLLIN) == 0;
}

Time LineThread::due() const {
  constexpr int kHurry = 50;
  return lines_.urgent() ? std::min(due_, from_ + o_.window / kHurry) : due_;
}

void LineThread::hand_over() {
  auto now = o_.now();
  auto missing = stream_->gap(now), stood = ports::standstill(from_, now, o_.window);
  o_.over(from_, now, stood.empty() ? std::move(missing) : std::move(stood));
  from_ = now;
  while (due_ <= now) due_ += o_.window;
}

}  // namespace davy::io
