// Http and Dialer against little servers on loopback, some of them rude.
#include "io/net/http.h"

#include <gmock/gmock.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <regex>

#include "io/net/address.h"
#include "io/net/dialer.h"
#include "io/net/net_testing.h"
#include "io/net/url.h"

namespace davy::io {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using testing::HasSubstr;
using testing::Not;

struct Net {
  asio::io_context context;
  Http http;
  Dialer dialer;
  Result<ports::HttpAnswer> send(ports::HttpRequest request) { return Going(context, http.send(request)).get(); }
  Result<ports::HttpAnswer> get(std::string url, Duration timeout = 10s) {
    return send({.url = std::move(url), .timeout = timeout});
  }
};

TEST(Http, GoesOverAUnixSocketToo) {
  Net net;
  Scratch folder;
  auto path = folder / "a b.sock";
  asio::io_context context;
  asio::local::stream_protocol::acceptor acceptor(context, path);
  std::thread server([&] {
    auto socket = acceptor.accept();
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    http::response<http::string_body> answer(http::status::ok, 11);
    answer.body() = std::string(request.target()) + " of " + std::string(request[http::field::host]);
    answer.prepare_payload();
    http::write(socket, answer);
  });
  auto encoded = std::regex_replace(std::regex_replace(path, std::regex("/"), "%2F"), std::regex(" "), "%20");
  auto answer = net.get("http+unix://" + encoded + "/containers/shop/json?all=1");
  server.join();
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "/containers/shop/json?all=1 of localhost");
  acceptor.close();
  auto gone = net.get("http+unix://%2Fnowhere%2Fx.sock/");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::unavailable) << gone.error().message;
  EXPECT_EQ(net.get("http+unix://relative.sock/").error().message,
            "'relative.sock' is not a URL that can be asked: its socket is no absolute path");
}

TEST(Http, GivesStatusHeadersAndBody) {
  Net net;
  for (int status : {200, 204, 301, 404, 500, 503}) {
    Server server([status](tcp::socket& socket) {
      beast::flat_buffer buffer;
      http::request<http::string_body> request;
      http::read(socket, buffer, request);
      http::response<http::string_body> answer(static_cast<http::status>(status), 11);
      answer.set("X-Asked", std::string(request.method_string()) + " " + std::string(request.target()) + " " +
                                request.body() + " " + std::string(request["X-Extra"]));
      answer.set("Location", "/elsewhere");
      answer.body() = status == 204 ? "" : "the body";
      answer.prepare_payload();
      http::write(socket, answer);
    });
    auto answer =
        net.send({.method = "POST", .url = server.url("/a?b=c#d"), .body = "sent", .headers = {{"X-Extra", "yes"}}});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->headers["x-asked"], "POST /a?b=c sent yes");
    EXPECT_EQ(answer->body, status == 204 ? "" : "the body");
    EXPECT_GT(answer->took, 0ns);
  }
}

