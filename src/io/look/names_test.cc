// A name server of the test's own, which speaks the wire's format; and the contract that the fake keeps, too.
#include "io/look/names.h"

#include <gmock/gmock.h>

#include <boost/asio/ip/udp.hpp>

#include "io/look/dns_message.h"
#include "io/net/net_testing.h"
#include "ports/testing/names_contract.h"
#include "providers/testing/world.h"

namespace davy::io {
namespace {

using namespace std::string_literals;
using ports::DnsType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <class T>
Result<T> run(ports::Task<T> task) {
  asio::io_context context;
  return Going(context, std::move(task)).get();
}

std::string number(unsigned n) { return {static_cast<char>(n >> 8), static_cast<char>(n & 0xff)}; }

std::string encoded(std::string_view name) {
  std::string out;
  for (auto label : split(name, '.')) out += static_cast<char>(label.size()) + std::string(label);
  return out + '\0';
}

struct Record {
  DnsType type;
  std::string data;
};

// Answers a question from its records; `bits` go into the header's flags.
struct Zone {
  std::map<std::string, std::vector<Record>> names;
  unsigned bits = 0;
  std::string reply(const std::string& question) const {
    auto end = question.find('\0', 12);
    auto name = question.substr(12, end + 1 - 12);
    auto type = static_cast<unsigned>(static_cast<unsigned char>(question[end + 1]) << 8 |
                                      static_cast<unsigned char>(question[end + 2]));
    auto found = std::ranges::find_if(names, [&](auto& one) { return encoded(one.first) == name; });
    std::string records;
    unsigned count = 0;
    if (found != names.end())
      for (auto& one : found->second)
        if (static_cast<unsigned>(one.type) == type)
          records += "\xc0\x0c" + number(type) + "\0\x01\0\0\x01\x2c"s +
                     number(static_cast<unsigned>(one.data.size())) + one.data,
              ++count;
    auto flags = 0x8180u | bits | (found == names.end() ? 3u : 0u);
    return question.substr(0, 2) + number(flags) + number(1) + number(count) + "\0\0\0\0"s +
           question.substr(12, end + 5 - 12) + records;
  }
};

Zone shop() {
  Zone out;
  out.names["shop.example"] = {{DnsType::a, "\xc0\0\2\2"s},
                               {DnsType::a, "\xc0\0\2\1"s},
                               {DnsType::mx, number(20) + encoded("mx2.shop.example")},
                               {DnsType::mx, number(10) + "\3mx1\xc0\x0c"}};
  return out;
}

// By UDP in a thread; by TCP on the same port, where the answer is whole.
class NameServer {
 public:
  explicit NameServer(Zone zone)
      : zone_(std::move(zone)),
        tcp_([this](Server::tcp::socket& socket) { by_tcp(socket); }),
        socket_(context_, {asio::ip::make_address("127.0.0.1"), static_cast<unsigned short>(std::stoi(tcp_.port()))}),
        thread_([this] { serve(); }) {}
  ~NameServer() {
    stopping_ = true;
    asio::ip::udp::socket wake(context_, asio::ip::udp::v4());
    wake.send_to(asio::buffer("x", 1), socket_.local_endpoint());
    thread_.join();
  }
  std::string address() const { return "127.0.0.1:" + tcp_.port(); }

 private:
  void serve() {
    for (;;) {
      std::string question(1500, '\0');
      asio::ip::udp::endpoint from;
      question.resize(socket_.receive_from(asio::buffer(question), from));
      if (stopping_) return;
      socket_.send_to(asio::buffer("??"s + question.substr(2)), from);  // a stranger's answer
      socket_.send_to(asio::buffer(zone_.reply(question)), from);
    }
  }
  void by_tcp(Server::tcp::socket& socket) {
    unsigned char size[2];
    asio::read(socket, asio::buffer(size));
    std::string question(static_cast<std::size_t>(size[0] << 8 | size[1]), '\0');
    asio::read(socket, asio::buffer(question));
    auto whole = zone_;
    whole.bits = 0;
    auto reply = whole.reply(question);
    asio::write(socket, asio::buffer(number(static_cast<unsigned>(reply.size())) + reply));
  }

  Zone zone_;
  std::atomic<bool> stopping_ = false;
  asio::io_context context_;
  Server tcp_;
  asio::ip::udp::socket socket_;
  std::thread thread_;
};

struct Silent {
  asio::io_context context;
  asio::ip::udp::socket socket{context, {asio::ip::make_address("127.0.0.1"), 0}};
  std::string address() const { return "127.0.0.1:" + std::to_string(socket.local_endpoint().port()); }
};

struct Real {
  NameServer served{shop()};
  Silent nobody;
  Names port;
  ports::Names& names() { return port; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return io::run(std::move(task));
  }
  std::string server() { return served.address(); }
  std::string silent() { return nobody.address(); }
};

struct Fake {
  providers::testing::FakeNames port;
  Fake() {
    port.zone["shop.example"] = {{DnsType::a, {"192.0.2.2", "192.0.2.1"}},
                                 {DnsType::mx, {"20 mx2.shop.example", "10 mx1.shop.example"}}};
    port.away.insert("silent");
  }
  ports::Names& names() { return port; }
  template <class T>
  Result<T> run(ports::Task<T> task) {
    return io::run(std::move(task));
  }
  std::string server() { return "192.0.2.53"; }
  std::string silent() { return "silent"; }
};

}  // namespace
}  // namespace davy::io

