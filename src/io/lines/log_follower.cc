#include "io/lines/log_follower.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>

#include "base/text.h"
#include "io/posix/log_front.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;

constexpr Duration kLookEvery = 100ms;
constexpr Duration kPatience = 1s;     // between a rename and the new file, until it counts as away
constexpr Duration kLinger = 1min;     // of an old file since something was written to it
constexpr std::size_t kMostOld = 8;    // files
constexpr std::size_t kTail = 64;      // bytes that must still be there
constexpr off_t kEarlier = 64 * 1024;  // bytes to tell the format from

int watch_file(const Fd& events, const Fd& file) {
  auto path = fmt::format("/proc/self/fd/{}", file.get());  // this file, whatever its name is by now
  return ::inotify_add_watch(events.get(), path.c_str(), IN_MODIFY);
}

std::string read_back(const Fd& fd, off_t end, off_t most) {
  std::string out(static_cast<std::size_t>(std::min(end, most)), '\0');
  auto n = ::pread(fd.get(), out.data(), out.size(), end - static_cast<off_t>(out.size()));
  if (n != static_cast<ssize_t>(out.size())) out.clear();
  return out;
}

// Where it begins; `end` itself if it is too long for us.
off_t line_under_way(const Fd& fd, off_t end) {
  auto text = read_back(fd, end, kEarlier);
  auto newline = text.rfind('\n');
  if (newline == text.npos) return end <= kEarlier ? 0 : end;
  return end - static_cast<off_t>(text.size() - newline - 1);
}

}  // namespace

LogFollower::LogFollower(std::string path, Time now)
    : path_(std::move(path)),
      folder_(std::filesystem::path(path_).parent_path().string()),
      name_(std::filesystem::path(path_).filename().string()),
      events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      away_since_(now) {
  if (folder_.empty()) folder_ = ".";
}

Result<std::unique_ptr<LogFollower>> LogFollower::open(std::string path, Time now, ports::Begin begin) {
  return open_from(std::move(path), now, begin == ports::Begin::end ? From::end : From::beginning);
}

Result<std::unique_ptr<LogFollower>> LogFollower::open_at_line(std::string path, Time now) {
  return open_from(std::move(path), now, From::line);
}

Result<std::unique_ptr<LogFollower>> LogFollower::open_from(std::string path, Time now, From begin) {
  if (path.empty()) return fail(Code::invalid, "following a log: a file without a name");
  std::unique_ptr<LogFollower> out(new LogFollower(std::move(path), now));
  auto file = out->opened(begin, now);
  if (file)
    out->current_ = std::move(*file);
  else if (struct stat found{}; ::stat(out->path_.c_str(), &found) == 0)
    return std::unexpected(file.error());
  else
    out->away_ = "there is no file " + out->path_;
  return out;
}

Result<std::unique_ptr<LogFollower::File>> LogFollower::opened(From from, Time now) {
  auto doing = "following the log " + path_;
  auto file = std::make_unique<File>();
  file->fd.reset(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file->fd) return std::unexpected(system_error(doing));
  struct stat found{};
  if (::fstat(file->fd.get(), &found) != 0) return std::unexpected(system_error(doing));
  if (!S_ISREG(found.st_mode)) return fail(Code::invalid, doing + ": that is no file");
  file->device = found.st_dev, file->inode = found.st_ino, file->latest = now;
  if (from != From::beginning) {
    file->at = from == From::end ? found.st_size : line_under_way(file->fd, found.st_size);
    file->tail = read_back(file->fd, file->at, kTail);
    if (!file->tail.empty() && file->tail.back() != '\n') file->lines.skip_rest();
  }
  if (events_) file->watch = watch_file(events_, file->fd);
  return file;
}

bool LogFollower::read(Time now, LineSink& sink) {
  bool more = false;
  bool heard = heard_of_the_folder();
  for (auto& file : old_) more |= advance(*file, now, sink);
  if (heard || now >= look_at_) look(now, sink);
  if (current_) more |= advance(*current_, now, sink);
  return more;
}

// Events are only a reason to look: what happened, the files themselves say.
bool LogFollower::heard_of_the_folder() {
  if (!events_) return false;
  bool heard = false;
  alignas(inotify_event) std::array<char, 4096> block;
  for (ssize_t n; (n = ::read(events_.get(), block.data(), block.size())) > 0;)
    for (ssize_t at = 0; at < n;) {
      auto* event = reinterpret_cast<const inotify_event*>(block.data() + at);
      heard |= (event->mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_Q_OVERFLOW)) != 0;
      births_ += (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0 && event->len > 0 && name_ == event->name;
      at += static_cast<ssize_t>(sizeof *event + event->len);
    }
  return heard;
}

