// The generator's account of real traffic: whatever happens, it adds up.
#include <gmock/gmock.h>

#include "generator.h"
#include "running_shop.h"

namespace load {
namespace {
using nlohmann::json;
using storefront::RunningShop;
using testing::HasSubstr;

Options towards(std::uint16_t port) {
  Options options;
  EXPECT_TRUE(aim("http://127.0.0.1:" + std::to_string(port), options));
  options.rate = 500;
  options.seconds = 0.4;  // 200 requests
  options.connections = 20;
  options.paths = {"/", "/api/orders"};
  return options;
}

json account(const Options& options, const std::function<void()>& meanwhile = [] {}) {
  const int stop = eventfd(0, EFD_CLOEXEC);
  Tally tally("");
  std::thread other(meanwhile);
  Generator(options, tally).run(stop);
  other.join();
  close(stop);
  return tally.summary();
}

void expect_that_it_adds_up(const json& a) {
  const auto n = [&](const char* key) { return a.at(key).get<int>(); };
  const auto& lost = a.at("lost");
  int by_version = 0, by_status = 0;
  for (const auto& v : a.at("versions")) by_version += v.at("requests").get<int>();
  for (const auto& s : a.at("statuses")) by_status += s.get<int>();
  EXPECT_EQ(n("requests"), n("answered") + lost.at("total").get<int>() + n("unsent") + n("abandoned")) << a;
  EXPECT_EQ(n("answered"), by_version) << a;
  EXPECT_EQ(n("answered"), by_status) << a;
  EXPECT_EQ(lost.at("total"), lost.at("refused").get<int>() + lost.at("reset").get<int>() +
                                  lost.at("timed_out").get<int>() + lost.at("garbled").get<int>());
}

TEST(Load, AccountsForEveryRequestOfAGoodVersion) {
  RunningShop shop("latency=1ms");
  auto options = towards(shop.port());
  options.post_share = 0.5;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("answered"), 200);
  EXPECT_EQ(a.at("versions").at("7").at("5xx"), 0);
  EXPECT_TRUE(a.at("versions").at("7").at("first_bad_s").is_null());
  EXPECT_GT(a.at("statuses").at("201"), 0);
  EXPECT_THAT(storefront::ask(shop.port(), "GET /metrics"), HasSubstr("path=\"/\",status=\"200\"} 100\n"));
}

TEST(Load, CountsBadAnswersByVersion) {
  RunningShop shop("fail-path=/api/orders latency=1ms");
  const auto a = account(towards(shop.port()));
  expect_that_it_adds_up(a);
  const auto& seven = a.at("versions").at("7");
  EXPECT_EQ(seven.at("bad_answers_served"), 100);
  EXPECT_LE(seven.at("first_bad_s"), seven.at("last_answer_s"));
}

TEST(Load, WithoutKeepAliveLosesNothing) {
  RunningShop shop("latency=1ms");
  auto options = towards(shop.port());
  options.keep_alive = false;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("answered"), 200);
}

TEST(Load, CallsAnAnswerThatNeverComesTimedOut) {
  RunningShop shop("hang=100%");
  auto options = towards(shop.port());
  options.connections = 300;
  options.timeout = 0.2;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("lost").at("timed_out"), 200);
}

TEST(Load, CallsWhatFoundNoConnectionUnsentInsteadOfLost) {
  RunningShop shop("hang=100%");
  auto options = towards(shop.port());
  options.connections = 1;
  options.timeout = 0.2;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_GT(a.at("unsent"), 100);
  EXPECT_GE(a.at("lost").at("timed_out"), 1);
}

TEST(Load, SeesThatNobodyListens) {
  const int held = *storefront::listen_on({});
  const auto port = storefront::port_of(held);
  close(held);
  const auto a = account(towards(port));
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("lost").at("refused"), 200);
}

TEST(Load, LosesNothingWhileItsServerDrains) {
  RunningShop shop("latency=1ms", std::chrono::milliseconds(300));
  const auto a = account(towards(shop.port()), [&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    shop.stop();
  });
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("answered"), 200);
  EXPECT_EQ(shop.join(), 0);
}

