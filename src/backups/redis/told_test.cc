#include "backups/redis/told.h"

#include <gmock/gmock.h>

namespace davy::backups {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::literals;

constexpr const char* kInfo =
    "# Server\r\nredis_version:7.0.15\r\n# Persistence\r\nloading:0\r\nrdb_bgsave_in_progress:1\r\n"
    "aof_rewrite_in_progress:0\r\n# "
    "Memory\r\nused_memory:900\r\nused_memory_dataset:700\r\nmaxmemory:4000\r\nnumber_of_functions:2\r\n"
    "# Replication\r\nrole:master\r\nmaster_replid:43947ec1\r\nmaster_repl_offset:303\r\n"
    "# Cluster\r\ncluster_enabled:0\r\n# Keyspace\r\n"
    "db0:keys=206727,expires=500,avg_ttl=3043\r\ndb11:keys=1,expires=0,avg_ttl=0\r\n";

RedisTold told(std::string text = kInfo) {
  auto out = redis_told(text);
  EXPECT_TRUE(out);
  return out.value_or(RedisTold{});
}

TEST(RedisTold, IsReadFromInfo) {
  auto now = told();
  EXPECT_EQ(now.replication, "43947ec1");
  EXPECT_EQ(now.offset, 303);
  EXPECT_EQ(now.memory, 700);
  EXPECT_EQ(now.most, 4000);
  EXPECT_EQ(now.functions, 2);
  EXPECT_TRUE(now.saves);
  ASSERT_EQ(now.databases.size(), 2u);
  EXPECT_EQ(now.databases[0].keys, 206727);
  EXPECT_EQ(now.databases[0].expiring, 500);
  EXPECT_EQ(now.databases[1].index, 11);
  EXPECT_FALSE(redis_told("PONG"));
}

TEST(RedisTold, WhatCannotBeCopiedExactlyIsNot) {
  auto now = told();
  EXPECT_FALSE(not_copied(now));
  auto with = [&](auto change) {
    auto other = now;
    change(other);
    auto why = not_copied(other);
    return why ? why->message : "";
  };
  EXPECT_THAT(with([](auto& t) { t.version = "6.0.16"; }), HasSubstr("cannot hold writes alone"));
  EXPECT_EQ(with([](auto& t) { t.version = "6.2.0"; }), "");
  EXPECT_EQ(with([](auto& t) { t.version = "10.0"; }), "");
  EXPECT_THAT(with([](auto& t) { t.version = "?"; }), HasSubstr("cannot hold writes alone"));
  EXPECT_THAT(with([](auto& t) { t.role = "slave"; }), HasSubstr("a replica"));
  EXPECT_THAT(with([](auto& t) { t.cluster = true; }), HasSubstr("one node of a cluster"));
  EXPECT_THAT(with([](auto& t) { t.loading = true; }), HasSubstr("still loading"));
}

TEST(RedisTold, DifferencesNameTheDatabase) {
  auto now = told();
  EXPECT_THAT(differences(now.databases, 2, now), IsEmpty());
  auto fewer = now;
  fewer.databases[0].keys = 7, fewer.databases[0].expiring = 0, fewer.databases.pop_back();
  EXPECT_THAT(differences(now.databases, 3, fewer),
              ElementsAre("database 0 has 7 keys, and had 206727", "of database 0 0 keys expire, and 500 did",
                          "database 11 has 0 keys, and had 1", "there are 2 functions, and were 3"));
  EXPECT_THAT(differences({}, 2, now),
              ElementsAre("database 0 has 206727 keys, and had 0", "of database 0 500 keys expire, and 0 did",
                          "database 11 has 1 keys, and had 0"));
}

TEST(RedisDump, BeginsBehindItsSize) {
  auto begins = [](std::string_view text) { return dump_begins(text, "cache:6379"); };
  for (auto part : {""sv, "\n"sv, "\n\n$2687"sv, "$1\r"sv}) EXPECT_FALSE(begins(part).value()) << part;
  auto whole = begins("\n\n$2687111\r\nREDIS");
  ASSERT_TRUE(whole && *whole);
  EXPECT_EQ((*whole)->skip, 12u);
  EXPECT_EQ((*whole)->bytes, 2687111);
  auto refused = begins("-NOPERM this user has no permissions to run the 'sync' command\r\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::refused);
  EXPECT_THAT(refused.error().message, HasSubstr("'sync'"));
  for (auto wrong : {"$EOF:0123456789012345678901234567890123456789\r\n"sv, "+OK\r\n"sv, "$-1\r\n"sv})
    EXPECT_FALSE(begins(wrong)) << wrong;
  EXPECT_FALSE(begins(std::string(100'000, '\n')));
}

TEST(RedisDump, TellsInItsHeadOfWhichMomentItIs) {
  auto head =
      "REDIS0010\xfa\x09redis-ver\x06"
      "7.0.15\xfa\x0aredis-bits\xc0\x40\xfa\x05"
      "ctime\xc2\x54\x60\x0c\x6b"
      "\xfa\x07repl-id\x28"
      "43947ec1814bd003dbc59288bbf54627912fb37b\xfa\x0brepl-offset\xc1\x2f\x01\xfe\x00 and data"s;
  auto notes = dump_notes(head);
  ASSERT_TRUE(notes);
  EXPECT_EQ((*notes)["redis-ver"], "7.0.15");
  EXPECT_EQ((*notes)["redis-bits"], "64");
  EXPECT_EQ((*notes)["repl-id"], "43947ec1814bd003dbc59288bbf54627912fb37b");
  EXPECT_EQ((*notes)["repl-offset"], "303");
  for (std::size_t size = 9; size < head.size(); ++size) EXPECT_TRUE(dump_notes(head.substr(0, size))) << size;
  for (auto none : {""s, "REDIS00"s, "RUBIS0010"s, "REDISabcd\xfa"s}) EXPECT_FALSE(dump_notes(none)) << none;
}

TEST(RedisDump, LargeAndNegativeNumbersOfItsHeadAreRead) {
  auto notes = dump_notes(
      "REDIS0010\xfa\x01"
      "a\xc0\xff\xfa\x01"
      "b\xc2\xff\xff\xff\x7f\xfa\x01"
      "c\x41\x00"s +
      std::string(256, 'x'));
  ASSERT_TRUE(notes);
  EXPECT_EQ((*notes)["a"], "-1");
  EXPECT_EQ((*notes)["b"], "2147483647");
  EXPECT_EQ((*notes)["c"].size(), 256u);
}

}  // namespace
}  // namespace davy::backups
