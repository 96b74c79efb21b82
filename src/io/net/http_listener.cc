// Anybody on the net may talk to this: every connection has an end by time, every request one by size, and what is kept
// until somebody takes it is bounded. A browser that sends a beacon does not wait for the answer, so a refusal costs
// the page nothing.
#include "io/net/http_listener.h"

#include <fmt/format.h>

#include <algorithm>
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
using Answer = http::response<http::empty_body>;

constexpr std::size_t kLargestBody = 64 * 1024, kMostConnections = 256, kMostPosts = 5'000, kMostBytes = 4 << 20;
constexpr std::uint32_t kLargestHeader = 16 * 1024;

// What the mailbox, its acceptor and its connections share; it lives as long as the last of them.
struct Box {
  Box(ports::ListenAt a, const asio::any_io_executor& ex) : at(std::move(a)), acceptor(ex) {}
  ports::ListenAt at;
  Tcp::acceptor acceptor;
  std::set<beast::tcp_stream*> connections;
  ports::Posted posted;
  std::size_t bytes = 0;
  bool closed = false;

  void close() {
    closed = true;
    error_code ignored;
    acceptor.close(ignored);
    for (auto* one : connections) one->close();
  }
  bool keep(std::string body) {
    if (posted.bodies.size() >= kMostPosts || bytes + body.size() > kMostBytes) return ++posted.refused, false;
    bytes += body.size();
    posted.bodies.push_back(std::move(body));
    return true;
  }
  bool welcome(std::string_view origin) const {
    auto is = [&](auto& one) { return one == "*" || one == origin; };
    return origin.empty() || at.origins.empty() || std::ranges::any_of(at.origins, is);
  }
};

http::status outcome(Box& box, Request& request) {
  std::string_view target = request.target();
  if (target.substr(0, target.find('?')) != box.at.path) return http::status::not_found;
  auto method = request.method();
  if (method != http::verb::post && method != http::verb::options) return http::status::method_not_allowed;
  if (!box.welcome(request[http::field::origin])) return ++box.posted.refused, http::status::forbidden;
  if (method == http::verb::options) return http::status::no_content;
  return box.keep(std::move(request.body())) ? http::status::no_content : http::status::too_many_requests;
}

// sendBeacon sends cookies along, and then a browser wants the origin itself for an answer, not `*`.
void allow(Answer& answer, const Box& box, const Request& request) {
  std::string_view origin = request[http::field::origin];
  if (box.at.origins.empty() || origin.empty()) return;
  answer.set(http::field::vary, "Origin");
  if (!box.welcome(origin)) return;
  answer.set(http::field::access_control_allow_origin, origin);
  answer.set(http::field::access_control_allow_credentials, "true");
  if (request.method() != http::verb::options) return;
  answer.set(http::field::access_control_allow_methods, "POST");
  answer.set(http::field::access_control_allow_headers, "content-type");
  answer.set(http::field::access_control_max_age, "86400");
}

Answer answer_to(Box& box, Request& request) {
  Answer answer(outcome(box, request), request.version());
  allow(answer, box, request);
  if (answer.result() == http::status::method_not_allowed) answer.set(http::field::allow, "POST, OPTIONS");
  answer.keep_alive(request.keep_alive());
  if (answer.result() != http::status::no_content) answer.content_length(0);
  return answer;
}

// Nothing: whoever it was has left, was too slow, or speaks no HTTP.
asio::awaitable<std::optional<Answer>> answer_next(Box& box, beast::tcp_stream& stream, beast::flat_buffer& buffer) {
  http::request_parser<http::string_body> parser;
  parser.body_limit(kLargestBody);
  parser.header_limit(kLargestHeader);
  stream.expires_after(box.at.patience);
  auto [error, size] = co_await http::async_read(stream, buffer, parser, kAsTuple);
  if (error == http::error::body_limit) {
    ++box.posted.refused;
    Answer answer(http::status::payload_too_large, 11);
    answer.content_length(0);
    answer.keep_alive(false);
    co_return answer;
  }
  if (error || box.closed) co_return std::nullopt;
  co_return answer_to(box, parser.get());
}

asio::awaitable<void> serve(std::shared_ptr<Box> box, Tcp::socket socket) {
  beast::tcp_stream stream(std::move(socket));
  box->connections.insert(&stream);
  beast::flat_buffer buffer(kLargestHeader + kLargestBody);
  for (bool more = true; more && !box->closed;) {
    auto answer = co_await answer_next(*box, stream, buffer);
    if (!answer) break;
    stream.expires_after(box->at.patience);
    auto [unsent, size] = co_await http::async_write(stream, *answer, kAsTuple);
    more = !unsent && answer->keep_alive();
  }
  box->connections.erase(&stream);
}

asio::awaitable<void> accept(std::shared_ptr<Box> box) {
  while (!box->closed) {
    auto [error, socket] = co_await box->acceptor.async_accept(kAsTuple);
    if (box->closed) co_return;
    if (error) {  // no descriptor is left, say: others will be closed
      asio::steady_timer pause(box->acceptor.get_executor(), std::chrono::milliseconds(100));
      co_await pause.async_wait(kAsTuple);
    } else if (box->connections.size() >= kMostConnections) {
      ++box->posted.refused;
    } else {
      // What a stranger sends must not end this process: an exception (no memory) ends the connection alone.
      asio::co_spawn(box->acceptor.get_executor(), serve(box, std::move(socket)), [](const std::exception_ptr&) {});
    }
  }
}

class Opened final : public ports::Mailbox {
 public:
  explicit Opened(std::shared_ptr<Box> box) : box_(std::move(box)) {}
  ~Opened() override { box_->close(); }
  ports::Posted take() override {
    box_->bytes = 0;
    return std::exchange(box_->posted, {});
  }

 private:
  std::shared_ptr<Box> box_;
};

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

Result<std::unique_ptr<ports::Mailbox>> HttpListener::listen(ports::ListenAt at) {
  auto endpoint = endpoint_of(at.address);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto box = std::make_shared<Box>(std::move(at), executor_);
  error_code error;
  auto& acceptor = box->acceptor;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error)
    return fail(Code::unavailable, fmt::format("listening on {}: {}", box->at.address, error.message()),
                "does another process, or another signal, listen there?");
  asio::co_spawn(executor_, accept(box), [](const std::exception_ptr&) {});
  return std::make_unique<Opened>(box);
}

}  // namespace davy::io
