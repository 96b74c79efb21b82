#include "io/data/mongo_line.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "io/data/mongo_login.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

using spec::Json;

constexpr int kCommandNotFound = 59;

// Of the server's errors (src/mongo/base/error_codes.yml) those that somebody acts on differently.
Code code_of(int number) {
  switch (number) {
    case 11:    // UserNotFound
    case 13:    // Unauthorized
    case 18:    // AuthenticationFailed
    case 8000:  // AtlasError: not let in
      return Code::refused;
    case 50:   // MaxTimeMSExpired
    case 262:  // ExceededTimeLimit
      return Code::timed_out;
    case 6:      // HostUnreachable
    case 7:      // HostNotFound
    case 89:     // NetworkTimeout
    case 91:     // ShutdownInProgress
    case 133:    // FailedToSatisfyReadPreference
    case 189:    // PrimarySteppedDown
    case 9001:   // SocketException
    case 10107:  // NotWritablePrimary
    case 11600:  // InterruptedAtShutdown
    case 11602:  // InterruptedDueToReplStateChange
    case 13435:  // NotPrimaryNoSecondaryOk
    case 13436:  // NotPrimaryOrSecondary
      return Code::unavailable;
    default:
      return Code::invalid;
  }
}

Error told(const Error& e, const MongoLine& line) {
  return {e.code, fmt::format("asking MongoDB at {}: {}", line.shown, e.message), e.hint};
}

std::string text_at(const Json& from, const char* key) {
  auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : "";
}
double number_at(const Json& from, const char* key) {
  auto found = from.find(key);
  if (found == from.end()) return 0;
  return found->is_boolean() ? found->get<bool>() : found->is_number() ? found->get<double>() : 0;
}
int error_number(const Json& answer) {
  auto number = number_at(answer, "code");
  return number > 0 && number < 1e6 ? static_cast<int>(number) : 0;
}

ports::Task<std::string> exchange(MongoLine& line, std::string message) {
  if (auto written = co_await line.channel->write(message); !written) co_return std::unexpected(written.error());
  std::array<char, 16 * 1024> bytes;
  for (;;) {
    auto answer = line.replies.next(line.asked);
    if (!answer) co_return std::unexpected(answer.error());
    if (*answer) co_return **std::move(answer);
    auto size = co_await line.channel->read(bytes);
    if (!size) co_return std::unexpected(size.error());
    if (auto fed = line.replies.feed({bytes.data(), *size}); !fed) co_return std::unexpected(fed.error());
  }
}

// Who we are stands in the server's log.
Json greeting(const char* word, const MongoPlace& to) {
  Json out{{word, 1}, {"helloOk", true}};
  out["client"] = {{"application", {{"name", "davy"}}},
                   {"driver", {{"name", "davy"}, {"version", "1"}}},
                   {"os", {{"type", "Linux"}}}};
  if (!to.user.empty()) out["saslSupportedMechs"] = to.source + "." + to.user;
  return out;
}

// `isMaster` is what it was called before 4.4.
ports::Task<Json> greet(MongoLine& line, const MongoPlace& to) {
  auto answer = co_await say(line, {spec::dump(greeting("hello", to)), "admin"});
  if (answer && error_number(answer->json) == kCommandNotFound)
    answer = co_await say(line, {spec::dump(greeting("isMaster", to)), "admin"});
  if (!answer) co_return std::unexpected(answer.error());
  if (auto well = judged(line, answer->json); !well) co_return std::unexpected(well.error());
  co_return std::move(answer->json);
}

MongoRole role_of(const Json& hello) {
  bool primary = number_at(hello, "isWritablePrimary") != 0 || number_at(hello, "ismaster") != 0;
  if (text_at(hello, "setName").empty()) return primary ? MongoRole::alone : MongoRole::none;
  return primary ? MongoRole::primary : number_at(hello, "secondary") != 0 ? MongoRole::secondary : MongoRole::none;
}

Json binary(std::string_view bytes) { return {{"$binary", {{"base64", base64(bytes)}, {"subType", "00"}}}}; }

std::string payload(const Json& answer) {
  auto found = answer.find("payload");
  if (found == answer.end() || !found->is_object()) return {};
  auto bytes = found->find("$binary");
  return bytes != found->end() && bytes->is_object() ? base64_decoded(text_at(*bytes, "base64")) : "";
}

