#include "io/data/mongo_messages.h"

#include <gmock/gmock.h>

#include "io/data/mongo_testing.h"

namespace davy::io {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;

Result<std::optional<std::string>> first_of(std::string_view bytes) {
  MongoReplies replies;
  if (auto fed = replies.feed(bytes); !fed) return std::unexpected(fed.error());
  return replies.next(1);
}

// The document of a message that goes out, as JSON.
std::string sent(const MongoCommand& command) {
  auto message = mongo_message(7, command);
  EXPECT_TRUE(message) << message.error().message;
  return message ? json_of(std::string_view(*message).substr(21)) : "";
}

TEST(MongoMessages, AreOneDocumentWithItsDatabase) {
  EXPECT_EQ(*mongo_message(7, {R"({"ping":1})", "shop"}),
            "\x32\0\0\0\7\0\0\0\0\0\0\0\xdd\7\0\0\0\0\0\0\0"s + "\x1d\0\0\0\x10ping\0\1\0\0\0\2$db\0\5\0\0\0shop\0\0"s);
  EXPECT_EQ(sent({R"({"count":"a"})", "b", "secondary"}),
            R"({ "count" : "a", "$db" : "b", "$readPreference" : { "mode" : "secondary" } })");
}

TEST(MongoMessages, CarryQueriesAsTheyAreWritten) {
  for (std::string query :
       {R"({ "a" : { "$gt" : 5 } })", R"({ "a" : { "$regex" : "^x" } })", R"({ "a" : { "$type" : "string" } })",
        R"({ "a" : { "$type" : 2 } })", R"({ "a" : { "$in" : [ 1, 2.5, "x", null, true ] } })",
        R"({ "a" : { "$date" : "2026-01-02T03:04:05Z" } })", R"({ "_id" : { "$oid" : "5ca4bbcea2dd94ee58162a68" } })",
        R"({ "a" : 9007199254740993 })", R"({ "$expr" : { "$gt" : [ "$a", "$$NOW" ] } })",
        R"({ "a" : { "$options" : "i", "$regex" : "^x" } })", R"({ "a" : { "$regex" : "^x", "$ne" : "xy" } })",
        R"({ "a" : { "$ref" : "b", "$id" : 5 } })", R"({ "a" : { "$date" : 1, "$x" : 2 } })",
        R"({ "a" : -2147483649 })", R"({ "a" : [ { "b" : [  ] }, {  } ], "c" : "ü\u0000" })"})
    EXPECT_THAT(sent({"{\"count\":\"c\",\"query\":" + query + "}", "d"}), HasSubstr(query)) << query;
}

TEST(MongoMessages, AreNotMadeOfWhatIsNoCommand) {
  for (auto wrong : {"", "x", "{", "{}", "[]", "5", R"({"a":1,"$db":"b"})", R"({"a":{"$oid":"x"}})",
                     R"({"a":{"$date":"yesterday"}})", "{\"a\":\"\xff\"}", R"({"a\u0000b":1})"})
    EXPECT_EQ(mongo_message(1, {wrong, "d"}).error().code, Code::invalid) << wrong;
}

TEST(MongoReplies, AreRelaxedJson) {
  auto json = R"({"n":{"$numberLong":"5"},"at":{"$date":{"$numberLong":"1700000000123"}},"x":1.5,"t":"ü\u0001"})";
  EXPECT_EQ(**first_of(Message{.document = bson_of(json)}.bytes()),
            R"({ "n" : 5, "at" : { "$date" : "2023-11-14T22:13:20.123Z" }, "x" : 1.5, "t" : "ü\u0001" })");
}

TEST(MongoReplies, AreWaitedForUntilTheyAreWhole) {
  auto whole = Message{.document = bson_of(R"({"ok":1,"a":{"b":[1,2,{"c":null}]}})")}.bytes();
  MongoReplies by_byte;
  for (std::size_t n = 0; n < whole.size(); ++n) {
    auto seen = by_byte.next(1);
    ASSERT_TRUE(seen) << n << seen.error().message;
    EXPECT_EQ(*seen, std::nullopt) << n;
    by_byte.feed(std::string_view(whole).substr(n, 1));
  }
  EXPECT_THAT(**by_byte.next(1), HasSubstr("\"c\" : null"));
  EXPECT_EQ(*by_byte.next(2), std::nullopt);
}

TEST(MongoReplies, ThatAreNoneAreRefused) {
  auto good = bson_of(R"({"ok":1})");
  auto changed = [&](std::size_t at, char to) {
    auto out = good;
    out[at] = to;
    return out;
  };
  for (auto& wrong : std::vector<Message>{{.document = good, .answers = 2},
                                          {.document = good, .code = 1},
                                          {.document = good, .code = 2012},
                                          {.document = good, .flags = 1},
                                          {.document = good, .flags = 2},
                                          {.document = good, .kind = 1},
                                          {.document = good, .length = 20},
                                          {.document = good, .length = 0xffffffff},
                                          {.document = good, .length = 25},
                                          {.document = good + "x"},
                                          {.document = good.substr(0, 6)},
                                          {.document = changed(0, 9)},
                                          {.document = changed(3, '\x7f')},
                                          {.document = changed(4, '\x42')},
                                          {.document = changed(good.size() - 1, 'x')},
                                          {.document = "\5\0\0\0\0"s + "\5\0\0\0\0"s},
                                          {.document = "\x0f\0\0\0\2a\0\3\0\0\0\xff\xfe\0\0"s}})
    EXPECT_EQ(first_of(wrong.bytes()).error().code, Code::invalid) << testing::PrintToString(wrong.bytes());
  EXPECT_EQ(first_of("HTTP/1.1 400 Bad Request\r\n\r\n").error().code, Code::invalid);
}

TEST(MongoReplies, CutAnywhereAreNeverTakenForWhole) {
  auto whole = bson_of(R"({"a":{"b":[1,"x",{"$date":{"$numberLong":"1"}}]},"ok":1})");
  for (std::size_t n = 1; n < whole.size(); ++n) {
    auto seen = first_of(Message{.document = whole.substr(0, n)}.bytes());
    EXPECT_FALSE(seen) << n;
  }
}

std::string nested(int deep, char kind) {
  std::string out = "\5\0\0\0\0"s;
  for (int i = 0; i < deep; ++i) {
    auto inner = std::string(1, kind) + "a\0"s;
    if (kind == '\x0f') inner += little_endian(static_cast<std::uint32_t>(out.size() + 9)) + "\1\0\0\0\0"s;
    out = inner + out;
    out = little_endian(static_cast<std::uint32_t>(out.size() + 5)) + out + '\0';
  }
  return out;
}

TEST(MongoReplies, NestedWithoutEndDoNotEndTheStack) {
  for (char kind : {'\3', '\4', '\x0f'}) {
    EXPECT_TRUE(first_of(Message{.document = nested(80, kind)}.bytes())) << static_cast<int>(kind);
    for (int deep : {100, 2000}) {
      auto seen = first_of(Message{.document = nested(deep, kind)}.bytes());
      ASSERT_FALSE(seen) << deep;
      EXPECT_THAT(seen.error().message, HasSubstr("nested too deep"));
    }
  }
}

TEST(MongoReplies, AreBoundedInAllThatIsRead) {
  std::string block(64 * 1024, 'x');
  for (std::uint32_t length : {4u * 1024 * 1024, 5u * 1024 * 1024, 0x7fffffffu}) {
    MongoReplies replies;
    replies.feed(Message{.length = length}.bytes());
    std::size_t taken = 0;
    while (replies.next(1) && replies.feed(block)) taken += block.size();
    EXPECT_LE(taken, MongoReplies::kMost);
  }
  MongoReplies many;
  auto one = Message{.document = bson_of(R"({"ok":1})")}.bytes();
  std::size_t taken = 0;
  while (many.feed(one) && *many.next(1)) taken += one.size();
  EXPECT_LE(taken, MongoReplies::kMost);
  EXPECT_THAT(many.feed(one).error().message, HasSubstr("larger than 4 MiB"));
}

}  // namespace
}  // namespace davy::io
