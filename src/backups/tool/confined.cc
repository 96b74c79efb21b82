#include "backups/tool/confined.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace davy::backups {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_X86_64;
constexpr const char* kLoader = "/lib64/ld-linux-x86-64.so.2";
#elif defined(__aarch64__)
constexpr std::uint32_t kMachine = AUDIT_ARCH_AARCH64;
constexpr const char* kLoader = "/lib/ld-linux-aarch64.so.1";
#endif

constexpr std::uint64_t kWrites = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

long abi() { return ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION); }

bool allow(int rules, const std::string& path, std::uint64_t what) {
  int at = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (at < 0) return false;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = what, rule.parent_fd = at;
  bool done = ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
  ::close(at);
  return done;
}

bool keep_to_its_folders(const Confined& c) {
  landlock_ruleset_attr asked{};
  asked.handled_access_fs = kWrites | LANDLOCK_ACCESS_FS_EXECUTE;
  int rules = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &asked, sizeof asked, 0));
  if (rules < 0) return false;
  bool fine = allow(rules, c.program, LANDLOCK_ACCESS_FS_EXECUTE) &&
              allow(rules, kLoader, LANDLOCK_ACCESS_FS_EXECUTE) &&
              allow(rules, "/dev/null", LANDLOCK_ACCESS_FS_WRITE_FILE);
  for (auto& folder : c.writes) fine = fine && allow(rules, folder, kWrites);
  fine = fine && ::syscall(SYS_landlock_restrict_self, rules, 0) == 0;
  ::close(rules);
  return fine;
}

// It accepts connections, and makes none: by another server's socket it would be whoever it runs as.
bool connects_to_nobody() {
  sock_filter steps[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kMachine, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_connect, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog filter{std::size(steps), steps};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

bool can_confine() { return abi() >= 1; }

bool confine(const Confined& c) {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && keep_to_its_folders(c) && connects_to_nobody();
}

}  // namespace davy::backups
