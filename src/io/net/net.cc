#include "io/net/net.h"

#include <fmt/format.h>

#include <memory>

namespace davy::io {

Error network_error(std::string_view doing, const boost::system::error_code& error) {
  if (error == asio::error::operation_aborted) return {Code::cancelled, fmt::format("{} was cancelled", doing)};
  return {Code::unavailable, fmt::format("{}: {}", doing, error.message())};
}

namespace {

// Outlives the call: getaddrinfo cannot be interrupted.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& executor)
      : resolver(executor), bell(executor, asio::steady_timer::time_point::max()) {}
  asio::ip::tcp::resolver resolver;
  asio::steady_timer bell;
  bool done = false;
  boost::system::error_code error;
  asio::ip::tcp::resolver::results_type found;
};

}  // namespace

ports::Task<asio::ip::tcp::resolver::results_type> resolve(std::string host, std::string port) {
  boost::system::error_code not_a_number;
  auto address = asio::ip::make_address(host, not_a_number);
  if (!not_a_number) {
    asio::ip::tcp::endpoint endpoint(address, static_cast<asio::ip::port_type>(std::atoi(port.c_str())));
    co_return asio::ip::tcp::resolver::results_type::create(endpoint, host, port);
  }
  auto lookup = std::make_shared<Lookup>(co_await asio::this_coro::executor);
  lookup->resolver.async_resolve(host, port, [lookup](boost::system::error_code error, auto found) {
    lookup->done = true;
    lookup->error = error;
    lookup->found = std::move(found);
    lookup->bell.cancel();
  });
  co_await lookup->bell.async_wait(kAsTuple);
  if (!lookup->done) co_return fail(Code::cancelled, "looking up " + host + " was cancelled");
  if (lookup->error) co_return std::unexpected(network_error("looking up " + host, lookup->error));
  co_return std::move(lookup->found);
}

}  // namespace davy::io
