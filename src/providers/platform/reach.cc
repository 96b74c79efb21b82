#include "providers/platform/reach.h"

#include <fmt/format.h>

namespace davy::providers {

using namespace std::chrono_literals;

namespace {

bool whole(const std::string& url) { return url.starts_with("http://") || url.starts_with("https://"); }
std::string path_of(const std::string& health) { return (health.starts_with('/') ? "" : "/") + health; }

}  // namespace

std::string health_at(const std::string& health, const std::string& host, int port) {
  if (!whole(health)) return fmt::format("http://{}:{}{}", host, port, path_of(health));
  auto url = health;
  if (auto at = url.find("$port"); at != url.npos) url.replace(at, 5, std::to_string(port));
  return url;
}

Result<std::string> health_behind(const std::string& health, const std::map<std::string, std::string>& variables) {
  if (health.empty() || whole(health)) return health;
  auto url = variables.find("url");
  if (url == variables.end() || url->second.empty())
    return fail(Code::invalid, fmt::format("`health: {}` is a path, and the environment has no `url`", health),
                "a whole URL, or `url` in the environment");
  auto base = std::string_view(url->second);
  while (base.ends_with('/')) base.remove_suffix(1);
  return std::string(base) + path_of(health);
}

ports::asio::awaitable<std::string> unhealthy(ports::Outside& out, std::string url) {
  auto answer = co_await out.http.send({.url = url, .timeout = 2s});
  if (!answer) co_return fmt::format("{}: {}", url, answer.error().message);
  co_return answer->status / 100 == 2 ? "" : fmt::format("{} answers {}", url, answer->status);
}

ports::Task<int> free_port(ports::Outside& out, std::string host, PortRange range, std::set<int> used,
                           std::set<std::string> taken) {
  for (int port = range.first; port <= range.last; ++port) {
    auto address = fmt::format("{}:{}", host, port);
    if (used.contains(port) || taken.contains(address)) continue;
    auto answers = co_await out.dialer.connect(address, 500ms);
    if (!answers && answers.error().code == Code::unavailable) co_return port;
  }
  co_return fail(Code::unavailable, fmt::format("no port from {} to {} is free", range.first, range.last),
                 "`davy status` lists the instances; a wider `ports` helps too");
}

ports::Task<std::set<int>> ports_of_instances(ports::Outside& out, std::string but_key) {
  auto all = co_await out.instances.list("");
  if (!all) co_return std::unexpected(all.error());
  std::set<int> used;
  for (auto& one : *all)
    if (one.key != but_key) used.insert(note_of(one).port);
  co_return used;
}

}  // namespace davy::providers
