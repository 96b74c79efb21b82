#include "io/keeper/log_turner.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <thread>

#include "io/keeper/instance_store.h"
#include "io/posix/lockfile.h"
#include "io/posix/log_front.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr std::size_t kTurnsAt = 64 << 20, kLeast = 2 << 20, kShareOfDisk = 64;
constexpr off_t kWithoutRoom = 64 * 1024;
constexpr Duration kPace = 20ms;       // between two looks while something is printed
constexpr Duration kLookForLife = 1s;  // is there an instance left?
constexpr int kCatchUps = 4;           // with an instance that prints while its log is copied

std::string lock_of(const std::string& instances) { return instances + "/.turner.lock"; }

// From `at` to the end, where that is; nothing when it had not come after so many bytes.
Result<std::optional<off_t>> copied(int from, off_t at, off_t most, int to) {
  std::string block(256 * 1024, '\0');
  for (auto end = at + most; at < end;) {
    auto n = ::pread(from, block.data(), block.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("reading a log"));
    if (n == 0) return at;
    if (!write_all(to, {block.data(), static_cast<std::size_t>(n)}))
      return std::unexpected(system_error("copying a log"));
    at += n;
  }
  return std::nullopt;
}

// The newest half stays, and a little: nobody who reads it loses their place.
bool front_taken_off(int log, off_t size, off_t turns_at) {
  auto front = (size - turns_at / 2) / kFront * kFront;
  return front > 0 && take_off_front(log, front);
}

// Where fronts stay. What came before goes first: a full disk needs its room, and all that is newer still stands in the
// log. Whole, if it can be: whoever follows it then reads on in log.1 where they were.
Result<> move_aside(int log, off_t turns_at, const std::string& path) {
  ::unlink(path.c_str());
  Fd to(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_APPEND, 0600));
  if (!to) return std::unexpected(system_error("making " + path));
  for (int i = 0; i < kCatchUps; ++i) {
    struct stat now{};
    if (::fstat(log, &now) != 0 || ::ftruncate(to.get(), 0) != 0)
      return std::unexpected(system_error("making " + path));
    auto from = now.st_size <= 2 * turns_at ? 0 : now.st_size - turns_at;
    auto all = copied(log, from, 2 * turns_at + kWithoutRoom, to.get());
    if (!all) return std::unexpected(all.error());
    if (!*all) continue;
    if (::ftruncate(log, 0) != 0) return std::unexpected(system_error("cutting a log"));
    return {};
  }
  return fail(Code::unavailable, "it is printed faster than it is copied");
}

// There is no room until the log is cut, or no time, so its last lines are held in memory meanwhile.
Result<> keep_the_last(int log, const std::string& path) {
  struct stat now{};
  if (::fstat(log, &now) != 0) return std::unexpected(system_error("cutting a log"));
  auto size = now.st_size;
  ::unlink(path.c_str());
  std::string text(static_cast<std::size_t>(std::min(size, kWithoutRoom)), '\0');
  auto n = ::pread(log, text.data(), text.size(), size - static_cast<off_t>(text.size()));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  if (::ftruncate(log, 0) != 0) return std::unexpected(system_error("cutting a log"));
  return replace_file(path, text, 0600, Sync::no);
}

bool somebody_lives(const InstanceStore& store) {
  auto all = store.list("");
  return !all || std::ranges::any_of(*all, &ports::InstanceState::alive);  // that nobody could look is no end
}

class Turner {
 public:
  explicit Turner(InstanceStore store) : store_(std::move(store)), events_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

  void until_nobody_lives() {
    do {
      auto look_again = boot_time() + kLookForLife;
      do look_at_all();
      while (waited(look_again));
    } while (somebody_lives(store_));
    look_at_all();
  }

 private:
  void look_at_all() {
    auto turns_at = log_turns_at(store_.root());
    if (events_) ::inotify_add_watch(events_.get(), store_.root().c_str(), IN_CREATE | IN_ONLYDIR);
    std::error_code error;
    for (auto it = fs::directory_iterator(store_.root(), error); !error && it != fs::directory_iterator();
         it.increment(error)) {
      auto log = it->path().string() + "/log";
      if (events_) ::inotify_add_watch(events_.get(), log.c_str(), IN_MODIFY | IN_DONT_FOLLOW);
      (void)turn_log(log, turns_at);  // one that cannot be turned now is looked at again
    }
  }

  // Until something is printed, or begins; false when it is time to see who lives.
  bool waited(Duration until) {
    std::this_thread::sleep_for(kPace);
    auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - boot_time());
    if (left <= 0ms) return false;
    pollfd one{events_.get(), POLLIN, 0};
    if (::poll(&one, 1, static_cast<int>(left.count())) <= 0) return false;
    alignas(inotify_event) std::array<char, 4096> block;
    while (::read(events_.get(), block.data(), block.size()) > 0) continue;
    return true;
  }

  InstanceStore store_;
  Fd events_;
};

}  // namespace

std::size_t log_turns_at(const std::string& folder) {
  struct statvfs disk{};
  if (::statvfs(folder.c_str(), &disk) != 0) return kTurnsAt;
  return std::clamp<std::size_t>(disk.f_blocks * disk.f_frsize / kShareOfDisk, kLeast, kTurnsAt);
}

Result<> turn_log(const std::string& log, std::size_t turns_at) {
  Fd fd(::open(log.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  struct stat about{};
  if (!fd && errno == ENOENT) return {};
  if (!fd || ::fstat(fd.get(), &about) != 0) return std::unexpected(system_error("turning " + log));
  auto most = static_cast<off_t>(turns_at);
  if (!S_ISREG(about.st_mode) || about.st_size <= most) return {};
  if (front_taken_off(fd.get(), about.st_size, most)) return {};
  if (move_aside(fd.get(), most, log + ".1")) return {};
  return keep_the_last(fd.get(), log + ".1");
}

Result<> have_turner(const std::string& program, const LogTurnerOptions& options) {
  if (auto holder = LockFile::holder(lock_of(options.instances)); holder && *holder) return {};
  Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Program turner{.argv = {program, "turn-logs", options.instances, options.boot},
                 .env = {},  // no secret of the keeper's is in a process that lives for months
                 .cwd = "/",
                 .own = Program::Own::session,
                 .output = null.get()};
  auto pid = fork_exec(turner);
  return pid ? Result<>() : std::unexpected(pid.error());
}

int turn_logs(std::span<const std::string> arguments) {
  if (arguments.size() != 2) return 2;
  ::close_range(3, ~0U, 0);
  InstanceStore store(arguments[0], arguments[1]);
  for (;;) {
    auto self = identify(::getpid(), arguments[1]);
    auto lock = LockFile::take(lock_of(store.root()), std::to_string(self.pid));
    if (!lock) return 0;
    Turner(store).until_nobody_lives();
    lock = std::unexpected(Error{});
    // Who began an instance just now saw the lock held, and relied on it.
    if (!somebody_lives(store)) return 0;
  }
}

}  // namespace davy::io