namespace davy::ports::testing {
INSTANTIATE_TYPED_TEST_SUITE_P(Real, NamesContract, io::Real);
INSTANTIATE_TYPED_TEST_SUITE_P(Fake, NamesContract, io::Fake);
}  // namespace davy::ports::testing

namespace davy::io {
namespace {

TEST(Names, WhatDoesNotFitComesByTcp) {
  auto zone = shop();
  zone.bits = 0x200;  // truncated
  NameServer server(zone);
  auto seen = run(Names().ask({.name = "shop.example", .server = server.address()}));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->values.size(), 2u);
}

TEST(Names, AServerThatFailsIsNoSuchNameOfNobodys) {
  auto zone = shop();
  zone.bits = 2;
  NameServer server(zone);
  auto seen = run(Names().ask({.name = "shop.example", .server = server.address()}));
  EXPECT_EQ(seen.error().code, Code::unavailable);
  EXPECT_THAT(seen.error().message, HasSubstr("SERVFAIL"));
}

TEST(Names, AsksTheMachinesServersInTurn) {
  NameServer server(shop());
  Scratch scratch;
  std::ofstream(scratch / "resolv.conf") << "search example\nnameserver 192.0.2.x\n";
  EXPECT_EQ(run(Names(scratch / "resolv.conf").ask({.name = "shop.example"})).error().code, Code::invalid);
  std::ofstream(scratch / "resolv.conf") << "# none\n";
  EXPECT_EQ(run(Names(scratch / "resolv.conf").ask({.name = "shop.example"})).error().code, Code::unavailable);
  Silent silent;
  std::ofstream(scratch / "resolv.conf") << "nameserver " << silent.address() << "\nnameserver " << server.address()
                                         << "\n";
  auto seen = run(Names(scratch / "resolv.conf").ask({.name = "shop.example", .timeout = 2s}));
  ASSERT_TRUE(seen) << seen.error().message;
  EXPECT_EQ(seen->values.size(), 2u);
}

DnsReply read(const std::vector<Record>& records, DnsType type) {
  Zone zone;
  zone.names["x"] = records;
  auto question = *dns_question(7, "x", type);
  auto reply = zone.reply(question);
  EXPECT_TRUE(dns_answers(reply, question));
  auto out = dns_reply(reply, type);
  EXPECT_TRUE(out) << out.error().message;
  return out.value_or(DnsReply{});
}

TEST(DnsMessage, ReadsWhatPeopleCheck) {
  auto six = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x01";
  EXPECT_THAT(read({{DnsType::aaaa, six}}, DnsType::aaaa).answer.values, ElementsAre("2001:db8::1"));
  EXPECT_THAT(read({{DnsType::txt, "\6v=spf1\5 -all"}}, DnsType::txt).answer.values, ElementsAre("v=spf1 -all"));
  EXPECT_THAT(read({{DnsType::cname, encoded("www.cdn.example")}}, DnsType::cname).answer.values,
              ElementsAre("www.cdn.example"));
  EXPECT_THAT(read({{DnsType::caa, "\0\5issueca.example"s}}, DnsType::caa).answer.values,
              ElementsAre("0 issue \"ca.example\""));
  EXPECT_THAT(
      read({{DnsType::srv, number(1) + number(2) + number(443) + encoded("a.example")}}, DnsType::srv).answer.values,
      ElementsAre("1 2 443 a.example"));
}

TEST(DnsMessage, EndsWhateverIsSent) {
  auto question = *dns_question(7, "x", DnsType::ns);
  Zone zone;
  zone.names["x"] = {{DnsType::ns, "\xc0\x1f"}, {DnsType::ns, encoded("a.example")}};  // a name that points to itself
  auto reply = zone.reply(question);
  auto read = dns_reply(reply, DnsType::ns);
  EXPECT_EQ(read.error().code, Code::invalid);
  zone.names["x"].erase(zone.names["x"].begin());
  reply = zone.reply(question);
  for (std::size_t cut = 0; cut < reply.size(); ++cut) {
    auto part = dns_reply(reply.substr(0, cut), DnsType::ns);
    EXPECT_TRUE(!part || part->answer.values.size() <= 1) << cut;
    for (int flip = 0; flip < 8; ++flip) {
      auto broken = reply;
      broken[cut] = static_cast<char>(broken[cut] ^ (1 << flip));
      (void)dns_reply(broken, DnsType::ns);
    }
  }
}

TEST(DnsMessage, AsksForNoNameThatCannotBe) {
  EXPECT_FALSE(dns_question(1, std::string(64, 'a') + ".example", DnsType::a));
  EXPECT_FALSE(dns_question(1, ".", DnsType::a));
  EXPECT_TRUE(dns_question(1, "example.", DnsType::a));
}

}  // namespace
}  // namespace davy::io
