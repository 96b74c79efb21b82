// Real handshakes with servers of the test's own, and the contract that the fake keeps, too.
#include "io/look/certificates.h"

#include <gmock/gmock.h>

#include "io/net/net_testing.h"
#include "ports/testing/certificates_contract.h"
#include "providers/testing/world.h"

namespace davy::io {
namespace {

namespace ssl = asio::ssl;
using ::testing::HasSubstr;

ssl::context context_of(const Certificate& one, const std::string& more = "") {
  ssl::context out(ssl::context::tls_server);
  auto chain = one.pem() + more;
  out.use_certificate_chain(asio::buffer(chain));
  auto key = one.key_pem();
  out.use_private_key(asio::buffer(key), ssl::context::pem);
  return out;
}

// Shakes hands and waits for the client to leave; `first`: what is said in the clear before.
Server::Handler shows(Certificate one, std::string more = "", std::function<void(Server::tcp::socket&)> first = {}) {
  return [=](Server::tcp::socket& socket) {
    auto context = context_of(one, more);
    if (first) first(socket);
    ssl::stream<Server::tcp::socket&> stream(socket, context);
    stream.handshake(ssl::stream_base::server);
    char left;
    boost::system::error_code ignored;
    stream.read_some(asio::buffer(&left, 1), ignored);
  };
}

template <class T>
Result<T> run(ports::Task<T> task) {
  asio::io_context context;
  return Going(context, std::move(task)).get();
}

std::string write(const Scratch& scratch, const std::string& text) {
  std::ofstream(scratch / "ca.pem") << text;
  return scratch / "ca.pem";
}

struct Real {
  std::vector<std::unique_ptr<Server>> servers;
  Certificates port;
  std::string shown;

  ports::Certificates& certificates() { return port; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return io::run(std::move(task));
  }
  std::string serve(const std::string& name, std::chrono::seconds lives) {
    Certificate one(name, nullptr, lives);
    shown = one.pem();
    servers.push_back(std::make_unique<Server>(shows(one)));
    return "localhost:" + servers.back()->port();
  }
  std::string pem() { return shown; }
  std::string nobody() {
    asio::io_context io;
    asio::ip::tcp::acceptor free(io, {asio::ip::make_address("127.0.0.1"), 0});
    return "127.0.0.1:" + std::to_string(free.local_endpoint().port());
  }
};

struct Fake {
  providers::testing::FakeCertificates port;

  ports::Certificates& certificates() { return port; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return io::run(std::move(task));
  }
  std::string serve(const std::string& name, std::chrono::seconds lives) {
    auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    ports::Certificate one{.subject = "CN=" + name, .names = {name}, .from = now - std::chrono::hours(24)};
    one.until = now + lives;
    port.servers["localhost:4433"] = {.chain = {one}, .distrust = "self-signed certificate", .version = "1.3"};
    port.files["PEM"] = {one};
    return "localhost:4433";
  }
  std::string pem() { return "PEM"; }
  std::string nobody() { return "localhost:1"; }
};

}  // namespace
}  // namespace davy::io

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(Real, CertificatesContract, io::Real);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, CertificatesContract, io::Fake);
}  // namespace davy::ports::testing

namespace davy::io {
namespace {

Result<ports::TlsSeen> asked(const Server& server, ports::TlsQuestion q = {}) {
  if (q.address.empty()) q.address = "127.0.0.1:" + server.port();
  if (q.name.empty()) q.name = "localhost";
  return run(Certificates().ask(std::move(q)));
}

TEST(Certificates, ATrustedChainHasNoDistrust) {
  Certificate root("root"), own("localhost", &root);
  Scratch scratch;
  Server server(shows(own, root.pem()));
  auto seen = asked(server, {.ca = write(scratch, root.pem())});
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->distrust, "");
  EXPECT_EQ(seen->chain.size(), 2u);
  EXPECT_EQ(seen->chain[0].issuer, "CN=root");
  EXPECT_EQ(seen->chain[0].key, "EC 256");
  EXPECT_EQ(seen->chain[0].fingerprint.size(), 64u);
}

TEST(Certificates, AnOldOneIsDistrustedForThat) {
  Certificate root("root"), own("localhost", &root, std::chrono::seconds(-60));
  Scratch scratch;
  Server server(shows(own));
  auto seen = asked(server, {.ca = write(scratch, root.pem())});
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->distrust, "certificate has expired");
}

