#include "io/net/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "io/net/net.h"
#include "io/net/stream.h"
#include "io/net/url.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using boost::system::error_code;
using Request = http::request<http::string_body>;
using Parser = http::response_parser<http::string_body>;

constexpr std::size_t kLargestBody = 4 * 1024 * 1024;
constexpr std::uint32_t kLargestHeader = 64 * 1024;

bool sendable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

Result<Request> to_request(const ports::HttpRequest& from, const Url& url) {
  auto token = [](std::string_view s) {
    return !s.empty() && std::ranges::all_of(s, [](char c) { return c > ' ' && c < 127 && c != ':'; });
  };
  if (!token(from.method)) return fail(Code::invalid, fmt::format("'{}' is not an HTTP method", from.method));
  Request request;
  request.version(11);
  request.method_string(from.method);
  request.target(url.target);
  request.set(http::field::host, url.host_header());
  request.set(http::field::user_agent, "davy");
  request.set(http::field::connection, "close");
  if (!url.authorization.empty()) request.set(http::field::authorization, url.authorization);
  for (const auto& [name, value] : from.headers) {
    if (!token(name) || !sendable(value))
      return fail(Code::invalid, fmt::format("the header '{}' cannot be sent", name));
    request.set(name, value);
  }
  request.body() = from.body;
  if (!from.body.empty() || from.method == "POST" || from.method == "PUT" || from.method == "PATCH")
    request.content_length(from.body.size());
  return request;
}

ports::HttpAnswer to_answer(Parser& parser) {
  auto& message = parser.get();
  ports::HttpAnswer answer{.status = static_cast<int>(message.result_int())};
  for (const auto& field : message) {
    std::string name(field.name_string());
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    answer.headers[name] = std::string(field.value());
  }
  answer.body = std::move(message.body());
  return answer;
}

Error answer_error(const std::string& where, const error_code& error) {
  if (error == http::error::body_limit) return {Code::invalid, where + " answered with more than 4 MiB"};
  if (error == http::error::header_limit) return {Code::invalid, where + " answered with more than 64 KiB of headers"};
  if (error == http::error::end_of_stream || error == http::error::partial_message)
    return {Code::unavailable, where + " closed the connection before its answer was complete"};
  if (error.category() == http::make_error_code(http::error::bad_version).category())
    return {Code::invalid, fmt::format("{} answered with something that is not HTTP: {}", where, error.message())};
  return network_error("asking " + where, error);
}

// OpenSSL wraps the peer's or the verifier's complaint.
Error tls_error(const std::string& where, const error_code& error, ::SSL* handle) {
  if (auto verified = ::SSL_get_verify_result(handle); verified != X509_V_OK)
    return {Code::invalid,
            fmt::format("the certificate of {} is not accepted: {}", where, ::X509_verify_cert_error_string(verified))};
  return network_error("TLS with " + where, error);
}

template <class Stream>
ports::Task<ports::HttpAnswer> exchange(Stream& stream, Request& request, std::string where) {
  auto [unsent, sent] = co_await http::async_write(stream, request, kAsTuple);
  if (unsent) co_return std::unexpected(network_error("asking " + where, unsent));
  beast::flat_buffer buffer;
  Parser parser;
  parser.body_limit(kLargestBody);
  parser.header_limit(kLargestHeader);
  parser.skip(request.method() == http::verb::head);
  auto [error, size] = co_await http::async_read(stream, buffer, parser, kAsTuple);
  bool ended_by_closing = error == ssl::error::stream_truncated && parser.is_header_done() && parser.need_eof();
  if (error && !ended_by_closing) co_return std::unexpected(answer_error(where, error));
  co_return to_answer(parser);
}

ports::Task<beast::tcp_stream> open(const Url& url, const std::string& where) {
  auto found = co_await resolve(url.host, url.port);
  if (!found) co_return std::unexpected(found.error());
  beast::tcp_stream stream(co_await asio::this_coro::executor);
  auto [error, endpoint] = co_await stream.async_connect(*found, kAsTuple);
  if (error) co_return std::unexpected(network_error("connecting to " + where, error));
  co_return std::move(stream);
}

ports::Task<ports::HttpAnswer> send_secure(beast::tcp_stream plain, ssl::context& context, Request& request, Url url,
                                           std::string where) {
  beast::ssl_stream<beast::tcp_stream> stream(std::move(plain), context);
  auto* handle = stream.native_handle();
  stream.set_verify_callback(ssl::host_name_verification(url.host));
  ::SSL_set_tlsext_host_name(handle, url.host.c_str());
  auto [error] = co_await stream.async_handshake(ssl::stream_base::client, kAsTuple);
  if (error) co_return std::unexpected(tls_error(where, error, handle));
  co_return co_await exchange(stream, request, where);
}

ports::Task<ports::HttpAnswer> talk_on_socket(Request& request, std::string path) {
  auto stream = co_await open_stream(path);
  if (!stream) co_return std::unexpected(stream.error());
  co_return co_await exchange(*stream, request, path);
}

ports::Task<ports::HttpAnswer> talk(ssl::context& context, Request request, Url url) {
  if (!url.socket.empty()) co_return co_await talk_on_socket(request, url.socket);
  auto where = url.host_header();
  auto stream = co_await open(url, where);
  if (!stream) co_return std::unexpected(stream.error());
  if (url.secure) co_return co_await send_secure(std::move(*stream), context, request, url, where);
  co_return co_await exchange(*stream, request, where);
}

// The only place where a request meets a secret's value.
Result<> authorize(Request& request, const ports::HttpAuth& auth, const Secrets* secrets) {
  if (!secrets) return fail(Code::invalid, "no secret can be sent from here: " + auth.secret.name);
  auto value = secrets->reveal(auth.secret);
  if (!value) return std::unexpected(value.error());
  if (!sendable(*value)) return fail(Code::invalid, "the secret " + auth.secret.name + " cannot be sent in a header");
  auto text = auth.user.empty() ? "Bearer " + std::string(*value) : auth.user + ":" + std::string(*value);
  if (!auth.user.empty()) text = "Basic " + base64(text);
  request.set(http::field::authorization, text);
  wipe(text);
  return {};
}

}  // namespace

struct Http::Tls {
  ssl::context context{ssl::context::tls_client};
};

Http::Http(std::string ca_file) : tls_(std::make_unique<Tls>()) {
  error_code ignored;  // without certificates every https request fails, and says so
  tls_->context.set_verify_mode(ssl::verify_peer, ignored);
  if (ca_file.empty())
    tls_->context.set_default_verify_paths(ignored);
  else
    tls_->context.load_verify_file(ca_file, ignored);
}
Http::~Http() = default;

ports::Task<ports::HttpAnswer> Http::send(ports::HttpRequest request) {
  auto began = std::chrono::steady_clock::now();
  auto url = parse_url(request.url);
  if (!url) co_return std::unexpected(url.error());
  auto message = to_request(request, *url);
  if (!message) co_return std::unexpected(message.error());
  if (request.auth)
    if (auto allowed = authorize(*message, *request.auth, secrets_); !allowed)
      co_return std::unexpected(allowed.error());
  auto where = url->socket.empty() ? url->host_header() : url->socket;
  auto answer = co_await within(request.timeout, "asking " + where, talk(tls_->context, std::move(*message), *url));
  if (answer) answer->took = std::chrono::steady_clock::now() - began;
  co_return answer;
}

}  // namespace davy::io
