#include "io/posix/family.h"

#include <dirent.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <memory>

#include "io/posix/posix.h"

namespace davy::io {
namespace {

constexpr std::size_t kLargestEnvironment = 4 * 1024 * 1024;

bool carries(pid_t pid, const std::string& cookie) {
  if (cookie.empty()) return false;
  auto environment = read_file("/proc/" + std::to_string(pid) + "/environ", kLargestEnvironment);
  if (!environment) return false;
  auto text = '\0' + *environment;
  return text.contains('\0' + cookie + '\0');
}

// A pid is not given out again while a group or session bears its number. So when it was, neither is left, and what now
// bears the number belongs to somebody else.
bool reused(const ProcessId& leader) {
  auto stat = process_stat(leader.pid);
  return stat && stat->start != leader.start;
}

bool belongs(const ProcessStat& stat, const Family& family, bool numbers_count) {
  if (stat.zombie || stat.start < family.leader.start) return false;
  bool numbered = stat.group == family.leader.pid || stat.session == family.leader.pid;
  return (numbers_count && numbered) || carries(stat.pid, family.cookie);
}

}  // namespace

std::vector<ProcessId> living(const Family& family) {
  std::vector<ProcessId> found;
  if (family.cookie.empty() && ::kill(-family.leader.pid, 0) != 0 && errno == ESRCH) return found;
  bool numbers_count = !reused(family.leader);
  std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (folder) {
    const auto* entry = ::readdir(folder.get());
    if (!entry) break;
    pid_t pid = 0;
    const char* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr != end) continue;
    auto stat = process_stat(pid);
    if (stat && belongs(*stat, family, numbers_count)) found.push_back({pid, stat->start, family.leader.boot});
  }
  return found;
}

// The descriptor holds the process, not the number, so the check and the signal are about the same one.
void send_signal(const ProcessId& process, int signal) {
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, process.pid, 0)));
  if (fd && identify(process.pid, process.boot) == process)
    ::syscall(SYS_pidfd_send_signal, fd.get(), signal, nullptr, 0);
}

}  // namespace davy::io
