// The fake that providers are tested with and the real client give the same for plain requests.
#include <gmock/gmock.h>

#include <boost/asio/read.hpp>
#include <regex>

#include "io/net/http.h"
#include "io/net/net_testing.h"
#include "providers/testing/world.h"

namespace davy::io {
namespace {

// An echo: the answer has the request's method, path and body in it.
ports::HttpAnswer echo_of(const std::string& method, const std::string& path, const std::string& body) {
  return {.status = path == "/gone" ? 404 : 200,
          .headers = {{"x-asked", method + " " + path}},
          .body = path == "/large" ? std::string(5000, 'x') : body};
}

struct Real {
  Server server{[](Server::tcp::socket& socket) {
    auto head = head_from(socket);
    std::smatch line, length;
    std::regex_search(head, line, std::regex("^(\\S+) (\\S+)"));
    auto sent = head.substr(head.find("\r\n\r\n") + 4);
    if (std::regex_search(head, length, std::regex("Content-Length: (\\d+)"))) {
      auto rest = static_cast<std::size_t>(std::stoi(length[1])) - sent.size();
      asio::read(socket, asio::dynamic_buffer(sent), asio::transfer_exactly(rest));
    }
    auto answer = echo_of(line[1], line[2], sent);
    asio::write(socket, asio::buffer(fmt::format("HTTP/1.1 {} X\r\nX-ASKED: {}\r\nContent-Length: {}\r\n\r\n{}",
                                                 answer.status, answer.headers["x-asked"], answer.body.size(),
                                                 line[1] == "HEAD" ? "" : answer.body)));
  }};
  Http http;
  ports::Http& port() { return http; }
  std::string base() { return server.url(""); }
};

struct Fake {
  providers::testing::FakeHttp http;
  Fake() {
    http.answer = [this](const ports::HttpRequest& r) {
      auto answer = echo_of(r.method, r.url.substr(base().size()), r.method == "HEAD" ? "" : r.body);
      return answer;
    };
  }
  ports::Http& port() { return http; }
  std::string base() { return "http://shop:80"; }
};

template <class World>
class HttpContract : public testing::Test {
 protected:
  World world;
  asio::io_context context;
  Result<ports::HttpAnswer> send(ports::HttpRequest request) {
    request.url = world.base() + request.url;
    request.timeout = 20s;
    return Going(context, world.port().send(std::move(request))).get();
  }
};
using Worlds = testing::Types<Real, Fake>;
TYPED_TEST_SUITE(HttpContract, Worlds);

TYPED_TEST(HttpContract, GivesStatusLowerCaseHeadersAndBody) {
  for (auto method : {"GET", "POST", "PUT", "DELETE", "HEAD"}) {
    auto body = std::string_view(method) == "POST" ? "sent" : "";
    auto answer = this->send({.method = method, .url = "/a?b=c", .body = body});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->headers["x-asked"], std::string(method) + " /a?b=c");
    EXPECT_EQ(answer->body, body);
  }
  EXPECT_EQ(this->send({.url = "/gone"})->status, 404) << "an answer, not an error";
}

TYPED_TEST(HttpContract, RefusesWhatCannotBeSent) {
  EXPECT_EQ(this->send({.method = "GET /x", .url = "/"}).error().code, Code::invalid);
  EXPECT_EQ(this->send({.url = "/", .headers = {{"X", "a\r\nY: b"}}}).error().code, Code::invalid);
  EXPECT_EQ(this->send({.url = "/", .headers = {{"X: a", "b"}}}).error().code, Code::invalid);
}

TYPED_TEST(HttpContract, RefusesMoreThanItWasToTake) {
  EXPECT_EQ(this->send({.url = "/large", .most = {4000}}).error().code, Code::invalid);
  EXPECT_TRUE(this->send({.url = "/large", .most = {50'000}}));
}

}  // namespace
}  // namespace davy::io
