#include "backups/redis/session.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/text.h"
#include "io/data/redis_replies.h"
#include "io/net/channel.h"
#include "io/net/net.h"
#include "io/secrets/encodings.h"

namespace davy::backups {
namespace {

using Reply = io::RedisReply;

constexpr auto kToConnect = std::chrono::seconds(10);

// Its end, whatever it waits for.
template <class T>
Result<T> waited(boost::asio::io_context& context, ports::Task<T> task) {
  Result<T> out = fail(Code::internal, "it never ended");
  boost::asio::co_spawn(context, std::move(task), [&](std::exception_ptr, Result<T> end) { out = std::move(end); });
  context.restart();
  context.run();
  return out;
}

// The last of so many, or the first that is an error.
ports::Task<Reply> reply_from(io::Channel& channel, std::size_t replies, std::size_t most) {
  io::RedisReplies all(most);
  std::vector<char> room(64 * 1024);
  std::optional<Reply> wrong;
  for (;;) {
    auto size = co_await channel.read(room);
    if (!size) co_return std::unexpected(size.error());
    if (auto fed = all.feed({room.data(), *size}); !fed) co_return std::unexpected(fed.error());
    for (;;) {
      auto reply = all.next();
      if (!reply) co_return std::unexpected(reply.error());
      if (!*reply) break;
      if (!wrong && (*reply)->kind == Reply::Kind::error) wrong = **reply;
      if (--replies == 0) co_return wrong ? std::move(*wrong) : std::move(**reply);
    }
  }
}

}  // namespace

std::string RedisSource::masked(std::string text) const {
  auto& secret = place.password;
  if (secret.size() > 2)
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  return text;
}

RedisSession::RedisSession(std::unique_ptr<boost::asio::io_context> context, std::string shown)
    : context_(std::move(context)), shown_(std::move(shown)) {}
RedisSession::RedisSession(RedisSession&&) noexcept = default;
RedisSession::~RedisSession() = default;

Result<RedisSession> RedisSession::open(const RedisSource& source) {
  auto& place = source.place;
  RedisSession out(std::make_unique<boost::asio::io_context>(), place.shown);
  auto trust = place.secure ? std::optional(io::TlsTrust{source.ca}) : std::nullopt;
  auto doing = "connecting to Redis at " + place.shown;
  auto channel = waited(*out.context_, io::within(kToConnect, doing, io::open_channel(place.address, trust)));
  if (!channel) return std::unexpected(channel.error());
  out.channel_ = *std::move(channel);
  for (auto& command : io::redis_greeting(place)) {
    auto let_in = out.ask(command);
    for (auto& word : command) io::wipe(word);
    if (!let_in) return std::unexpected(let_in.error());
  }
  return out;
}

Result<> RedisSession::say(const Command& command) {
  auto text = io::redis_command(command);
  auto doing = fmt::format("asking Redis at {}", shown_);
  auto said = waited(*context_, io::within(kToConnect, doing, channel_->write(text)));
  io::wipe(text);
  if (!said) return fail(said.error().code, fmt::format("{}: {}", doing, said.error().message));
  return {};
}

Result<std::string> RedisSession::answer(std::size_t replies, const std::string& doing, Duration timeout,
                                         std::size_t most) {
  auto reply = waited(*context_, io::within(timeout, doing, reply_from(*channel_, replies, most)));
  if (!reply) return fail(reply.error().code, fmt::format("{}: {}", doing, reply.error().message));
  if (reply->kind == Reply::Kind::error) return std::unexpected(io::redis_refusal(shown_, reply->text));
  return std::move(reply->text);
}

Result<std::string> RedisSession::ask(const Command& command, Duration timeout, std::size_t most) {
  if (auto said = say(command); !said) return std::unexpected(said.error());
  return answer(1, fmt::format("asking Redis at {} for {}", shown_, command.front()), timeout, most);
}

Result<std::string> RedisSession::ask_all(const std::vector<Command>& commands, Duration timeout) {
  if (commands.empty()) return "";
  std::string text;
  for (auto& one : commands) text += io::redis_command(one);
  auto doing = fmt::format("asking Redis at {} for {}", shown_, commands.front().front());
  auto said = waited(*context_, io::within(timeout, doing, channel_->write(text)));
  if (!said) return fail(said.error().code, fmt::format("{}: {}", doing, said.error().message));
  return answer(commands.size(), doing, timeout, kSmall);
}

Result<std::size_t> RedisSession::read(std::span<char> room, Duration timeout) {
  auto doing = fmt::format("reading from Redis at {}", shown_);
  auto size = waited(*context_, io::within(timeout, doing, channel_->read(room)));
  if (!size) return fail(size.error().code, fmt::format("{}: {}", doing, size.error().message));
  return size;
}

}  // namespace davy::backups
