// Whoever may send something, and how: as browsers do, slowly, half, too much, garbage.
#include "io/net/http_listener.h"

#include <gmock/gmock.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <future>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using boost::system::error_code;
using tcp = asio::ip::tcp;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string free_port() {
  asio::io_context context;
  return std::to_string(tcp::acceptor(context, {asio::ip::make_address("127.0.0.1"), 0}).local_endpoint().port());
}

// A client of its own thread; all that it reads until the other side closes, or half a minute is over.
class Peer {
 public:
  explicit Peer(const std::string& port) : socket_(context_) {
    asio::connect(socket_, tcp::resolver(context_).resolve("127.0.0.1", port), error_);
    timeval patience{30, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  void send(std::string_view text) { asio::write(socket_, asio::buffer(text), error_); }
  std::string rest() {
    std::string out;
    asio::read(socket_, asio::dynamic_buffer(out), error_);
    return out;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
  error_code error_;
};

struct Listening : testing::Test {
  asio::io_context context;
  HttpListener listener{context.get_executor()};
  std::string port = free_port();
  std::unique_ptr<ports::Mailbox> box;

  void open(ports::ListenAt at = {}) {
    at.address = "127.0.0.1:" + port, at.path = "/vitals";
    auto opened = listener.listen(at);
    ASSERT_TRUE(opened) << to_string(opened.error());
    box = std::move(*opened);
  }
  // Runs the loop until the peer's work is done.
  template <class F>
  auto with(F&& work) {
    auto done = std::async(std::launch::async, std::forward<F>(work));
    while (done.wait_for(0s) != std::future_status::ready) {
      context.restart();
      context.run_for(5ms);
    }
    return done.get();
  }
  std::string exchange(const std::string& text) {
    return with([&] {
      Peer peer(port);
      peer.send(text);
      return peer.rest();
    });
  }
};

std::string request(std::string_view method, std::string_view target, std::string_view headers,
                    std::string_view body = "") {
  return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
         std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

TEST_F(Listening, KeepsWhatIsPostedUntilItIsTaken) {
  open();
  auto answer =
      exchange(request("POST", "/vitals?from=page", "Content-Type: text/plain;charset=UTF-8\r\n", "{\"a\":1}"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(answer, Not(HasSubstr("Access-Control")));
  auto posted = box->take();
  EXPECT_THAT(posted.bodies, ElementsAre("{\"a\":1}"));
  EXPECT_EQ(posted.refused, 0u);
  EXPECT_TRUE(box->take().bodies.empty());
}

TEST_F(Listening, AnswersSeveralRequestsOfOneConnection) {
  open();
  std::string one = "POST /vitals HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n";
  EXPECT_THAT(exchange(one + "1" + one + "2" + request("POST", "/vitals", "", "3")), HasSubstr("204"));
  EXPECT_THAT(box->take().bodies, ElementsAre("1", "2", "3"));
}

TEST_F(Listening, LetsPagesOfItsOriginsIn) {
  open({.origins = {"https://shop.example.com"}});
  std::string asks = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n";
  auto answer = exchange(request("OPTIONS", "/vitals", "Origin: https://shop.example.com\r\n" + asks));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 204"));
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: https://shop.example.com\r\n"));
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Headers: content-type\r\n"));
  EXPECT_THAT(exchange(request("POST", "/vitals", "Origin: https://shop.example.com\r\n", "1")),
              HasSubstr("Access-Control-Allow-Origin: https://shop.example.com\r\n"));
  for (auto method : {"POST", "OPTIONS"}) {
    auto stranger = exchange(request(method, "/vitals", "Origin: https://evil.example\r\n", "2"));
    EXPECT_THAT(stranger, StartsWith("HTTP/1.1 403"));
    EXPECT_THAT(stranger, Not(HasSubstr("Allow-Origin")));
  }
  EXPECT_THAT(exchange(request("POST", "/vitals", "", "3")), StartsWith("HTTP/1.1 204")) << "no browser";
  auto posted = box->take();
  EXPECT_THAT(posted.bodies, ElementsAre("1", "3"));
  EXPECT_EQ(posted.refused, 2u);
}

TEST_F(Listening, LetsEverybodyInWhereItIsToldTo) {
  open({.origins = {"*"}});
  EXPECT_THAT(exchange(request("POST", "/vitals", "Origin: null\r\n", "1")),
              HasSubstr("Access-Control-Allow-Origin: null\r\n"));
}

TEST_F(Listening, KnowsOnePathAndOneMethod) {
  open();
  EXPECT_THAT(exchange(request("POST", "/vitals/", "", "1")), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(exchange(request("GET", "/", "")), StartsWith("HTTP/1.1 404"));
  auto get = exchange(request("GET", "/vitals", ""));
  EXPECT_THAT(get, StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(get, HasSubstr("Allow: POST, OPTIONS\r\n"));
  EXPECT_TRUE(box->take().bodies.empty());
}

TEST_F(Listening, SurvivesGarbageAndWhatIsTooLarge) {
  open();
  EXPECT_EQ(exchange("\x16\x03\x01\x02 this is TLS, or nothing\r\n\r\n"), "");
  EXPECT_EQ(exchange("POST /vitals HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"), "");
  exchange("POST /vitals HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" + std::string(1000, 'x'));
  exchange("POST /vitals HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" + std::string(0x20000, 'x'));
  auto posted = box->take();
  EXPECT_TRUE(posted.bodies.empty());
  EXPECT_EQ(posted.refused, 2u);
  EXPECT_THAT(exchange(request("POST", "/vitals", "", std::string(64 * 1024, 'x'))), StartsWith("HTTP/1.1 204"));
}

TEST_F(Listening, HangsUpOnWhoeverIsSlowAndServesOthersMeanwhile) {
  open({.patience = 300ms});
  auto said = with([&] {
    Peer slow(port), half(port);
    slow.send("POST /vit");
    half.send("POST /vitals HTTP/1.1\r\nContent-Length: 10\r\n\r\n12345");
    Peer quick(port);
    quick.send(request("POST", "/vitals", "", "1"));
    return std::tuple(quick.rest(), slow.rest(), half.rest());
  });
  EXPECT_THAT(std::get<0>(said), StartsWith("HTTP/1.1 204"));
  EXPECT_EQ(std::get<1>(said), "");
  EXPECT_EQ(std::get<2>(said), "");
  EXPECT_THAT(box->take().bodies, ElementsAre("1")) << "half a body is none";
}

TEST_F(Listening, HasRoomForSoManyConnections) {
  open();
  auto last = with([&] {
    std::vector<std::unique_ptr<Peer>> idle;
    for (int i = 0; i < 256; ++i) idle.push_back(std::make_unique<Peer>(port));
    Peer one_more(port);
    auto closed = one_more.rest();
    idle.clear();
    return closed;
  });
  EXPECT_EQ(last, "");
  EXPECT_EQ(box->take().refused, 1u);
  EXPECT_TRUE(eventually([&] { return exchange(request("POST", "/vitals", "", "1")).starts_with("HTTP/1.1 204"); }));
}

TEST_F(Listening, HasRoomForSoManyPosts) {
  open();
  auto last = with([&] {
    Peer peer(port);
    std::string one = "POST /vitals HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n1", all;
    for (int i = 0; i < 5'000; ++i) all += one;
    peer.send(all + request("POST", "/vitals", "", "1"));
    return peer.rest();
  });
  EXPECT_THAT(last, HasSubstr("HTTP/1.1 429"));
  auto posted = box->take();
  EXPECT_EQ(posted.bodies.size(), 5'000u);
  EXPECT_EQ(posted.refused, 1u);
  EXPECT_THAT(exchange(request("POST", "/vitals", "", "1")), StartsWith("HTTP/1.1 204"));
}

TEST_F(Listening, ClosesWithItsMailbox) {
  open();
  auto said = with([&] {
    Peer idle(port);
    asio::post(context, [&] { box.reset(); });
    return idle.rest();
  });
  EXPECT_EQ(said, "");
  context.restart();
  context.run();  // nothing is left to be waited for
  open();
  EXPECT_THAT(exchange(request("POST", "/vitals", "", "1")), StartsWith("HTTP/1.1 204"));
}

TEST_F(Listening, SaysWhereItCannotListen) {
  open();
  auto taken = listener.listen({.address = "127.0.0.1:" + port, .path = "/"});
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::unavailable);
  EXPECT_THAT(taken.error().message, HasSubstr("listening on 127.0.0.1:" + port + ": Address already in use"));
  for (auto wrong : {"", "9180", "/run/x.sock", "example.com:80", "127.0.0.1:99999"})
    EXPECT_EQ(listener.listen({.address = wrong, .path = "/"}).error().code, Code::invalid) << wrong;
}

}  // namespace
}  // namespace davy::io