// Is the file of this name still the one that is being read?
void LogFollower::look(Time now, LineSink& sink) {
  look_at_ = now + kLookEvery;
  if (events_)
    ::inotify_add_watch(events_.get(), folder_.c_str(),
                        IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ONLYDIR);
  if (std::exchange(births_, 0) > 1)
    note_ = path_ + " was rotated more than once before anybody could look: lines may be missing";
  while (!old_.empty() && now - old_.front()->latest > kLinger) forget(0, sink);
  struct stat found{};
  bool there = ::stat(path_.c_str(), &found) == 0, missing = !there && errno == ENOENT;
  if (there && current_ && found.st_dev == current_->device && found.st_ino == current_->inode) return;
  if (current_) retire(now, sink);
  if (there && revive(found.st_dev, found.st_ino)) return;
  auto file = opened(From::beginning, now);
  if (file)
    current_ = std::move(*file);
  else
    away_ = missing ? "there is no file " + path_ : file.error().message;
}

void LogFollower::retire(Time now, LineSink& sink) {
  away_since_ = current_->latest = now;
  old_.push_back(std::move(current_));
  if (old_.size() > kMostOld) forget(0, sink);
}

void LogFollower::forget(std::size_t old, LineSink& sink) {
  auto at = old_.begin() + static_cast<std::ptrdiff_t>(old);
  (*at)->lines.finish(sink);
  if ((*at)->watch >= 0) ::inotify_rm_watch(events_.get(), (*at)->watch);
  old_.erase(at);
}

bool LogFollower::revive(dev_t device, ino_t inode) {
  auto found = std::ranges::find_if(old_, [&](auto& f) { return f->device == device && f->inode == inode; });
  if (found == old_.end()) return false;
  current_ = std::move(*found);
  old_.erase(found);
  return true;
}

// One call reads the bytes before and what is new, so that nothing comes between.
bool LogFollower::advance(File& file, Time now, LineSink& sink) {
  std::array<char, kTail> before;
  auto room = file.lines.room();
  iovec parts[2] = {{before.data(), file.tail.size()}, {room.data(), room.size()}};
  auto n = ::preadv(file.fd.get(), parts, 2, file.at - static_cast<off_t>(file.tail.size()));
  if (n < 0) {
    if (errno != EINTR) note_ = system_error("reading the log " + path_).message;
    return false;
  }
  auto known = file.tail.size(), all = static_cast<std::size_t>(n);
  if (all < known || std::memcmp(before.data(), file.tail.data(), known) != 0) {
    if (!moved_down(file)) begin_anew(file, sink);
    return true;
  }
  auto fresh = all - known;
  if (fresh == 0) return false;
  file.tail.append(room.data() + (fresh - std::min(fresh, kTail)), std::min(fresh, kTail));
  if (file.tail.size() > kTail) file.tail.erase(0, file.tail.size() - kTail);
  file.at += static_cast<off_t>(fresh), file.latest = now;
  file.lines.filled(fresh, sink);
  return fresh == room.size();
}

// From its end down: whoever was up to date finds their place there.
bool LogFollower::moved_down(File& file) {
  struct stat now{};
  if (file.tail.size() < kTail || ::fstat(file.fd.get(), &now) != 0) return false;
  auto fronts = std::max<off_t>(1, (file.at - now.st_size + kFront - 1) / kFront);
  for (auto at = file.at - fronts * kFront; at >= static_cast<off_t>(kTail); at -= kFront)
    if (read_back(file.fd, at, kTail) == file.tail) return file.at = at, true;
  return false;
}

// A writer that does not append leaves a hole before its next line.
void LogFollower::begin_anew(File& file, LineSink& sink) {
  file.lines.drop(sink);
  file.at = std::max<off_t>(::lseek(file.fd.get(), 0, SEEK_DATA), 0);
  file.tail.clear();
  note_ = path_ + " was truncated: lines that were written just before may be missing";
}

std::string LogFollower::gap(Time now) {
  auto out = std::exchange(note_, {});
  if (current_) return out;
  auto since = away_since_;  // old files that are still written to are not away
  for (auto& file : old_) since = std::max(since, file->latest);
  if (!old_.empty() && now - since < kPatience) return out;
  return fmt::format("{} since {}", away_, clock_text(since));
}

std::vector<std::string> LogFollower::earlier() {
  std::vector<std::string> out;
  if (!current_) return out;
  auto text = read_back(current_->fd, current_->at, kEarlier);
  auto lines = split(text, '\n');
  if (lines.size() < 2) return out;
  bool cut = current_->at > kEarlier;  // in the midst of the first line; the last one is not whole, or empty
  for (std::size_t i = cut ? 1 : 0; i + 1 < lines.size(); ++i) out.emplace_back(lines[i]);
  return out;
}

}  // namespace davy::io
