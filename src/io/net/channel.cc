#include "io/net/channel.h"

#include <fmt/format.h>

#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "io/look/start_tls.h"
#include "io/net/address.h"
#include "io/net/net.h"
#include "io/net/stream.h"

namespace davy::io {
namespace {

namespace ssl = asio::ssl;
using boost::system::error_code;

template <class Stream>
ports::Task<> write_all(Stream& stream, std::string_view text) {
  auto [error, size] = co_await asio::async_write(stream, asio::buffer(text), kAsTuple);
  if (error) co_return std::unexpected(network_error("writing", error));
  co_return Result<>();
}

template <class Stream>
ports::Task<std::size_t> read_some(Stream& stream, std::span<char> into) {
  auto [error, size] = co_await stream.async_read_some(asio::buffer(into.data(), into.size()), kAsTuple);
  if (error == asio::error::eof || error == ssl::error::stream_truncated)
    co_return fail(Code::unavailable, "reading: the other side closed the connection");
  if (error) co_return std::unexpected(network_error("reading", error));
  co_return size;
}

class Plain final : public Channel {
 public:
  explicit Plain(StreamSocket socket) : socket_(std::move(socket)) {}
  ports::Task<> write(std::string_view text) override { return write_all(socket_, text); }
  ports::Task<std::size_t> read(std::span<char> into) override { return read_some(socket_, into); }

 private:
  StreamSocket socket_;
};

class Secure final : public Channel {
 public:
  explicit Secure(StreamSocket socket) : stream_(std::move(socket), context_) {}
  ports::Task<> shake_hands(Address to, TlsTrust trust);
  ports::Task<> write(std::string_view text) override { return write_all(stream_, text); }
  ports::Task<std::size_t> read(std::span<char> into) override { return read_some(stream_, into); }

 private:
  ssl::context context_{ssl::context::tls_client};
  ssl::stream<StreamSocket> stream_;
};

ports::Task<> Secure::shake_hands(Address to, TlsTrust trust) {
  auto where = to.host + ":" + to.port;
  auto* handle = stream_.native_handle();
  error_code error;
  if (trust.ca.empty())
    context_.set_default_verify_paths(error);
  else
    context_.load_verify_file(trust.ca, error);
  if (error) co_return fail(Code::invalid, "no certificates can be read from " + trust.ca, "a file in PEM format");
  stream_.set_verify_mode(ssl::verify_peer);
  auto* demands = ::SSL_get0_param(handle);
  asio::ip::make_address(to.host, error);
  if (!error) {
    ::X509_VERIFY_PARAM_set1_ip_asc(demands, to.host.c_str());
  } else {
    ::X509_VERIFY_PARAM_set_hostflags(demands, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    ::X509_VERIFY_PARAM_set1_host(demands, to.host.c_str(), 0);
    ::SSL_set_tlsext_host_name(handle, to.host.c_str());  // names only (RFC 6066, 3)
  }
  auto [refused] = co_await stream_.async_handshake(ssl::stream_base::client, kAsTuple);
  if (!refused) co_return Result<>();
  if (auto verified = ::SSL_get_verify_result(handle); verified != X509_V_OK)
    co_return fail(Code::invalid, fmt::format("the certificate of {} is not accepted: {}", where,
                                              ::X509_verify_cert_error_string(verified)));
  co_return std::unexpected(network_error("TLS with " + where, refused));
}

}  // namespace

ports::Task<std::unique_ptr<Channel>> open_channel(std::string address, std::optional<TlsTrust> tls) {
  auto socket = co_await open_stream(address);
  if (!socket) co_return std::unexpected(socket.error());
  if (!tls) co_return std::make_unique<Plain>(std::move(*socket));
  auto to = parse_address(address);
  if (!to || !to->path.empty()) co_return fail(Code::invalid, "TLS goes to a host and port, not to " + address);
  if (tls->start != ports::StartTls::none)
    if (auto agreed = co_await agree_on_tls(*socket, tls->start); !agreed) co_return std::unexpected(agreed.error());
  auto secure = std::make_unique<Secure>(std::move(*socket));
  if (auto shaken = co_await secure->shake_hands(*to, std::move(*tls)); !shaken)
    co_return std::unexpected(shaken.error());
  co_return std::move(secure);
}

}  // namespace davy::io
