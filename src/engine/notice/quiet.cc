#include "engine/notice/quiet.h"

#include <fmt/format.h>

#include "spec/json.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
constexpr Duration kLook = 1s, kPause = 30s;

// Its id changes where the one before has expired. Empty: it was not taken.
std::string id_in(const Result<ports::HttpAnswer>& answer) {
  if (!answer || answer->status / 100 != 2) return "";
  auto json = spec::parse_json(answer->body);
  if (!json || !json->is_object() || !json->contains("silenceID")) return "";
  auto& id = (*json)["silenceID"];
  return id.is_string() ? id.get<std::string>() : "";
}

}  // namespace

ports::HttpRequest Quiet::request(Time until) const {
  ports::HttpRequest out{.method = "POST", .url = what_.alertmanager};
  out.url += what_.alertmanager.ends_with('/') ? "api/v2/silences" : "/api/v2/silences";
  out.headers["Content-Type"] = "application/json";
  out.body = notices::silence_body(what_, lease_, until, subject_);
  if (!what_.token.empty()) out.auth = {"", {what_.token.substr(1)}};
  out.timeout = 10s;
  return out;
}

asio::awaitable<void> Quiet::turn(bool over) {
  auto now = world_.clock.now();
  bool driven = world_.driven();
  auto until = notices::due(lease_, driven && notices::wants_silence(state_), over, now);
  if (!until || now < not_before_) co_return;
  if (lease_.until <= now) lease_ = {.since = now};
  auto answer = co_await world_.http->send(request(*until));
  if (auto id = id_in(answer); !id.empty()) {
    lease_.id = id, lease_.until = *until;
    co_return;
  }
  world_.say("Alertmanager is not silent: " +
             (answer ? fmt::format("{} {}", answer->status, world_.masked(answer->body.substr(0, 200)))
                     : world_.masked(to_string(answer.error()))));
  not_before_ = now + kPause;
  if (answer && answer->status / 100 == 4) lease_ = {};  // it does not know that id, say
}

asio::awaitable<void> Quiet::keep(const Feed& feed) {
  while (!feed.closed) {
    co_await turn(false);
    if (auto slept = co_await world_.clock.sleep_until(world_.clock.now() + kLook); !slept) co_return;
  }
  not_before_ = {};
  co_await turn(true);
}

}  // namespace davy::engine
