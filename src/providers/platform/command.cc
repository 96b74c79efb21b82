#include "providers/platform/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Endpoint;
using ports::Task;

// One release on this platform, by its own commands. Made for a call, and lives as long.
class Commands {
 public:
  Commands(ports::Outside& out, const ports::Place& at, run::Release release, CommandPlatformOptions o,
           ports::Asking who)
      : out_(out), release_(std::move(release)), o_(std::move(o)), who_(std::move(who)) {
    who_.variables["release"] = release_.id;
    who_.variables["version"] = release_.version;
    who_.variables["service"] = at.service;
    who_.variables["environment"] = at.environment;
  }

  Task<std::vector<Endpoint>> starting(int n) {
    who_.variables["instances"] = std::to_string(n);
    auto until = out_.clock.now() + o_.up_within;
    auto end = co_await out_.process.launch(who_.key + "-start", bounded(shell(o_.start, o_.cwd, who_)));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code != 0) co_return fail(Code::invalid, fmt::format("starting {}: {}", release_.id, how(*end)));
    if (auto up = co_await wait_up(until); !up) co_return std::unexpected(up.error());
    co_return co_await listing();
  }

  Task<> checking() {
    auto end = co_await ask(o_.status);
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    co_return fail(Code::unavailable, fmt::format("`status` of {} says {}", release_.id, how(*end)));
  }

  Task<> stopping(int keep) {
    if (keep > 0 && o_.endpoints.empty()) co_return Result<>();  // one slot: it is kept
    who_.variables["keep"] = std::to_string(keep);
    auto end = co_await out_.process.launch(who_.key + "-stop", shell(o_.stop, o_.cwd, who_));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    co_return fail(Code::invalid, fmt::format("stopping {}: {}", release_.id, how(*end)));
  }

  Task<std::vector<Endpoint>> listing() {
    if (!o_.endpoints.empty()) {
      auto end = co_await ask(o_.endpoints);
      if (!end) co_return std::unexpected(end.error());
      if (end->exit_code != 0) co_return fail(Code::unavailable, "`endpoints`: " + how(*end));
      co_return endpoints_of(end->output, release_.id);
    }
    auto end = co_await ask(o_.status);
    if (!end) co_return std::unexpected(end.error());
    if (!answered(*end))
      co_return fail(Code::unavailable, fmt::format("`status` of {} could not be asked: {}", release_.id, how(*end)));
    Endpoint slot{.release = release_.id, .alive = end->exit_code == 0, .says = "`status`: " + how(*end)};
    co_return std::vector{slot};
  }

 private:
  // Whoever hangs is ended when it should have been up.
  ports::CommandSpec bounded(ports::CommandSpec spec) const {
    spec.timeout = std::min(spec.timeout, o_.up_within);
    return spec;
  }
  Task<ports::CommandEnd> ask(std::string text) {
    return out_.process.ask(bounded(shell(std::move(text), o_.cwd, who_)));
  }

  // That it took too long, was killed, or is no program at all says nothing about the release.
  static bool answered(const ports::CommandEnd& end) {
    constexpr int kCannotRun = 126, kNotFound = 127;
    return end.exit_code && !end.timed_out && end.exit_code != kCannotRun && end.exit_code != kNotFound;
  }

  Task<> wait_up(Time until) {
    for (;;) {
      auto up = co_await checking();
      if (up || out_.clock.now() >= until) co_return up;
      if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + 500ms); !slept) co_return slept;
    }
  }

  ports::Outside& out_;
  run::Release release_;
  CommandPlatformOptions o_;
  ports::Asking who_;
};

class CommandPlatform final : public ports::Platform {
 public:
  CommandPlatform(ports::Outside& out, ports::Place at) : out_(out), at_(std::move(at)) {}

  Task<std::vector<Endpoint>> instances(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Commands& c) { return c.listing(); });
  }
  Task<std::vector<Endpoint>> start(const run::Release& r, int n, const ports::Asking& who) override {
    return with(r, who, [n](Commands& c) { return c.starting(n); });
  }
  Task<> stop(const run::Release& r, int keep, const ports::Asking& who) override {
    return with(r, who, [keep](Commands& c) { return c.stopping(keep); });
  }
  Task<> healthy(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Commands& c) { return c.checking(); });
  }

 private:
  template <class F>
  auto with(run::Release release, ports::Asking who, F act) -> std::invoke_result_t<F, Commands&> {
    auto options = spec::decoded<CommandPlatformOptions>(release.as, "options of " + release.id);
    if (!options) co_return std::unexpected(options.error());
    Commands commands(out_, at_, std::move(release), std::move(*options), std::move(who));
    co_return co_await act(commands);
  }

  ports::Outside& out_;
  ports::Place at_;
};

}  // namespace

Result<std::vector<Endpoint>> endpoints_of(std::string_view output, const std::string& release) {
  std::vector<Endpoint> out;
  std::map<std::string, int> counted;
  for (auto line : split(output, '\n')) {
    line = trimmed(line);
    if (line.empty()) continue;
    auto space = line.find(' ');
    auto address = line.substr(0, space);
    auto of = space == line.npos ? release : std::string(trimmed(line.substr(space)));
    if (!address.contains(':'))
      return fail(Code::invalid, fmt::format("`endpoints` printed `{}`", printable(line.substr(0, 80))),
                  "a line is `host:port`, and then the release where $release is empty");
    if (!release.empty() && of != release) continue;
    out.push_back({of, counted[of]++, std::string(address), true, "listed by `endpoints`"});
  }
  return out;
}

std::unique_ptr<ports::Platform> command_platform(ports::Outside& out, ports::Place at) {
  return std::make_unique<CommandPlatform>(out, std::move(at));
}

void add_command_platform(ports::Registry& r) {
  r.platform<CommandPlatformOptions>(
      "command", "Your own commands start, stop and look.",
      "{ command: systemctl start shop, stop: systemctl stop shop, status: systemctl is-active shop }",
      command_platform);
}

}  // namespace davy::providers
