#include "io/look/start_tls.h"

#include <fmt/format.h>

#include <boost/asio/write.hpp>

#include "base/text.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

using ports::StartTls;
using namespace std::string_view_literals;

constexpr std::size_t kMostRead = 16 * 1024;  // of a greeting and all that follows until TLS

// `answers`: what a last line of the answer begins with where it agrees; "250 " ends what "250-" continues.
struct Turn {
  std::string_view says, agrees;
};
constexpr Turn kSmtp[] = {{"", "220 "}, {"EHLO localhost\r\n", "250 "}, {"STARTTLS\r\n", "220 "}};
constexpr Turn kImap[] = {{"", "* OK"}, {"a STARTTLS\r\n", "a OK"}};
constexpr Turn kPop3[] = {{"", "+OK"}, {"STLS\r\n", "+OK"}};
constexpr Turn kFtp[] = {{"", "220 "}, {"AUTH TLS\r\n", "234 "}};
constexpr Turn kPostgres[] = {{"\0\0\0\x08\x04\xd2\x16\x2f"sv, "S"}};

std::span<const Turn> turns(StartTls start) {
  switch (start) {
    case StartTls::smtp:
      return kSmtp;
    case StartTls::imap:
      return kImap;
    case StartTls::pop3:
      return kPop3;
    case StartTls::ftp:
      return kFtp;
    case StartTls::postgres:
      return kPostgres;
    case StartTls::none:
      break;
  }
  return {};
}

// "250-SIZE", "* CAPABILITY …": more lines follow.
bool goes_on(std::string_view line, StartTls start) {
  if (start == StartTls::imap) return line.starts_with("* ") && !line.starts_with("* OK") && !line.starts_with("* BYE");
  return line.size() > 3 && line[3] == '-' && (start == StartTls::smtp || start == StartTls::ftp);
}

struct Talk {
  StreamSocket& socket;
  StartTls start;
  std::string heard = {};
  std::size_t total = 0;

  ports::Task<> more() {
    char block[1024];
    auto [error, size] = co_await socket.async_read_some(boost::asio::buffer(block), kAsTuple);
    if (error) co_return std::unexpected(network_error("what is said before TLS", error));
    heard.append(block, size), total += size;
    if (total > kMostRead) co_return fail(Code::invalid, "too much is said before TLS");
    co_return Result<>();
  }

  // The last line of an answer; of PostgreSQL one letter.
  ports::Task<std::string> answer() {
    for (;;) {
      auto end = start == StartTls::postgres ? (heard.empty() ? heard.npos : 0) : heard.find('\n');
      if (end == heard.npos) {
        if (auto got = co_await more(); !got) co_return std::unexpected(got.error());
        continue;
      }
      auto line = heard.substr(0, end + 1);
      heard.erase(0, end + 1);
      if (!goes_on(line, start)) co_return line;
    }
  }
};

}  // namespace

ports::Task<> agree_on_tls(StreamSocket& socket, StartTls start) {
  Talk talk{socket, start};
  for (auto& turn : turns(start)) {
    if (!turn.says.empty()) {
      auto [error, size] = co_await boost::asio::async_write(socket, boost::asio::buffer(turn.says), kAsTuple);
      if (error) co_return std::unexpected(network_error("asking for TLS", error));
    }
    auto line = co_await talk.answer();
    if (!line) co_return std::unexpected(line.error());
    if (!line->starts_with(turn.agrees))
      co_return fail(Code::unavailable,
                     fmt::format("it does not begin TLS: it says `{}`", printable(trimmed(*line).substr(0, 100))));
  }
  if (!talk.heard.empty()) co_return fail(Code::invalid, "it says more in the clear than that TLS begins");
  co_return Result<>();
}

}  // namespace davy::io
