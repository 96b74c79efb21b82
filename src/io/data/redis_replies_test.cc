#include "io/data/redis_replies.h"

#include <gmock/gmock.h>

namespace davy::io {
namespace {

using testing::HasSubstr;
using Kind = RedisReply::Kind;

Result<std::optional<RedisReply>> first_of(std::string_view text) {
  RedisReplies replies;
  if (auto fed = replies.feed(text); !fed) return std::unexpected(fed.error());
  return replies.next();
}

TEST(RedisReplies, AreRead) {
  auto one = [](std::string_view text) { return **first_of(text); };
  EXPECT_EQ(one("+OK\r\n").text, "OK");
  EXPECT_EQ(one("-ERR no\r\n").kind, Kind::error);
  EXPECT_EQ(one("-ERR no\r\n").text, "ERR no");
  EXPECT_EQ(one(":-42\r\n").text, "-42");
  EXPECT_EQ(one("$5\r\na\r\nbc\r\n").text, "a\r\nbc");
  EXPECT_EQ(one("$-1\r\n").kind, Kind::none);
  EXPECT_EQ(one("*-1\r\n").kind, Kind::none);
}

TEST(RedisReplies, OfListsKeepNothingButTheirEnd) {
  RedisReplies replies;
  replies.feed("*2\r\n+a\r\n*3\r\n:1\r\n-no\r\n$-1\r\n+next\r\n");
  EXPECT_EQ((**replies.next()).kind, Kind::list);
  EXPECT_EQ((**replies.next()).text, "next");
  EXPECT_EQ(*replies.next(), std::nullopt);
}

TEST(RedisReplies, AreWaitedForUntilTheyAreWhole) {
  std::string_view whole = "*3\r\n$3\r\nabc\r\n:5\r\n*1\r\n+x\r\n";
  RedisReplies by_byte;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(*by_byte.next(), std::nullopt) << n;
    by_byte.feed(whole.substr(n, 1));
  }
  EXPECT_EQ((**by_byte.next()).kind, Kind::list);
}

TEST(RedisReplies, ThatAreNoneAreRefused) {
  for (auto wrong : {"HTTP/1.1 400\r\n", "$x\r\n", "$-2\r\n", "*99999999999\r\n", "$99999999999999999999\r\n", ":\r\n",
                     ":1x\r\n", "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n+x\r\n"})
    EXPECT_EQ(first_of(wrong).error().code, Code::invalid) << wrong;
}

TEST(RedisReplies, TakeNoMemoryForWhatIsOnlyPromised) {
  RedisReplies replies;
  replies.feed("*2147483647\r\n");
  EXPECT_EQ(*replies.next(), std::nullopt);
  std::string items;
  for (int i = 0; i < 1000; ++i) items += "*2147483647\r\n";
  replies.feed(items);
  EXPECT_EQ(replies.next().error().code, Code::invalid) << "lists in lists without end";
}

TEST(RedisReplies, AreBoundedInAllThatIsRead) {
  std::string block(64 * 1024, 'x');
  for (std::string begin : {"+", "$2000000000\r\n", "*2000000000\r\n$65534\r\n"}) {
    RedisReplies replies;
    replies.feed(begin);
    std::size_t taken = 0;
    Result<> fed;
    while ((fed = replies.feed(block)) && replies.next()) taken += block.size();
    EXPECT_LE(taken, RedisReplies::kMost) << begin;
  }
  RedisReplies replies;
  std::string many;
  while (many.size() < 64 * 1024) many += ":1\r\n";
  Result<> fed;
  while ((fed = replies.feed(many))) continue;
  EXPECT_THAT(fed.error().message, HasSubstr("larger than 4 MiB"));
}

TEST(RedisCommands, AreArraysOfBulks) {
  EXPECT_EQ(redis_command({"AUTH", "a b\r\n"}), "*2\r\n$4\r\nAUTH\r\n$5\r\na b\r\n\r\n");
}

}  // namespace
}  // namespace davy::io
