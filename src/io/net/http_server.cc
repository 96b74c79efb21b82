#include "io/net/http_server.h"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <optional>
#include <set>

#include "io/net/address.h"
#include "io/net/net.h"

namespace davy::io {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Request = http::request<http::string_body>;
using Answer = http::response<http::string_body>;

constexpr std::size_t kLargestBody = 64 * 1024, kMostConnections = 256;
constexpr std::uint32_t kLargestHeader = 16 * 1024;

Answer answer_of(HttpSaid said, unsigned version, bool keep_alive, bool head) {
  Answer answer(static_cast<http::status>(said.status), version);
  for (auto& [name, value] : said.headers) answer.set(name, value);
  answer.keep_alive(keep_alive);
  bool bare = answer.result() == http::status::no_content;
  if (!bare) answer.content_length(said.body.size());
  if (!bare && !head) answer.body() = std::move(said.body);
  return answer;
}

Result<Tcp::endpoint> endpoint_of(const std::string& text) {
  auto parsed = parse_address(text);
  if (!parsed) return std::unexpected(parsed.error());
  error_code error;
  auto address = asio::ip::make_address(parsed->host == "localhost" ? "127.0.0.1" : parsed->host, error);
  auto port = std::atoi(parsed->port.c_str());
  if (error || port < 0 || port > 65535)
    return fail(Code::invalid, "listening on " + text + ": that is no address of this machine",
                "such as 127.0.0.1:9180");
  return Tcp::endpoint(address, static_cast<asio::ip::port_type>(port));
}

}  // namespace

// What the acceptor and the connections share; it lives as long as the last of them.
struct HttpServer::Inside {
  Inside(HttpServing s, const asio::any_io_executor& executor) : serving(std::move(s)), acceptor(executor) {}
  HttpServing serving;
  Tcp::acceptor acceptor;
  std::set<beast::tcp_stream*> connections;
  bool closed = false;

  void close() {
    closed = true;
    error_code ignored;
    acceptor.close(ignored);
    for (auto* one : connections) one->close();
  }

  Answer answer_to(Request& request) {
    HttpAsked asked{.method = std::string(request.method_string()),
                    .target = std::string(request.target()),
                    .origin = std::string(request[http::field::origin]),
                    .body = std::move(request.body())};
    bool head = request.method() == http::verb::head;
    return answer_of(serving.answer(std::move(asked)), request.version(), request.keep_alive(), head);
  }

  // Nothing: whoever it was has left, was too slow, or speaks no HTTP.
  asio::awaitable<std::optional<Answer>> answer_next(beast::tcp_stream& stream, beast::flat_buffer& buffer) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kLargestBody);
    parser.header_limit(kLargestHeader);
    stream.expires_after(serving.patience);
    auto [error, size] = co_await http::async_read(stream, buffer, parser, kAsTuple);
    if (error == http::error::body_limit) {
      serving.refused();
      co_return answer_of({.status = 413}, 11, false, false);
    }
    if (error || closed) co_return std::nullopt;
    co_return answer_to(parser.get());
  }

  static asio::awaitable<void> serve(std::shared_ptr<Inside> self, Tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    self->connections.insert(&stream);
    beast::flat_buffer buffer(kLargestHeader + kLargestBody);
    for (bool more = true; more && !self->closed;) {
      auto answer = co_await self->answer_next(stream, buffer);
      if (!answer) break;
      stream.expires_after(self->serving.patience);
      auto [unsent, size] = co_await http::async_write(stream, *answer, kAsTuple);
      more = !unsent && answer->keep_alive();
    }
    self->connections.erase(&stream);
  }

  static asio::awaitable<void> accept(std::shared_ptr<Inside> self) {
    while (!self->closed) {
      auto [error, socket] = co_await self->acceptor.async_accept(kAsTuple);
      if (self->closed) co_return;
      if (error) {  // no descriptor is left, say: others will be closed
        asio::steady_timer pause(self->acceptor.get_executor(), std::chrono::milliseconds(100));
        co_await pause.async_wait(kAsTuple);
      } else if (self->connections.size() >= kMostConnections) {
        self->serving.refused();
      } else {
        // What a stranger sends must not end this process: an exception (no memory) ends the connection alone.
        asio::co_spawn(self->acceptor.get_executor(), serve(self, std::move(socket)), [](const std::exception_ptr&) {});
      }
    }
  }
};

HttpServer::~HttpServer() { inside_->close(); }

Result<std::unique_ptr<HttpServer>> HttpServer::open(asio::any_io_executor executor, HttpServing serving) {
  auto endpoint = endpoint_of(serving.address);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto inside = std::make_shared<Inside>(std::move(serving), executor);
  error_code error;
  auto& acceptor = inside->acceptor;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(Code::unavailable, fmt::format("listening on {}: {}", inside->serving.address, error.message()),
                "does another process, or another signal, listen there?");
  asio::co_spawn(executor, Inside::accept(inside), [](const std::exception_ptr&) {});
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(inside)));
}

}  // namespace davy::io
