// Dialogues over a server of the test's own.
#include "io/net/dialer.h"

#include <gmock/gmock.h>

#include "io/net/net_testing.h"

namespace davy::io {
namespace {

using ::testing::ElementsAre;

// Says each of these, one after each line that it hears; then closes, or stays.
struct Host {
  enum class Then { closes, stays };
  asio::io_context context;
  asio::ip::tcp::acceptor acceptor{context, {asio::ip::make_address("127.0.0.1"), 0}};
  std::vector<std::string> heard;
  std::thread thread;

  Host(std::vector<std::string> says, Then then) {
    thread = std::thread([this, says = std::move(says), then] {
      boost::system::error_code error;
      asio::ip::tcp::socket socket(context);
      acceptor.accept(socket, error);
      std::string in;
      for (std::size_t i = 0; i < says.size() && !error; ++i) {
        if (i > 0) {
          auto size = asio::read_until(socket, asio::dynamic_buffer(in), "\n", error);
          heard.push_back(in.substr(0, size)), in.erase(0, size);
        }
        asio::write(socket, asio::buffer(says[i]), error);
      }
      char end = 0;
      if (then == Then::stays) socket.read_some(asio::buffer(&end, 1), error);
    });
  }
  ~Host() { thread.join(); }
  std::string address() { return "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()); }
};

Result<ports::Dialogue> talk(const std::string& address, std::vector<ports::Turn> turns,
                             Duration timeout = std::chrono::seconds(20)) {
  asio::io_context context;
  Dialer dialer;
  return Going(context, dialer.talk(address, std::move(turns), timeout)).get();
}

TEST(Talks, GoTurnByTurn) {
  Host host({"220 mail ES", "250-size\r\n250 ok\r\n"}, Host::Then::stays);
  auto seen = talk(host.address(), {{"", "220 "}, {"EHLO davy\r\n", "250 ok"}, {"", "\r\n"}});
  ASSERT_TRUE(seen) << to_string(seen.error());
  EXPECT_TRUE(seen->whole);
  EXPECT_THAT(seen->heard, ElementsAre("220 ", "mail ES250-size\r\n250 ok", "\r\n"))
      << "what came behind what was awaited is the next turn's";
}

TEST(Talks, ThatEndTooEarlyAreNotWhole) {
  Host host({"220 mail\r\n", "500 no\r\n"}, Host::Then::closes);
  auto seen = talk(host.address(), {{"", "220 mail\r\n"}, {"EHLO davy\r\n", "250 "}});
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->whole);
  EXPECT_THAT(seen->heard, ElementsAre("220 mail\r\n", "500 no\r\n"));
}

TEST(Talks, WaitNoLongerThanTheirTimeAndTellWhatWasHeard) {
  Host host({"220 mail\r\n"}, Host::Then::stays);
  auto seen = talk(host.address(), {{"", "220 mail\r\n"}, {"", "never"}}, std::chrono::milliseconds(300));
  ASSERT_TRUE(seen) << "it answered, and was not well";
  EXPECT_FALSE(seen->whole);
  EXPECT_THAT(seen->heard, ElementsAre("220 mail\r\n", ""));
}

TEST(Talks, HearNoMoreThanTheirBound) {
  Host host({std::string(300'000, 'x') + "end\n"}, Host::Then::closes);
  auto seen = talk(host.address(), {{"", "end"}});
  ASSERT_TRUE(seen);
  EXPECT_FALSE(seen->whole);
  EXPECT_EQ(seen->heard.at(0).size(), 65'536u);
}

TEST(Talks, WithNobodyAreErrors) {
  asio::io_context context;
  asio::ip::tcp::acceptor gone(context, {asio::ip::make_address("127.0.0.1"), 0});
  auto address = "127.0.0.1:" + std::to_string(gone.local_endpoint().port());
  gone.close();
  auto seen = talk(address, {{"", "x"}});
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::unavailable);
}

}  // namespace
}  // namespace davy::io
