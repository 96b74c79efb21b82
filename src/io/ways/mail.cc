// A letter is several answers of the server: it has it once it said yes to the end of the text, and only then. What
// breaks off between that end and that yes may have been taken; what breaks off before was not.
//
// Not by libcurl: its SMTP waits for the last answer, and for one to its QUIT, without giving the loop back, so that
// one mail server that falls silent would keep everybody else waiting (docs/decisions/0039).
#include "io/ways/mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/host_name.hpp>

#include "base/text.h"
#include "io/net/channel.h"
#include "io/net/net.h"
#include "io/secrets/encodings.h"
#include "io/ways/smtp.h"

namespace davy::io {
namespace {

constexpr std::size_t kMost = 64 * 1024;  // of all that a server says

struct Place {
  std::string host, address;  // localhost, localhost:25
  bool tls = false;           // from the first byte
};

// "smtp://localhost:25"
Result<Place> place_of(const std::string& server) {
  Place out{.tls = server.starts_with("smtps://")};
  auto scheme = server.find("://");
  if (scheme == server.npos || (!out.tls && !server.starts_with("smtp://")))
    return fail(Code::invalid, printable(server) + " is no mail server", "smtp://HOST:587 or smtps://HOST:465");
  out.address = server.substr(scheme + 3);
  if (out.address.ends_with('/')) out.address.pop_back();
  auto bracket = out.address.rfind(']');
  auto colon = out.address.find(':', bracket == out.address.npos ? 0 : bracket);
  out.host = out.address.substr(0, colon);
  if (colon == out.address.npos) out.address += out.tls ? ":465" : ":25";
  return out;
}

bool on_this_machine(const std::string& host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

// In the clear only to this machine, and never a password.
std::optional<TlsTrust> tls_of(const ports::Letter& letter, const Place& place) {
  if (place.tls) return TlsTrust{};
  if (letter.user.empty() && on_this_machine(place.host)) return {};
  return TlsTrust{.start = ports::StartTls::smtp};
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// A line of its answer to EHLO: "AUTH PLAIN LOGIN".
bool offers(const SmtpReply& hello, std::string_view word, std::string_view option) {
  auto text = upper(hello.text);
  for (auto& line : split(text, '\n')) {
    auto words = split(trimmed(line), ' ');
    if (words.front() == word) return std::ranges::find(words, option) != words.end();
  }
  return false;
}

class Talk {
 public:
  explicit Talk(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}

  ports::Task<SmtpReply> hear();
  ports::Task<SmtpReply> ask(std::string line) {
    auto written = co_await channel_->write(line + "\r\n");
    wipe(line);
    if (!written) co_return std::unexpected(written.error());
    co_return co_await hear();
  }
  ports::Task<> write(std::string_view text) { return channel_->write(text); }

 private:
  std::unique_ptr<Channel> channel_;
  std::string heard_;
  std::size_t total_ = 0;
};

ports::Task<SmtpReply> Talk::hear() {
  std::array<char, 4096> bytes;
  for (;;) {
    auto reply = next_reply(heard_);
    if (!reply) co_return std::unexpected(reply.error());
    if (*reply) co_return std::move(**reply);
    auto size = co_await channel_->read(bytes);
    if (!size) co_return std::unexpected(size.error());
    heard_.append(bytes.data(), *size);
    if ((total_ += *size) > kMost) co_return fail(Code::invalid, "it says more than 64 KiB");
  }
}

Error said_no(const SmtpReply& reply) {
  auto text = reply.text.substr(0, reply.text.find('\n')).substr(0, 200);
  return {reply.for_good() ? Code::refused : Code::unavailable,
          fmt::format("it says {} {}", reply.code, printable(text))};
}

// Done, or the reason why not.
Result<> fine(const Result<SmtpReply>& reply) {
  if (!reply) return std::unexpected(reply.error());
  if (!reply->positive()) return std::unexpected(said_no(*reply));
  return {};
}

ports::Task<> log_in(Talk& talk, const SmtpReply& hello, const ports::Letter& letter, const Secrets& secrets) {
  if (offers(hello, "AUTH", "PLAIN")) {
    auto password = secrets.reveal(letter.password);
    if (!password) co_return std::unexpected(password.error());
    std::string all = '\0' + letter.user + '\0' + std::string(*password);
    auto line = "AUTH PLAIN " + base64(all);
    wipe(all);
    co_return fine(co_await talk.ask(std::move(line)));
  }
  if (!offers(hello, "AUTH", "LOGIN")) co_return fail(Code::unavailable, "it takes neither AUTH PLAIN nor AUTH LOGIN");
  for (auto& line : {std::string("AUTH LOGIN"), base64(letter.user)})
    if (auto gone_on = fine(co_await talk.ask(line)); !gone_on) co_return gone_on;
  auto password = secrets.reveal(letter.password);  // only now: while it was waited for, it may have got another value
  if (!password) co_return std::unexpected(password.error());
  co_return fine(co_await talk.ask(base64(*password)));
}

ports::Task<> greet(Talk& talk, bool greeted, const ports::Letter& letter, const Secrets& secrets) {
  if (!greeted)
    if (auto greeting = fine(co_await talk.hear()); !greeting) co_return greeting;
  boost::system::error_code nameless;
  auto name = asio::ip::host_name(nameless);
  auto hello = co_await talk.ask("EHLO " + (name.empty() ? "localhost" : name));
  if (auto well = fine(hello); !well) co_return well;
  if (letter.user.empty()) co_return Result<>();
  co_return co_await log_in(talk, *hello, letter, secrets);
}

// may_have: the end of the text is on its way, and no answer came yet.
ports::Task<> hand_over(Talk& talk, const ports::Letter& letter, bool& may_have) {
  for (auto& line :
       {fmt::format("MAIL FROM:<{}>", letter.from), fmt::format("RCPT TO:<{}>", letter.to), std::string("DATA")})
    if (auto gone_on = fine(co_await talk.ask(line)); !gone_on) co_return gone_on;
  may_have = true;
  if (auto written = co_await talk.write(dotted(letter.message)); !written) co_return written;
  auto last = co_await talk.hear();
  if (last) may_have = false;
  if (auto taken = fine(last); !taken) co_return taken;
  (void)co_await talk.write("QUIT\r\n");  // whatever it answers
  co_return Result<>();
}

// Until it is taken or not; any error before the server was asked to take it is nobody's no.
ports::Task<> deliver(const ports::Letter& letter, const Place& place, const Secrets& secrets, bool& may_have) {
  auto tls = tls_of(letter, place);
  auto channel = co_await open_channel(place.address, tls);
  if (!channel) co_return std::unexpected(Error{Code::unavailable, channel.error().message});
  Talk talk(std::move(*channel));
  auto ready = co_await greet(talk, tls && tls->start != ports::StartTls::none, letter, secrets);
  if (!ready) co_return std::unexpected(Error{Code::unavailable, ready.error().message});
  co_return co_await hand_over(talk, letter, may_have);
}

}  // namespace

ports::Task<> Mail::send(ports::Letter letter) {
  auto place = place_of(letter.server);
  if (!place) co_return std::unexpected(place.error());
  bool may_have = false;
  auto doing = "mail by " + place->address;
  auto done = co_await within(letter.timeout, "it", deliver(letter, *place, secrets_, may_have));
  if (done) co_return Result<>();
  auto code = done.error().code;
  bool no = code == Code::refused || code == Code::cancelled;
  co_return fail(may_have ? Code::timed_out : no ? code : Code::unavailable, doing + ": " + done.error().message);
}

}  // namespace davy::io
