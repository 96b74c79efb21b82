#include "providers/probe/net/listen.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr const char* kTable =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 19771 1 0 100 0 0 10 "
    "0\n"
    "   1: 0100007F:1538 0100007F:9C40 01 00000000:00000000 00:00000000 00000000   105        0 19772 1 0 100 0 0 10 "
    "0\n"
    "   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 19773 1 0 100 0 0 10 "
    "0\n";
constexpr const char* kTable6 =
    "   0: B80D0120000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0 0 0 0 0\n"
    "   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0 0 0 0 0\n";

TEST(ListenProbe, ReadsWhoListensAndNotWhoIsConnected) {
  EXPECT_THAT(listening(kTable, 5432), ElementsAre("127.0.0.1:5432"));
  EXPECT_THAT(listening(kTable, 80), ElementsAre("0.0.0.0:80"));
  EXPECT_THAT(listening(kTable, 81), ElementsAre());
  EXPECT_THAT(listening(kTable6, 80), ElementsAre("[2001:db8:0:0:0:0:0:1]:80", "[::]:80"));
}

TEST(ListenProbe, SaysThatNobodyDoes) {
  auto seen = observed({.port = 81}, {});
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "nobody listens on port 81");
  EXPECT_THAT(seen.unwell, ElementsAre("count"));
}

TEST(ListenProbe, FindsARealSocket) {
  asio::io_context io;
  asio::ip::tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  World world;
  auto port = acceptor.local_endpoint().port();
  auto seen = run(perform(ListenProbe{.port = port}, world.outside, {}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_EQ(seen->words["value"], "127.0.0.1:" + std::to_string(port));
}

}  // namespace
}  // namespace davy::providers
