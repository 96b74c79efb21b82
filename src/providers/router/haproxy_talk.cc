#include "providers/router/haproxy_talk.h"

#include <fmt/format.h>

namespace davy::providers::haproxy {

using namespace std::chrono_literals;

ports::Task<std::string> Talk::ask(std::string line) {
  auto until = now() + patience_;
  for (;;) {
    auto answer = co_await out_.dialer.ask(socket_, line + "\n");
    if (answer || answer.error().code != Code::unavailable) co_return answer;
    if (now() >= until)
      co_return fail(Code::unavailable,
                     fmt::format("HAProxy did not answer at {}: {}", socket_, answer.error().message),
                     "is it running, with `stats socket … level admin` at this address?");
    if (auto slept = co_await pause(100ms); !slept) co_return std::unexpected(slept.error());
  }
}

ports::Task<std::vector<Server>> Talk::look() {
  auto answer = co_await ask(haproxy::look(backend_));
  if (!answer) co_return std::unexpected(answer.error());
  co_return servers(*answer, backend_);
}

ports::Task<Talk::Told> Talk::tell(Commands commands) {
  commands.push_back(haproxy::look(backend_));
  Told told;
  for (auto& line : lines(commands)) {
    auto answer = co_await ask(line);
    if (!answer) co_return std::unexpected(answer.error());
    if (auto bad = complaint(*answer); !bad.empty()) told.complaint += (told.complaint.empty() ? "" : " ") + bad;
    if (!line.ends_with(commands.back())) continue;
    auto seen = servers(*answer, backend_);
    if (!seen) co_return std::unexpected(seen.error());
    told.now = std::move(*seen);
  }
  co_return told;
}

ports::Task<> Talk::pause(Duration d) { co_return co_await out_.clock.sleep_until(now() + d); }

}  // namespace davy::providers::haproxy
