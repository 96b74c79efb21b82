#include "io/line.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "io/address.h"
#include "io/net.h"

namespace davy::io {
namespace {

using Socket = asio::generic::stream_protocol::socket;
using boost::system::error_code;

constexpr std::size_t kMostRead = 4 * 1024 * 1024;
constexpr std::size_t kLongestPath = 107;  // of a unix socket

ports::Task<Socket> open_unix(std::string path) {
  if (path.size() > kLongestPath) co_return fail(Code::invalid, "the path of a socket is too long: " + path);
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  auto [error] = co_await socket.async_connect(path, kAsTuple);
  if (error) co_return std::unexpected(network_error("connecting to " + path, error));
  co_return std::move(socket);
}

ports::Task<Socket> open_tcp(Address to) {
  auto found = co_await resolve(to.host, to.port);
  if (!found) co_return std::unexpected(found.error());
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  auto [error, endpoint] = co_await asio::async_connect(socket, *found, kAsTuple);
  if (error) co_return std::unexpected(network_error("connecting to " + to.host + ":" + to.port, error));
  co_return std::move(socket);
}

ports::Task<Socket> open(std::string address) {
  auto to = parse_address(address);
  if (!to) co_return std::unexpected(to.error());
  if (!to->path.empty()) co_return co_await open_unix(to->path);
  co_return co_await open_tcp(*to);
}

ports::Task<std::string> talk(std::string address, std::string text) {
  auto socket = co_await open(address);
  if (!socket) co_return std::unexpected(socket.error());
  auto [unsent, sent] = co_await asio::async_write(*socket, asio::buffer(text), kAsTuple);
  if (unsent) co_return std::unexpected(network_error("writing to " + address, unsent));
  std::string answer;
  auto [error, size] = co_await asio::async_read(*socket, asio::dynamic_buffer(answer, kMostRead), kAsTuple);
  if (error == asio::error::eof) co_return answer;
  if (!error) co_return fail(Code::invalid, "the answer of " + address + " is larger than 4 MiB");
  co_return std::unexpected(network_error("reading from " + address, error));
}

ports::Task<> reach(std::string address) {
  auto socket = co_await open(address);
  if (!socket) co_return std::unexpected(socket.error());
  co_return Result<>();
}

}  // namespace

ports::Task<std::string> Line::ask(std::string address, std::string text, Duration timeout) {
  if (!text.ends_with('\n')) text += '\n';
  return within(timeout, "asking " + address, talk(address, std::move(text)));
}

ports::Task<> Line::connect(std::string address, Duration timeout) {
  return within(timeout, "connecting to " + address, reach(address));
}

}  // namespace davy::io
