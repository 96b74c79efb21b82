#include "providers/signal/container.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::providers {
namespace {

// As the engine allows names: no byte of it means anything in a URL.
bool is_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '.' || c == '-';
  });
}

class Container final : public SteadySource {
 public:
  Container(ContainerSignal o, ports::Outside& out, Duration timeout)
      : SteadySource(out), o_(std::move(o)), timeout_(timeout) {}

 private:
  ports::Task<judge::Window> read(std::optional<Time> last) override {
    auto described = co_await ask("json");
    if (!described) co_return std::unexpected(described.error());
    auto state = signals::parse_container(*described, o_.release_by);
    if (!state) co_return std::unexpected(state.error());
    std::string stats;
    if (state->runs()) {
      auto asked = co_await ask("stats?stream=false&one-shot=true");
      if (!asked) co_return std::unexpected(asked.error());
      stats = *std::move(asked);
    }
    auto now = out_.clock.now();
    co_return account_.look(*state, stats, last.value_or(now), now);
  }

  ports::Task<std::string> ask(std::string what) {
    auto url = fmt::format("http+unix://{}/containers/{}/{}", percent_encoded(o_.engine), o_.name, what);
    auto answer = co_await out_.http.send({.url = std::move(url), .timeout = timeout_});
    if (!answer) co_return std::unexpected(answer.error());
    if (answer->status == 404)
      co_return fail(Code::unavailable, fmt::format("{} knows no container {}", o_.engine, o_.name),
                     "`docker ps -a` lists them");
    if (answer->status != 200)
      co_return fail(Code::unavailable, fmt::format("{} answered {} about {}", o_.engine, answer->status, o_.name));
    co_return std::move(answer->body);
  }

  ContainerSignal o_;
  Duration timeout_;
  signals::ContainerAccount account_;
};

}  // namespace

Result<std::unique_ptr<ports::Source>> container_source(ContainerSignal o, ports::Outside& out, ports::Asking who) {
  if (!is_name(o.name)) return fail(Code::invalid, "no container can be called " + printable(o.name, true));
  return std::make_unique<Container>(std::move(o), out, who.timeout);
}

void add_container_signal(ports::Registry& r) {
  using spec::Unit;
  r.source<ContainerSignal>("container", "A container, as Docker or Podman tells: its state, memory, cpu, restarts.",
                            "{ container: shop-web-1, every: 5s }", container_source,
                            {{"", spec::kWord, "running, exited, restarting …"},
                             {"health", spec::kWord, "healthy, unhealthy or starting, where it has a health check"},
                             {"memory", Unit::bytes, "without what is only cached"},
                             {"memory_share", Unit::ratio, "of its limit"},
                             {"cpu", spec::kAny, "cores: 1 or 100% is a whole one"},
                             {"processes", Unit::none, "its processes"},
                             {"restarts", Unit::none, "restarts since Davy began to look"},
                             {"exit_code", Unit::none, "of one that ended"},
                             {"oom_killed", spec::kAny, "1 where it was killed for want of memory"}});
}

}  // namespace davy::providers
