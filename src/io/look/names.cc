#include "io/look/names.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <fstream>

#include "base/text.h"
#include "io/look/dns_message.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

using asio::ip::udp;
using ports::DnsAnswer;
using ports::DnsQuestion;

constexpr std::size_t kMostServers = 3;  // as resolvers do
constexpr std::size_t kLongestReply = 65535;
constexpr int kTries = 2;

// host, host:port, an IPv6 address with or without [ ]:port.
Result<asio::ip::tcp::endpoint> endpoint_of(const std::string& server) {
  std::string host = server, port = "53";
  auto colon = server.rfind(':');
  bool bracketed = server.starts_with('['), alone = std::ranges::count(server, ':') > 1 && !bracketed;
  if (colon != server.npos && !alone && !server.ends_with(']'))
    host = server.substr(0, colon), port = server.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  auto address = asio::ip::make_address(host, error);
  unsigned number = 0;
  auto [end, bad] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (error || bad != std::errc{} || end != port.data() + port.size() || number == 0 || number > 65535)
    return fail(Code::invalid, "no server for the DNS: " + printable(server),
                "its address, such as 192.0.2.53 or 127.0.0.1:5353");
  return asio::ip::tcp::endpoint(address, static_cast<unsigned short>(number));
}

Result<std::vector<std::string>> servers_in(const std::string& file) {
  std::ifstream in(file);
  std::vector<std::string> out;
  for (std::string line; out.size() < kMostServers && std::getline(in, line);) {
    auto words = split(trimmed(line), ' ');
    if (words.size() > 1 && words[0] == "nameserver") out.emplace_back(words.back());
  }
  if (out.empty()) return fail(Code::unavailable, file + " names no server for the DNS", "`server:` beside it");
  return out;
}

ports::Task<std::string> by_udp(asio::ip::tcp::endpoint to, std::string question) {
  udp::socket socket(co_await asio::this_coro::executor);
  boost::system::error_code error;
  udp::endpoint end(to.address(), to.port());
  socket.open(end.protocol(), error);
  if (!error) socket.connect(end, error);  // only what comes from there is heard
  if (error) co_return std::unexpected(network_error("asking " + to.address().to_string(), error));
  auto [unsent, sent] = co_await socket.async_send(asio::buffer(question), kAsTuple);
  if (unsent) co_return std::unexpected(network_error("asking " + to.address().to_string(), unsent));
  std::string reply(kLongestReply, '\0');
  for (;;) {
    auto [failed, size] = co_await socket.async_receive(asio::buffer(reply), kAsTuple);
    if (failed) co_return std::unexpected(network_error("hearing " + to.address().to_string(), failed));
    if (dns_answers(std::string_view(reply).substr(0, size), question)) co_return reply.substr(0, size);
  }
}

ports::Task<std::string> by_tcp(asio::ip::tcp::endpoint to, std::string question) {
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  auto doing = "asking " + to.address().to_string() + " by TCP";
  auto [refused] = co_await socket.async_connect(to, kAsTuple);
  if (refused) co_return std::unexpected(network_error(doing, refused));
  auto framed =
      std::string{static_cast<char>(question.size() >> 8), static_cast<char>(question.size() & 0xff)} + question;
  auto [unsent, sent] = co_await asio::async_write(socket, asio::buffer(framed), kAsTuple);
  if (unsent) co_return std::unexpected(network_error(doing, unsent));
  unsigned char length[2];
  auto [cut, got] = co_await asio::async_read(socket, asio::buffer(length), kAsTuple);
  if (cut) co_return std::unexpected(network_error(doing, cut));
  std::string reply(static_cast<std::size_t>(length[0] << 8 | length[1]), '\0');
  auto [ended, size] = co_await asio::async_read(socket, asio::buffer(reply), kAsTuple);
  if (ended) co_return std::unexpected(network_error(doing, ended));
  if (!dns_answers(reply, question)) co_return fail(Code::invalid, "answered another question");
  co_return reply;
}

ports::Task<DnsAnswer> ask_one(std::string server, DnsQuestion q, Duration each) {
  auto to = endpoint_of(server);
  if (!to) co_return std::unexpected(to.error());
  std::uint16_t id = 0;
  if (::RAND_bytes(reinterpret_cast<unsigned char*>(&id), sizeof id) != 1)
    co_return fail(Code::internal, "no random number");
  auto question = dns_question(id, q.name, q.type);
  if (!question) co_return std::unexpected(question.error());
  auto doing = "asking " + server + " for " + printable(q.name);
  auto reply = co_await within(each, doing, by_udp(*to, *question));
  if (!reply) co_return std::unexpected(reply.error());
  auto read = dns_reply(*reply, q.type);
  if (read && read->truncated) {
    reply = co_await within(each, doing, by_tcp(*to, *question));
    if (!reply) co_return std::unexpected(reply.error());
    read = dns_reply(*reply, q.type);
  }
  if (read) co_return std::move(read->answer);
  read.error().message = doing + ": " + read.error().message;
  co_return std::unexpected(read.error());
}

// One after the other until somebody answers: a datagram may be lost, a server be away.
ports::Task<DnsAnswer> ask_all(std::vector<std::string> servers, DnsQuestion q) {
  auto began = std::chrono::steady_clock::now();
  auto each = q.timeout / static_cast<int>(servers.size() * kTries);
  Result<DnsAnswer> out = fail(Code::unavailable, "nobody to ask");
  for (int i = 0; i < kTries; ++i)
    for (auto& server : servers) {
      out = co_await ask_one(server, q, each);
      if (out) out->took = std::chrono::steady_clock::now() - began;
      if (out || out.error().code == Code::cancelled || out.error().code == Code::invalid) co_return out;
    }
  co_return out;
}

}  // namespace

ports::Task<DnsAnswer> Names::ask(DnsQuestion q) {
  Result<std::vector<std::string>> servers = std::vector{q.server};
  if (q.server.empty()) servers = servers_in(resolver_);
  if (!servers) co_return std::unexpected(servers.error());
  co_return co_await ask_all(*std::move(servers), std::move(q));
}

}  // namespace davy::io
