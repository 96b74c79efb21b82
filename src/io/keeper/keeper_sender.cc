#include "io/keeper/keeper_sender.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "io/keeper/spool.h"
#include "io/posix/spawn.h"

namespace davy::io {
namespace {

using namespace std::chrono_literals;
constexpr Duration kPauses[] = {200ms, 1s, 5s, 30s, 60s, 60s, 60s, 60s};

}  // namespace

void KeptSender::begin() {
  if (options_.sender.empty() || running_) return;
  pausing_ = false;
  Fd log(::open((options_.spool + "/notices.log").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  Program program{
      .argv = options_.sender, .env = environment({}, {}), .own = Program::Own::session, .output = log.get()};
  auto pid = fork_exec(program);
  if (!pid) return ended(pid.error().message, false);
  running_ = true;
  loop_.on_exit(*pid, [this](int status) {
    auto end = ended_from_wait(status);
    ended(end.signal ? fmt::format("was killed by signal {}", *end.signal)
                     : fmt::format("exited with {}", *end.exit_code),
          end.exit_code == 0);
  });
}

void KeptSender::ended(const std::string& how, bool cleanly) {
  running_ = false;
  if (cleanly) return;
  bool again = restarts_ < std::size(kPauses);
  say_(fmt::format("who tells people {}; {}", how, again ? "it is started again" : "it is not started again"));
  pausing_ = again;
  if (again) loop_.after(kPauses[restarts_++], [this] { begin(); });
}

}  // namespace davy::io
