#include "io/net/dialer.h"

#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "io/net/net.h"
#include "io/net/stream.h"

namespace davy::io {
namespace {

constexpr std::size_t kMostRead = 4 * 1024 * 1024;

ports::Task<std::string> talk(std::string address, std::string text) {
  auto socket = co_await open_stream(address);
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
  auto socket = co_await open_stream(address);
  if (!socket) co_return std::unexpected(socket.error());
  co_return Result<>();
}

}  // namespace

ports::Task<std::string> Dialer::ask(std::string address, std::string text, Duration timeout) {
  if (!text.ends_with('\n')) text += '\n';
  return within(timeout, "asking " + address, talk(address, std::move(text)));
}

ports::Task<> Dialer::connect(std::string address, Duration timeout) {
  return within(timeout, "connecting to " + address, reach(address));
}

}  // namespace davy::io
