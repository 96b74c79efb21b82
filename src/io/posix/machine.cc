#include "io/posix/machine.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "base/text.h"
#include "io/posix/posix.h"

namespace davy::io {
namespace {

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

std::string user_name() {
  if (const auto* entry = ::getpwuid(::geteuid())) return entry->pw_name;
  return fmt::format("uid {}", ::geteuid());
}

// Fields after "pid (name) ": the name may hold blanks and brackets, so the last bracket counts.
std::optional<ProcessStat> parse(pid_t pid, std::string_view line) {
  auto bracket = line.rfind(')');
  if (bracket == std::string_view::npos || bracket + 2 >= line.size()) return {};
  auto fields = split(line.substr(bracket + 2), ' ');  // [0] is field 3, the state
  if (fields.size() < 20) return {};
  auto number = [&](std::size_t field) { return std::strtoull(std::string(fields[field - 3]).c_str(), nullptr, 10); };
  return ProcessStat{pid,        static_cast<pid_t>(number(5)),        static_cast<pid_t>(number(6)),
                     number(22), fields[0] == "Z" || fields[0] == "X", fields[0] == "T" || fields[0] == "t"};
}

}  // namespace

std::string kernel_boot_id() {
  auto text = read_file("/proc/sys/kernel/random/boot_id", 4096);
  return text ? std::string(trimmed(*text)) : "unknown";
}

Machine this_machine(std::string boot) {
  return {host_name(), boot.empty() ? kernel_boot_id() : std::move(boot), user_name()};
}

std::optional<ProcessStat> process_stat(pid_t pid) {
  char path[32], line[1024];
  *fmt::format_to(path, "/proc/{}/stat", pid) = '\0';
  Fd fd(::open(path, O_RDONLY | O_CLOEXEC));
  if (!fd) return {};
  auto n = ::read(fd.get(), line, sizeof line);
  return n > 0 ? parse(pid, {line, static_cast<std::size_t>(n)}) : std::nullopt;
}

ProcessId identify(pid_t pid, std::string boot) {
  auto stat = process_stat(pid);
  return {pid, stat ? stat->start : 0, std::move(boot)};
}

bool alive(const ProcessId& id, std::string_view boot) {
  if (id.boot != boot || id.pid <= 0) return false;
  auto stat = process_stat(id.pid);
  return stat && !stat->zombie && stat->start == id.start;
}

Result<bool> lives(const ProcessId& id, std::string_view boot) {
  if (id.boot != boot || id.pid <= 0) return false;
  auto path = fmt::format("/proc/{}/stat", id.pid);
  auto text = read_if_there(path, 4096);
  if (!text) return std::unexpected(text.error());
  auto stat = *text ? parse(id.pid, **text) : std::nullopt;
  return stat && !stat->zombie && stat->start == id.start;
}

Time started_at(const ProcessId& id) {
  static const auto ticks = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  auto since_boot = std::chrono::nanoseconds(id.start * (1'000'000'000 / ticks));
  return wall_time() - (boot_time() - since_boot);
}

}  // namespace davy::io