std::string nonce() {
  std::array<unsigned char, 24> bytes{};
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return {};
  return base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// One message of the login. What the server says of a refusal may name the user, whose name is part of a secret.
ports::Task<Json> login_step(MongoLine& line, const MongoPlace& to, const Json& step) {
  auto answer = co_await say(line, {spec::dump(step), to.source});
  if (!answer) co_return std::unexpected(answer.error());
  if (number_at(answer->json, "ok") == 1) co_return std::move(answer->json);
  auto code = code_of(error_number(answer->json)) == Code::unavailable ? Code::unavailable : Code::refused;
  co_return fail(code,
                 fmt::format("MongoDB at {} does not let us in: {}", line.shown,
                             printable(text_at(answer->json, "codeName").substr(0, 60))),
                 "user, password and authSource of the URL");
}

Json next_step(const Json& before, std::string_view bytes) {
  auto conversation = before.find("conversationId");
  return {{"saslContinue", 1},
          {"conversationId", conversation == before.end() ? Json(1) : *conversation},
          {"payload", binary(bytes)}};
}

bool has_sha256(const MongoLine& line, const MongoPlace& to) {
  if (!to.mechanism.empty()) return to.mechanism == "SCRAM-SHA-256";
  return line.mechanisms.is_array() && std::ranges::find(line.mechanisms, "SCRAM-SHA-256") != line.mechanisms.end();
}

}  // namespace

ports::Task<MongoAnswer> say(MongoLine& line, MongoCommand command) {
  auto message = mongo_message(++line.asked, command);
  if (!message) co_return std::unexpected(told(message.error(), line));
  auto text = co_await exchange(line, *std::move(message));
  if (!text) co_return std::unexpected(told(text.error(), line));
  auto json = spec::parse_json(*text);
  if (!json) co_return std::unexpected(told(json.error(), line));
  co_return MongoAnswer{*std::move(text), *std::move(json)};
}

Result<> judged(const MongoLine& line, const Json& answer) {
  if (number_at(answer, "ok") == 1) return {};
  auto name = text_at(answer, "codeName");
  return fail(code_of(error_number(answer)),
              fmt::format("MongoDB at {} says: {}{}", line.shown, printable(text_at(answer, "errmsg").substr(0, 200)),
                          name.empty() ? "" : " (" + printable(name.substr(0, 60)) + ")"));
}

std::string preference(const MongoLine& line, const MongoPlace& to) {
  if (to.direct) return line.role == MongoRole::alone ? "" : "primaryPreferred";
  bool told = to.member != MongoMember::primary && (line.role != MongoRole::alone || line.router);
  return told ? std::string(word(to.member)) : "";
}

ports::Task<MongoLine> open_mongo_line(std::string address, const MongoPlace& to, TlsTrust trust) {
  auto channel = co_await open_channel(address, to.secure ? std::optional(std::move(trust)) : std::nullopt);
  if (!channel) co_return std::unexpected(channel.error());
  MongoLine line{.channel = *std::move(channel), .shown = printable(address)};
  auto hello = co_await greet(line, to);
  if (!hello) co_return std::unexpected(hello.error());
  auto set = text_at(*hello, "setName");
  if (!to.set.empty() && set != to.set)
    co_return fail(Code::invalid, fmt::format("MongoDB at {} is in {}, not in the set that the URL names", line.shown,
                                              set.empty() ? "no set" : "the set " + printable(set.substr(0, 60))));
  line.role = role_of(*hello);
  line.router = text_at(*hello, "msg") == "isdbgrid";
  if (auto found = hello->find("saslSupportedMechs"); found != hello->end()) line.mechanisms = *found;
  co_return std::move(line);
}

ports::Task<> log_in(MongoLine& line, const MongoPlace& to) {
  if (to.user.empty()) co_return Result<>();
  auto hash = has_sha256(line, to) ? ScramHash::sha256 : ScramHash::sha1;
  auto password = scram_password(hash, to.user, to.password);
  if (!password) co_return std::unexpected(password.error());
  Scram scram(hash, to.user, *std::move(password), nonce());
  auto first = co_await login_step(line, to,
                                   {{"saslStart", 1},
                                    {"mechanism", hash == ScramHash::sha256 ? "SCRAM-SHA-256" : "SCRAM-SHA-1"},
                                    {"payload", binary(scram.first())},
                                    {"options", {{"skipEmptyExchange", true}}}});
  if (!first) co_return std::unexpected(first.error());
  auto proof = scram.answer(payload(*first));
  if (!proof) co_return std::unexpected(told(proof.error(), line));
  auto second = co_await login_step(line, to, next_step(*first, *proof));
  if (!second) co_return std::unexpected(second.error());
  if (auto believed = scram.believe(payload(*second)); !believed)
    co_return std::unexpected(told(believed.error(), line));
  if (number_at(*second, "done") != 0) co_return Result<>();
  auto last = co_await login_step(line, to, next_step(*second, ""));
  if (!last) co_return std::unexpected(last.error());
  if (number_at(*last, "done") == 0)
    co_return fail(Code::invalid, "the login at MongoDB " + line.shown + " never ends");
  co_return Result<>();
}

}  // namespace davy::io