TEST(Http, ReadsToTheEndWhenNoLengthIsGivenAndChunks) {
  Net net;
  Server plain(says("HTTP/1.0 200 OK\r\n\r\nall of it"));
  EXPECT_EQ(net.get(plain.url())->body, "all of it");
  Server chunked(says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
  EXPECT_EQ(net.get(chunked.url())->body, "abcde");
  Server head(says("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"));
  EXPECT_EQ(net.send({.method = "HEAD", .url = head.url()})->status, 200);
}

TEST(Http, TimesOutOnASlowServer) {
  Net net;
  Server silent([](tcp::socket& socket) {
    error_code ignored;
    char byte;
    while (socket.read_some(asio::buffer(&byte, 1), ignored) > 0) continue;  // until the client leaves
  });
  EXPECT_EQ(net.get(silent.url(), 200ms).error().code, Code::timed_out);
  Server trickling([](tcp::socket& socket) {
    error_code error;
    asio::write(socket, asio::buffer(std::string("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")), error);
    while (!error) asio::write(socket, asio::buffer("x", 1), error), std::this_thread::sleep_for(10ms);
  });
  EXPECT_EQ(net.get(trickling.url(), 300ms).error().code, Code::timed_out) << "the time is for all of it";
}

TEST(Http, CanBeCancelled) {
  Net net;
  Server silent([](tcp::socket& socket) {
    error_code ignored;
    char byte;
    while (socket.read_some(asio::buffer(&byte, 1), ignored) > 0) continue;
  });
  Going call(net.context, net.http.send({.url = silent.url(), .timeout = 1h}));
  net.context.run_for(100ms);
  call.cancel();
  EXPECT_EQ(call.get().error().code, Code::cancelled);
}

TEST(Http, TellsRefusedFromGarbage) {
  Net net;
  std::string port = Server(says("")).port();
  EXPECT_EQ(net.get("http://127.0.0.1:" + port).error().code, Code::unavailable) << "nobody listens there any more";
  EXPECT_EQ(net.get("http://no-such-host.invalid/").error().code, Code::unavailable);
  Server garbage(says("220 mail.example ESMTP\r\n\r\n"));
  EXPECT_EQ(net.get(garbage.url()).error().code, Code::invalid);
  Server closing(says(""));
  EXPECT_EQ(net.get(closing.url()).error().code, Code::unavailable);
  Server partial(says("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"));
  EXPECT_EQ(net.get(partial.url()).error().code, Code::unavailable);
}

TEST(Http, RefusesAnswersThatAreTooLarge) {
  Net net;
  Server large([](tcp::socket& socket) {
    error_code error;
    std::string head;
    asio::read_until(socket, asio::dynamic_buffer(head), "\r\n\r\n");
    asio::write(socket, asio::buffer(std::string("HTTP/1.0 200 OK\r\n\r\n")), error);
    std::string block(1024 * 1024, 'x');
    for (int i = 0; i < 6 && !error; ++i) asio::write(socket, asio::buffer(block), error);
  });
  auto answer = net.get(large.url());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Code::invalid);
  EXPECT_THAT(answer.error().message, HasSubstr("more than 4 MiB"));
  Server headers(says("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n"));
  EXPECT_EQ(net.get(headers.url()).error().code, Code::invalid);
}

TEST(Http, SendsNoRequestThatSmugglesAnother) {
  Net net;
  EXPECT_EQ(net.get("http://127.0.0.1:1/a\r\nX: y").error().code, Code::invalid);
  EXPECT_EQ(net.send({.url = "http://127.0.0.1:1/", .headers = {{"X", "a\r\nY: b"}}}).error().code, Code::invalid);
  EXPECT_EQ(net.send({.url = "http://127.0.0.1:1/", .headers = {{"X: a", "b"}}}).error().code, Code::invalid);
  EXPECT_EQ(net.send({.method = "GET / HTTP/1.1\r\n", .url = "http://127.0.0.1:1/"}).error().code, Code::invalid);
}

TEST(Http, SpeaksToIpv6) {
  Net net;
  Server server(says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nv6"), "::1");
  EXPECT_EQ(net.get("http://[::1]:" + server.port() + "/")->body, "v6");
}

TEST(Https, VerifiesCertificateAndName) {
  Certificate certificate;
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.use_certificate_chain(asio::buffer(certificate.pem()));
  tls.use_private_key(asio::buffer(certificate.key_pem()), asio::ssl::context::pem);
  Server server([&](tcp::socket& socket) {
    asio::ssl::stream<tcp::socket&> stream(socket, tls);
    stream.handshake(asio::ssl::stream_base::server);
    std::string head;
    asio::read_until(stream, asio::dynamic_buffer(head), "\r\n\r\n");
    asio::write(stream, asio::buffer(std::string("HTTP/1.0 200 OK\r\n\r\nsafe")));  // and no close_notify
  });
  Scratch scratch;
  std::ofstream(scratch / "ca.pem") << certificate.pem();
  asio::io_context context;
  Http trusting(scratch / "ca.pem");
  auto get = [&](Http& http, const std::string& host) {
    return Going(context, http.send({.url = "https://" + host + ":" + server.port() + "/", .timeout = 10s})).get();
  };
  auto answer = get(trusting, "localhost");
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->body, "safe");
  auto other_name = get(trusting, "127.0.0.1");
  ASSERT_FALSE(other_name);
  EXPECT_THAT(other_name.error().message, HasSubstr("certificate"));
  Http usual;
  auto unknown = get(usual, "localhost");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, Code::invalid);
  EXPECT_THAT(unknown.error().message, HasSubstr("self-signed"));
}

