#include "io/data/redis.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "io/data/redis_replies.h"
#include "io/net/channel.h"
#include "io/net/net.h"
#include "io/net/url.h"
#include "io/secrets/encodings.h"
#include "ports/secret_text.h"

namespace davy::io {
namespace {

using Reply = RedisReply;

Result<std::string> revealed(const std::string& text, const Secrets& secrets) {
  auto secret = ports::secret_in(text);
  if (!secret) return text;
  auto value = secrets.reveal(*secret);
  if (!value) return std::unexpected(value.error());
  return std::string(*value);
}

Error told(const Error& e, const std::string& shown) {
  return {e.code, fmt::format("asking Redis at {}: {}", shown, e.message), e.hint};
}

// As many replies as there were questions; the last is the answer.
ports::Task<Reply> replies(Channel& channel, std::size_t n, const std::string& shown) {
  RedisReplies all;
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    auto reply = all.next();
    if (!reply) co_return std::unexpected(told(reply.error(), shown));
    if (*reply) {
      if ((*reply)->kind == Reply::Kind::error) co_return std::unexpected(redis_refusal(shown, (*reply)->text));
      if (--n == 0) co_return std::move(**reply);
      continue;
    }
    auto size = co_await channel.read(bytes);
    if (!size) co_return std::unexpected(told(size.error(), shown));
    if (auto fed = all.feed({bytes.data(), *size}); !fed) co_return std::unexpected(told(fed.error(), shown));
  }
}

ports::Task<std::string> talk(RedisPlace to, std::vector<std::string> command, TlsTrust trust) {
  auto channel = co_await open_channel(to.address, to.secure ? std::optional(std::move(trust)) : std::nullopt);
  if (!channel) co_return std::unexpected(channel.error());
  auto all = redis_greeting(to);
  all.push_back(std::move(command));
  std::string text;
  text.reserve(4096);
  for (auto& one : all) {
    auto line = redis_command(one);
    text += line, wipe(line);
  }
  auto written = co_await (*channel)->write(text);
  wipe(text), wipe(to.password);
  for (auto& one : all)
    for (auto& word : one) wipe(word);
  if (!written) co_return std::unexpected(told(written.error(), to.shown));
  auto answer = co_await replies(**channel, all.size(), to.shown);
  if (!answer) co_return std::unexpected(answer.error());
  co_return std::move(answer->text);
}

}  // namespace

Result<RedisPlace> parse_redis_url(const std::string& url) {
  RedisPlace out;
  if (url.starts_with("unix://")) return RedisPlace{.address = url.substr(7), .shown = url.substr(7)};
  if (url.starts_with('/')) return RedisPlace{.address = url, .shown = url};
  auto rest = std::string_view(url);
  out.secure = rest.starts_with("rediss://");
  if (out.secure)
    rest.remove_prefix(9);
  else if (rest.starts_with("redis://"))
    rest.remove_prefix(8);
  else if (rest.contains("://"))
    return fail(Code::invalid, "not the URL of a Redis",
                "redis://[user:password@]host[:port][/database], or rediss:// for TLS");
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

std::vector<std::vector<std::string>> redis_greeting(const RedisPlace& to) {
  std::vector<std::vector<std::string>> out;
  if (!to.password.empty() && to.user.empty()) out.push_back({"AUTH", to.password});
  if (!to.user.empty()) out.push_back({"AUTH", to.user, to.password});
  if (!to.database.empty()) out.push_back({"SELECT", to.database});
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
  co_return co_await within(r.timeout, doing, talk(std::move(*place), std::move(r.command), {r.ca}));
}

}  // namespace davy::io
