#include "io/net/stream.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "io/net/address.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

constexpr std::size_t kLongestPath = 107;  // of a unix socket

ports::Task<StreamSocket> open_unix(std::string path) {
  if (path.size() > kLongestPath) co_return fail(Code::invalid, "the path of a socket is too long: " + path);
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  auto [error] = co_await socket.async_connect(path, kAsTuple);
  if (error) co_return std::unexpected(network_error("connecting to " + path, error));
  co_return std::move(socket);
}

ports::Task<StreamSocket> open_tcp(Address to) {
  auto found = co_await resolve(to.host, to.port);
  if (!found) co_return std::unexpected(found.error());
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  auto [error, endpoint] = co_await asio::async_connect(socket, *found, kAsTuple);
  if (error) co_return std::unexpected(network_error("connecting to " + to.host + ":" + to.port, error));
  co_return std::move(socket);
}

}  // namespace

ports::Task<StreamSocket> open_stream(std::string address) {
  auto to = parse_address(address);
  if (!to) co_return std::unexpected(to.error());
  if (!to->path.empty()) co_return co_await open_unix(to->path);
  co_return co_await open_tcp(*to);
}

}  // namespace davy::io