TEST(Https, TellsAServerThatDoesNotSpeakIt) {
  Net net;
  Server plain([](tcp::socket& socket) { asio::write(socket, asio::buffer("HTTP/1.1 400 Bad\r\n\r\n", 20)); });
  EXPECT_EQ(net.get("https://127.0.0.1:" + plain.port() + "/").error().code, Code::unavailable);
}

TEST(Url, IsTakenApart) {
  auto url = parse_url("https://user:p%40ss@[::1]:8443/a/b?c=d#e");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_TRUE(url->secure);
  EXPECT_EQ(url->host, "::1");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->target, "/a/b?c=d");
  EXPECT_EQ(url->authorization, "Basic dXNlcjpwQHNz");
  EXPECT_EQ(url->host_header(), "[::1]:8443");
  EXPECT_EQ(parse_url("http://host")->target, "/");
  EXPECT_EQ(parse_url("http://host?x")->target, "/?x");
  EXPECT_EQ(parse_url("http://host")->host_header(), "host");
  EXPECT_EQ(parse_url("http://[::1]/")->port, "80");
  for (std::string bad : {"", "host:80", "ftp://h/", "http://", "http:///x", "http://h:port/", "http://h:/",
                          "http://a b/", "http://h:123456/", "http://::1/", "postgres://u:secret@h/"}) {
    auto refused = parse_url(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, Code::invalid);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
  }
}

TEST(Address, IsAPathOrHostAndPort) {
  EXPECT_EQ(parse_address("/run/a.sock")->path, "/run/a.sock");
  EXPECT_EQ(parse_address("./a.sock")->path, "./a.sock");
  EXPECT_EQ(parse_address("[::1]:80")->host, "::1");
  EXPECT_EQ(parse_address("db:5432")->port, "5432");
  for (std::string bad : {"", "db", "db:", ":80", "::1", "::1:80", "db:http", "db:123456"})
    EXPECT_FALSE(parse_address(bad)) << bad;
}

TEST(Dialer, AsksOverTcpAndUnix) {
  Net net;
  auto echo = [](auto& socket) {
    std::string line;
    asio::read_until(socket, asio::dynamic_buffer(line), '\n');
    asio::write(socket, asio::buffer("heard " + line));
  };
  Server server(echo);
  for (std::string host : {"127.0.0.1:", "localhost:"})
    EXPECT_EQ(Going(net.context, net.dialer.ask(host + server.port(), "show stat", 10s)).get(), "heard show stat\n");
  Server v6(echo, "::1");
  EXPECT_EQ(Going(net.context, net.dialer.ask("[::1]:" + v6.port(), "six\n", 10s)).get(), "heard six\n");

  Scratch scratch;
  asio::io_context other;
  asio::local::stream_protocol::acceptor acceptor(other, {scratch / "s"});
  std::thread thread([&] {
    auto socket = acceptor.accept();
    echo(socket);
  });
  EXPECT_EQ(Going(net.context, net.dialer.ask(scratch / "s", "x", 10s)).get(), "heard x\n");
  thread.join();
}

TEST(Dialer, FailsAsItsPortSays) {
  Net net;
  Scratch scratch;
  auto code = [&](const std::string& address, Duration timeout) {
    return Going(net.context, net.dialer.ask(address, "x", timeout)).get().error().code;
  };
  EXPECT_EQ(code(scratch / "none", 10s), Code::unavailable);
  EXPECT_EQ(code("nonsense", 10s), Code::invalid);
  EXPECT_EQ(code("/" + std::string(200, 'x'), 10s), Code::invalid);
  Server silent([](tcp::socket& socket) {
    error_code ignored;
    char byte;
    while (socket.read_some(asio::buffer(&byte, 1), ignored) > 0) continue;
  });
  EXPECT_EQ(code("127.0.0.1:" + silent.port(), 200ms), Code::timed_out);
  EXPECT_TRUE(Going(net.context, net.dialer.connect("127.0.0.1:" + silent.port(), 10s)).get());
  std::string port = Server(says("")).port();
  EXPECT_EQ(Going(net.context, net.dialer.connect("127.0.0.1:" + port, 10s)).get().error().code, Code::unavailable);
}

}  // namespace
}  // namespace davy::io