TEST(Certificates, WhatSpeaksNoTlsIsNoAnswer) {
  Server server([](Server::tcp::socket& socket) { asio::write(socket, asio::buffer(std::string("hello\n"))); });
  EXPECT_EQ(asked(server).error().code, Code::unavailable);
}

TEST(Certificates, WhoNeverAnswersIsTimedOut) {
  Server server([](Server::tcp::socket& socket) {
    char left[4096];
    boost::system::error_code error;
    while (!error) socket.read_some(asio::buffer(left), error);
  });
  EXPECT_EQ(asked(server, {.timeout = std::chrono::milliseconds(100)}).error().code, Code::timed_out);
}

// A mail server as RFC 3207 has it, with more than one line in an answer.
void smtp(Server::tcp::socket& socket) {
  std::string heard;
  auto line = [&] {
    auto size = asio::read_until(socket, asio::dynamic_buffer(heard), "\r\n");
    auto out = heard.substr(0, size - 2);
    heard.erase(0, size);
    return out;
  };
  auto say = [&](const std::string& text) { asio::write(socket, asio::buffer(text)); };
  say("220-hello\r\n220 mail ESMTP\r\n");
  auto ehlo = line().starts_with("EHLO ");
  say(ehlo ? "250-mail\r\n250-SIZE 100\r\n250 STARTTLS\r\n" : "500 what\r\n");
  say(line() == "STARTTLS" ? "220 go\r\n" : "500 what\r\n");
}

TEST(Certificates, BeginInTheClearWhereTheProtocolDoes) {
  Server mail(shows(Certificate("localhost"), "", smtp));
  auto seen = asked(mail, {.start = ports::StartTls::smtp});
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->chain[0].subject, "CN=localhost");
  Server database(shows(Certificate("localhost"), "", [](Server::tcp::socket& socket) {
    char request[8];
    asio::read(socket, asio::buffer(request));
    asio::write(socket, asio::buffer(std::string(request[4] == 4 && request[7] == 0x2f ? "S" : "N")));
  }));
  EXPECT_TRUE(asked(database, {.start = ports::StartTls::postgres}));
}

TEST(Certificates, WhatIsSaidAheadOfTlsIsRefused) {
  Server mail([](Server::tcp::socket& socket) {
    asio::write(socket, asio::buffer(std::string("+OK\r\n")));
    char heard[64];
    socket.read_some(asio::buffer(heard));
    asio::write(socket, asio::buffer(std::string("+OK\r\n+OK you are in\r\n")));
    socket.read_some(asio::buffer(heard));
  });
  EXPECT_EQ(asked(mail, {.start = ports::StartTls::pop3}).error().code, Code::invalid);
}

TEST(Certificates, WhoTalksForEverIsCutShort) {
  Server mail([](Server::tcp::socket& socket) {
    boost::system::error_code error;
    while (!error) asio::write(socket, asio::buffer(std::string("220-and\r\n")), error);
  });
  auto seen = asked(mail, {.start = ports::StartTls::smtp});
  EXPECT_EQ(seen.error().code, Code::invalid) << seen.error().message;
}

TEST(Certificates, WhoRefusesTlsSaysSo) {
  Server database([](Server::tcp::socket& socket) {
    char request[8];
    asio::read(socket, asio::buffer(request));
    asio::write(socket, asio::buffer(std::string("N")));
  });
  auto seen = asked(database, {.start = ports::StartTls::postgres});
  EXPECT_EQ(seen.error().code, Code::unavailable);
  EXPECT_THAT(seen.error().message, HasSubstr("it does not begin TLS: it says `N`"));
}

}  // namespace
}  // namespace davy::io
