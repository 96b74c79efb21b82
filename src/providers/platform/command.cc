#include "providers/platform/command.h"

#include <fmt/format.h>

#include "base/text.h"
#include "providers/shell.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Endpoint;
using ports::Task;

class CommandPlatform final : public ports::Platform {
 public:
  CommandPlatform(CommandPlatformOptions o, ports::Outside& out, ports::Place at)
      : o_(std::move(o)), out_(out), at_(std::move(at)) {}

  Task<std::vector<Endpoint>> instances() override { return listing("", {}); }
  Task<std::vector<Endpoint>> start(const run::Release& r, int n, const ports::Asking& who) override {
    return starting(r, n, who);
  }
  Task<> stop(const run::Release& r, int keep, const ports::Asking& who) override { return stopping(r, keep, who); }
  Task<> healthy(const run::Release& r, const ports::Asking& who) override {
    return checking(asking(r.id, r.version, who), "-healthy");
  }
  int size() const override { return o_.instances; }

 private:
  ports::Asking asking(std::string release, std::string version, ports::Asking who) const {
    who.variables["release"] = std::move(release);
    who.variables["version"] = std::move(version);
    who.variables["service"] = at_.service;
    who.variables["environment"] = at_.environment;
    return who;
  }

  // A question is asked anew each time: unlike an act, its key must never be found again.
  Task<ports::CommandEnd> ask(std::string text, ports::Asking who, std::string what) {
    auto key = fmt::format("{}{}-{}", who.key.empty() ? at_.service : who.key, what,
                           out_.clock.now().time_since_epoch().count());
    return out_.process.launch(key, shell(std::move(text), o_.cwd, who));
  }

  Task<std::vector<Endpoint>> starting(run::Release r, int n, ports::Asking caller) {
    auto who = asking(r.id, r.version, caller);
    who.variables["instances"] = std::to_string(n);
    auto end = co_await out_.process.launch(who.key + "-start", shell(o_.start, o_.cwd, who));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code != 0) co_return fail(Code::invalid, fmt::format("starting {}: {}", r.id, how(*end)));
    if (auto up = co_await wait_up(who); !up) co_return std::unexpected(up.error());
    co_return co_await listing(r.id, who);
  }

  Task<> wait_up(ports::Asking who) {
    auto until = out_.clock.now() + o_.up_within;
    for (;;) {
      auto up = co_await checking(who, "-status");
      if (up || out_.clock.now() >= until) co_return up;
      if (auto slept = co_await out_.clock.sleep_until(out_.clock.now() + 500ms); !slept) co_return slept;
    }
  }

  Task<> checking(ports::Asking who, std::string what) {
    auto end = co_await ask(o_.status, who, what);
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    co_return fail(Code::unavailable, fmt::format("`status` of {} says {}", at_.service, how(*end)));
  }

  Task<> stopping(run::Release r, int keep, ports::Asking caller) {
    if (keep > 0 && o_.endpoints.empty()) co_return Result<>();  // one slot: it is kept
    auto who = asking(r.id, r.version, caller);
    who.variables["keep"] = std::to_string(keep);
    auto end = co_await out_.process.launch(who.key + "-stop", shell(o_.stop, o_.cwd, who));
    if (!end) co_return std::unexpected(end.error());
    if (end->exit_code == 0) co_return Result<>();
    co_return fail(Code::invalid, fmt::format("stopping {}: {}", r.id, how(*end)));
  }

  Task<std::vector<Endpoint>> listing(std::string release, ports::Asking caller) {
    auto who = asking(release, caller.variables["version"], caller);
    if (!o_.endpoints.empty()) {
      auto end = co_await ask(o_.endpoints, who, "-endpoints");
      if (!end) co_return std::unexpected(end.error());
      if (end->exit_code != 0) co_return fail(Code::unavailable, "`endpoints`: " + how(*end));
      co_return endpoints_of(end->output, release);
    }
    auto end = co_await ask(o_.status, who, "-status");
    if (!end) co_return std::unexpected(end.error());
    Endpoint slot{.release = release, .alive = end->exit_code == 0, .says = "`status`: " + how(*end)};
    co_return std::vector{slot};
  }

  CommandPlatformOptions o_;
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

std::unique_ptr<ports::Platform> command_platform(CommandPlatformOptions o, ports::Outside& out, ports::Place at) {
  return std::make_unique<CommandPlatform>(std::move(o), out, std::move(at));
}

void add_command_platform(ports::Registry& r) {
  r.platform<CommandPlatformOptions>(
      "command", "Your own commands start, stop and look.",
      "{ command: systemctl start shop, stop: systemctl stop shop, status: systemctl is-active shop }",
      command_platform);
}

}  // namespace davy::providers
