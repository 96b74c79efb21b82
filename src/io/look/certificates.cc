#include "io/look/certificates.h"

#include <fmt/format.h>

#include <boost/asio/ssl.hpp>

#include "io/look/start_tls.h"
#include "io/look/x509.h"
#include "io/net/address.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;
using Stream = ssl::stream<StreamSocket>;

Result<> trust(ssl::context& context, const std::string& ca) {
  error_code error;
  if (ca.empty())
    context.set_default_verify_paths(error);
  else
    context.load_verify_file(ca, error);
  if (error) return fail(Code::invalid, "no certificates can be read from " + ca, "a file in PEM format");
  return {};
}

ports::TlsSeen seen_of(SSL* handle, const std::string& name) {
  ports::TlsSeen out{.named = false};
  auto* chain = ::SSL_get_peer_cert_chain(handle);
  for (int i = 0; i < sk_X509_num(chain); ++i) out.chain.push_back(described(sk_X509_value(chain, i)));
  if (sk_X509_num(chain) > 0) out.named = is_for(sk_X509_value(chain, 0), name);
  if (auto verified = ::SSL_get_verify_result(handle); verified != X509_V_OK)
    out.distrust = ::X509_verify_cert_error_string(verified);
  out.version = ::SSL_get_version(handle);
  if (out.version.starts_with("TLSv")) out.version.erase(0, 4);
  out.cipher = ::SSL_get_cipher_name(handle);
  return out;
}

// The chain is verified, and the handshake goes on whatever comes of it: a bad one is what is looked for.
ports::Task<ports::TlsSeen> look(ports::TlsQuestion q) {
  auto began = std::chrono::steady_clock::now();
  auto to = parse_address(q.address);
  if (!to) co_return std::unexpected(to.error());
  if (!to->path.empty()) co_return fail(Code::invalid, "TLS goes to a host and port, not to " + q.address);
  auto name = q.name.empty() ? to->host : q.name;
  ssl::context context(ssl::context::tls_client);
  if (auto set = trust(context, q.ca); !set) co_return std::unexpected(set.error());
  auto socket = co_await open_stream(q.address);
  if (!socket) co_return std::unexpected(socket.error());
  if (auto agreed = co_await agree_on_tls(*socket, q.start); !agreed) {
    agreed.error().message = q.address + ": " + agreed.error().message;
    co_return std::unexpected(agreed.error());
  }
  Stream stream(std::move(*socket), context);
  stream.set_verify_mode(ssl::verify_none);
  error_code no_number;
  boost::asio::ip::make_address(name, no_number);
  if (no_number) ::SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());  // names only (RFC 6066, 3)
  auto [error] = co_await stream.async_handshake(ssl::stream_base::client, kAsTuple);
  if (error) co_return std::unexpected(network_error("TLS with " + q.address, error));
  auto out = seen_of(stream.native_handle(), name);
  if (out.chain.empty()) co_return fail(Code::unavailable, q.address + " shows no certificate");
  out.took = std::chrono::steady_clock::now() - began;
  co_return out;
}

}  // namespace

ports::Task<ports::TlsSeen> Certificates::ask(ports::TlsQuestion q) {
  auto timeout = q.timeout;
  auto doing = "asking " + q.address + " for its certificate";
  return within(timeout, std::move(doing), look(std::move(q)));
}

Result<std::vector<ports::Certificate>> Certificates::in_pem(const std::string& text) { return io::in_pem(text); }

}  // namespace davy::io
