#include <fcntl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "io/keeper/keeper.h"
#include "io/keeper/log_turner.h"

namespace {

// In `ps`, engine and keeper are called as the program is: they were started as /proc/self/exe, which still is this
// program when another lies in its place on the disk. The arguments stand one behind the other in memory.
void have_a_name(int argc, char** argv) {
  constexpr std::string_view kName = "davy";
  ::prctl(PR_SET_NAME, kName.data());
  if (argc < 2 || std::string_view(argv[0]) != "/proc/self/exe") return;
  auto* end = argv[argc - 1] + std::strlen(argv[argc - 1]) + 1;
  auto* next = argv[0] + kName.size() + 1;
  auto by = argv[1] - next;
  std::memcpy(argv[0], kName.data(), kName.size() + 1);
  std::memmove(next, argv[1], static_cast<std::size_t>(end - argv[1]));
  std::memset(end - by, 0, static_cast<std::size_t>(by));
  for (int i = 1; i < argc; ++i) argv[i] -= by;
}

// A descriptor that is closed would be given to the next file that is opened, and what is printed would go into that:
// into the journal, say. What stands in its place refuses to be written.
void have_streams() {
  for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", fd == STDIN_FILENO ? O_RDWR : O_RDONLY);
}

}  // namespace

int main(int argc, char** argv) {
  have_streams();
  have_a_name(argc, argv);
  // The keeper comes first: it forks, so no thread and no event loop may exist yet.
  if (argc > 1 && std::string_view(argv[1]) == "keep") {
    auto options = davy::io::keeper_options(std::vector<std::string>(argv + 2, argv + argc));
    if (!options) return std::fprintf(stderr, "davy keep: %s\n", options.error().message.c_str()), 2;
    return davy::io::keep(*options);
  }
  if (argc > 1 && std::string_view(argv[1]) == "turn-logs")
    return davy::io::turn_logs(std::vector<std::string>(argv + 2, argv + argc));
  return davy::cli::program(argc, argv);
}
