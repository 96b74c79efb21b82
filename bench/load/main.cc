// load: HTTP at a fixed rate, and an account of every request as JSON. Only towards this machine.
#include <fmt/format.h>
#include <sys/signalfd.h>

#include <csignal>

#include "generator.h"
#include "options.h"
#include "tally.h"

int main(int argc, char** argv) {
  const auto asked = load::ask(argc, argv);
  if (asked.exit_status) return *asked.exit_status;
  load::Tally tally(asked.options.trace);
  if (!tally.trace_is_open()) {
    fmt::print(stderr, "load: cannot write the trace to {}\n", asked.options.trace);
    return 1;
  }
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  load::Generator(asked.options, tally).run(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  fmt::print("{}\n", tally.summary().dump(2));
}