// A server that answers once per connection, says it keeps it, and closes it when the next request comes.
void answer_once_each(int listener, const std::string& answer) {
  for (int fd; (fd = accept(listener, nullptr, nullptr)) >= 0; close(fd)) {
    char block[4096];
    if (recv(fd, block, sizeof block, 0) <= 0) continue;
    (void)!send(fd, answer.data(), answer.size(), MSG_NOSIGNAL);
    (void)!recv(fd, block, 1, MSG_PEEK);
  }
}

struct Stub {
  explicit Stub(const std::string& answer) : fd(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in any{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any);
    listen(fd, 100);
    thread = std::thread([this, answer] { answer_once_each(fd, answer); });
  }
  ~Stub() {
    shutdown(fd, SHUT_RDWR);
    thread.join();
    close(fd);
  }
  int fd;
  std::thread thread;
};

TEST(Load, RepeatsOnceWhatAStaleConnectionSwallowed) {
  Stub stub("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  auto options = towards(storefront::port_of(stub.fd));
  options.connections = 1;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("answered"), 200);
  EXPECT_EQ(a.at("retries"), 199);
  EXPECT_EQ(a.at("versions").at("(none)").at("requests"), 200);
}

TEST(Load, TellsCleanMaintenanceFromErrors) {
  Stub stub("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n");
  auto options = towards(storefront::port_of(stub.fd));
  options.connections = 1;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("clean_503"), 200);
  EXPECT_EQ(a.at("versions").at("(none)").at("5xx"), 0);
}

TEST(Load, CallsHalfAnAnswerReset) {
  Stub stub("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  auto options = towards(storefront::port_of(stub.fd));
  options.connections = 1;
  options.timeout = 0.2;
  const auto a = account(options);
  expect_that_it_adds_up(a);
  EXPECT_EQ(a.at("answered"), 0);
}

TEST(Aim, IsForThisMachineOnly) {
  Options options;
  for (const auto* good : {"http://127.0.0.1:8080", "http://localhost:1/", "http://127.8.9.1"})
    EXPECT_TRUE(aim(good, options));
  for (const auto* bad : {"http://example.com", "http://10.0.0.1:80", "https://127.0.0.1", "http://127.0.0.1:0",
                          "http://127.0.0.1.example.com", "http://127.0.0.1:80x", "http://", "localhost:80"}) {
    const auto aimed = aim(bad, options);
    ASSERT_FALSE(aimed) << bad;
    EXPECT_THAT(davy::to_string(aimed.error()), HasSubstr("only to this machine"));
  }
}

AnswerReader read_byte_by_byte(const std::string& text, AnswerReader::Progress expected) {
  AnswerReader reader;
  auto progress = AnswerReader::Progress::more;
  for (std::size_t i = 0; i < text.size(); ++i) {
    EXPECT_EQ(progress, AnswerReader::Progress::more) << i;
    progress = reader.feed(text.substr(i, 1));
  }
  EXPECT_EQ(progress, expected);
  return reader;
}

TEST(Answers, AreReadAsTheirBytesArrive) {
  using enum AnswerReader::Progress;
  const auto sized = read_byte_by_byte(
      "HTTP/1.1 200 OK\r\nX-Version: 7\r\nSet-Cookie: SRV=davy1; path=/\r\ncontent-length: 2\r\n\r\nhi", complete);
  EXPECT_EQ(sized.answer().version, "7");
  EXPECT_THAT(sized.answer().cookies, testing::ElementsAre("SRV=davy1"));
  read_byte_by_byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\na\r\n0123456789\r\n0\r\n\r\n",
                    complete);
  EXPECT_TRUE(
      read_byte_by_byte("HTTP/1.1 503 No\r\nRetry-After: 3\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", complete)
          .answer()
          .close);
  auto open_ended = read_byte_by_byte("HTTP/1.0 200 OK\r\n\r\nhi", more);
  EXPECT_EQ(open_ended.at_end_of_stream(), complete);
  read_byte_by_byte("SSH-2.0-OpenSSH\r\n\r\n", bad);
}

}  // namespace
}  // namespace load
