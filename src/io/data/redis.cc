#include "io/data/redis.h"

#include <fmt/format.h>

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "base/text.h"
#include "io/net/net.h"
#include "io/net/stream.h"
#include "io/net/url.h"
#include "io/secrets/encodings.h"
#include "ports/secret_text.h"
#include "signals/systems/redis_info.h"

namespace davy::io {
namespace {

using Reply = signals::RedisReply;

constexpr std::size_t kLargest = 16 * 1024 * 1024, kChunk = 64 * 1024;

Result<std::string> revealed(const std::string& text, const Secrets& secrets) {
  auto secret = ports::secret_in(text);
  if (!secret) return text;
  auto value = secrets.reveal(*secret);
  if (!value) return std::unexpected(value.error());
  return std::string(*value);
}

Error refusal(const std::string& shown, const std::string& said) {
  auto code = said.starts_with("NOAUTH") || said.starts_with("WRONGPASS") || said.starts_with("NOPERM") ||
                      said.starts_with("ERR AUTH") || said.starts_with("ERR invalid password")
                  ? Code::refused
              : said.starts_with("LOADING") || said.starts_with("MASTERDOWN") || said.starts_with("BUSY")
                  ? Code::unavailable
                  : Code::invalid;
  return {code, fmt::format("Redis at {} says: {}", shown, printable(said.substr(0, 200)))};
}

// As many replies as there were questions; the last is the answer.
ports::Task<Reply> replies(StreamSocket& socket, std::size_t n, const std::string& shown) {
  std::string in;
  for (std::size_t at = 0;;) {
    auto found = signals::parse_redis_reply(std::string_view(in).substr(at));
    if (!found) co_return std::unexpected(found.error());
    if (*found) {
      auto& reply = **found;
      if (reply.kind == Reply::Kind::error) co_return std::unexpected(refusal(shown, reply.text));
      if (--n == 0) co_return std::move(reply);
      at += reply.size;
      continue;
    }
    if (in.size() >= kLargest)
      co_return fail(Code::invalid, "the answer of Redis at " + shown + " is larger than 16 MiB");
    auto [error, size] = co_await asio::async_read(socket, asio::dynamic_buffer(in, in.size() + kChunk),
                                                   asio::transfer_at_least(1), kAsTuple);
    if (error) co_return std::unexpected(network_error("reading from Redis at " + shown, error));
  }
}

ports::Task<std::string> talk(RedisPlace to, std::vector<std::string> command) {
  auto socket = co_await open_stream(to.address);
  if (!socket) co_return std::unexpected(socket.error());
  std::vector<std::vector<std::string>> all;
  if (!to.password.empty() && to.user.empty()) all.push_back({"AUTH", to.password});
  if (!to.user.empty()) all.push_back({"AUTH", to.user, to.password});
  if (!to.database.empty()) all.push_back({"SELECT", to.database});
  all.push_back(std::move(command));
  std::string text;
  text.reserve(4096);
  for (auto& one : all) text += signals::redis_command(one);
  auto [error, size] = co_await asio::async_write(*socket, asio::buffer(text), kAsTuple);
  wipe(text), wipe(to.password);
  for (auto& one : all)
    for (auto& word : one) wipe(word);
  if (error) co_return std::unexpected(network_error("asking Redis at " + to.shown, error));
  auto answer = co_await replies(*socket, all.size(), to.shown);
  if (!answer) co_return std::unexpected(answer.error());
  co_return std::move(answer->text);
}

}  // namespace

Result<RedisPlace> parse_redis_url(const std::string& url) {
  RedisPlace out;
  if (url.starts_with("unix://")) return RedisPlace{url.substr(7), {}, {}, {}, url.substr(7)};
  if (url.starts_with('/')) return RedisPlace{url, {}, {}, {}, url};
  if (url.starts_with("rediss://")) return fail(Code::invalid, "Redis over TLS (rediss://) cannot be asked yet");
  auto rest = std::string_view(url);
  if (rest.starts_with("redis://"))
    rest.remove_prefix(8);
  else if (rest.contains("://"))
    return fail(Code::invalid, "not the URL of a Redis", "redis://[user:password@]host[:port][/database]");
  auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (rest.size() > authority.size() && rest[authority.size()] == '/') {
    auto path = rest.substr(authority.size() + 1);
    out.database = path.substr(0, path.find('?'));
  }
  if (auto at = authority.rfind('@'); at != authority.npos) {
    auto who = authority.substr(0, at);
    auto colon = who.find(':');
    out.user = percent_decoded(who.substr(0, colon));
    if (colon != who.npos) out.password = percent_decoded(who.substr(colon + 1));
    if (colon == who.npos) std::swap(out.user, out.password);
    authority.remove_prefix(at + 1);
  }
  if (authority.empty()) authority = "localhost";
  bool has_port = authority.rfind(':') != authority.npos && authority.rfind(':') + 1 > authority.rfind(']') + 1;
  out.address = std::string(authority) + (has_port ? "" : ":6379");
  out.shown = printable(out.address);
  return out;
}

ports::Task<std::string> Redis::ask(ports::RedisRequest r) {
  auto url = revealed(r.url, secrets_);
  if (!url) co_return std::unexpected(url.error());
  auto place = parse_redis_url(*url);
  wipe(*url);
  if (!place) co_return std::unexpected(place.error());
  if (!r.password.empty()) {
    auto password = revealed(r.password, secrets_);
    if (!password) co_return std::unexpected(password.error());
    place->password = std::move(*password);
  }
  auto doing = "asking Redis at " + place->shown;
  co_return co_await within(r.timeout, doing, talk(std::move(*place), std::move(r.command)));
}

}  // namespace davy::io
