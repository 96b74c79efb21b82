#include "providers/signal/mongo/mongo_query.h"

#include <gmock/gmock.h>

namespace davy::providers {
namespace {

using spec::Json;
using testing::HasSubstr;

Json json(std::string_view text) { return *spec::parse_json(text); }
spec::Value map(std::string_view text) { return spec::from_json(json(text)); }

TEST(MongoQueries, AreMapsOrTexts) {
  auto paid = R"({"count":"orders","query":{"n":{"$gt":5},"x":1.5,"paid":true,"tag":"7","none":null}})";
  EXPECT_EQ(mongo_query(map(paid))->dump(), paid);
  for (auto text :
       {std::string(paid),
        std::string("{ count: orders, query: { n: { $gt: 5 }, x: 1.5, paid: true, tag: '7', none: null } }"),
        std::string("count: orders\nquery:\n  n: { $gt: 5 }\n  x: 1.5\n  paid: true\n  tag: \"7\"\n  none: ~\n")})
    EXPECT_EQ(mongo_query(spec::text(text))->dump(), paid) << text;
}

TEST(MongoQueries, OnlyRead) {
  for (auto good : {"{ ping: 1 }", "{ aggregate: a, pipeline: [ { $match: { x: $out } }, { $count: n } ] }",
                    "{ aggregate: 1, pipeline: [ { $currentOp: {} } ] }", "{ find: a, filter: { out: 1 } }",
                    "{ replSetGetStatus: 1 }", "{ distinct: a, key: b }"})
    EXPECT_TRUE(mongo_query(spec::text(good))) << good;
  for (auto wrong : {"",
                     "5",
                     "orders",
                     "[ count ]",
                     "{}",
                     "{ drop: orders }",
                     "{ insert: a, documents: [] }",
                     "{ Count: orders }",
                     "{ query: { a: 1 }, count: orders }",
                     "{ eval: x }",
                     "{ mapReduce: a }",
                     "{ getMore: 5, collection: a }",
                     "{ count: a, $db: b }",
                     "{ find: a, $readPreference: { mode: secondary } }",
                     "{ aggregate: a, pipeline: [ { $out: b } ] }",
                     "{ aggregate: a, pipeline: [ { $merge: { into: b } } ] }",
                     "{ aggregate: a, pipeline: [ { $facet: { x: [ { $out: b } ] } } ] }",
                     "{ count: a",
                     "{ count: a } }",
                     "&a [ *a ]"})
    EXPECT_EQ(mongo_query(spec::text(wrong)).error().code, Code::invalid) << wrong;
  EXPECT_FALSE(mongo_query(spec::text("{ count: " + std::string(70'000, 'a') + " }")));
  EXPECT_FALSE(mongo_query({}));
}

TEST(MongoQueries, AreNotSpelledOutWithoutEnd) {
  std::string bomb = "count: a\na: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    bomb += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i) bomb += std::string(i ? "," : "") + "*" + static_cast<char>(c - 1);
    bomb += "]\n";
  }
  EXPECT_FALSE(mongo_query(spec::text(bomb)));
  EXPECT_FALSE(mongo_query(spec::text("{ count: " + std::string(30'000, '['))));
}

std::vector<std::string> mistakes(const spec::Value& v) {
  spec::Diagnostics d;
  EXPECT_EQ(check_mongo_query(v, d), d.empty());
  std::vector<std::string> out;
  for (auto& one : d.sorted()) out.push_back(one.found + "; " + one.expected + "; " + one.nearest);
  return out;
}

TEST(MongoQueries, SayWhatIsWrongWithThem) {
  EXPECT_THAT(mistakes(map(R"({"cuont":"orders"})")).at(0), HasSubstr("the command `cuont`; one that only reads:"));
  EXPECT_THAT(mistakes(map(R"({"cuont":"orders"})")).at(0), testing::EndsWith("; count"));
  EXPECT_THAT(mistakes(spec::text("orders")).at(0), HasSubstr("no command of MongoDB"));
  EXPECT_THAT(mistakes(map(R"({"aggregate":"a","pipeline":[{"$out":"b"}]})")).at(0),
              HasSubstr("a pipeline that writes"));
  auto unquoted = map(R"({"count":"a","query":{"price":{"$gt":"1.50"}}})");
  EXPECT_THAT(mistakes(unquoted).at(0),
              HasSubstr("`1.50`, which is a text as it is written; 1.5, or the text in quotes"));
  auto& price =
      std::get<spec::Map>(std::get<spec::Map>(std::get<spec::Map>(unquoted.is)[1].value.is)[0].value.is)[0].value;
  price.quoted = true;
  EXPECT_TRUE(mistakes(unquoted).empty());
  EXPECT_TRUE(mistakes(map(R"({"count":"a","query":{"price":1.5,"at":"2026-01-01","name":"nan"}})")).empty());
}

TEST(MongoQueries, EndAtTheServerWithUs) {
  using namespace std::chrono_literals;
  EXPECT_EQ(sent(json(R"({"count":"a"})"), 2s), R"({"count":"a","maxTimeMS":2000})");
  EXPECT_EQ(sent(json(R"({"count":"a","maxTimeMS":5})"), 2s), R"({"count":"a","maxTimeMS":5})");
  EXPECT_EQ(sent(json(R"({"find":"a"})"), 1ns), R"({"find":"a","maxTimeMS":1,"batchSize":1000})");
  EXPECT_EQ(sent(json(R"({"aggregate":"a","pipeline":[]})"), 1s),
            R"({"aggregate":"a","pipeline":[],"maxTimeMS":1000,"cursor":{"batchSize":1000}})");
  EXPECT_EQ(sent(json(R"({"serverStatus":1})"), 1s), R"({"serverStatus":1})");
}

TEST(MongoAnswers, ArePlainJson) {
  EXPECT_EQ(plain(json(R"({"a":{"$numberDecimal":"1.50"},"b":[{"$numberLong":"7"}],"c":{"$oid":"ab"},
                           "d":{"$date":"2026-01-01T00:00:00Z"},"e":{"$numberDecimal":"x"},"f":{"$numberDouble":"NaN"}})"))
                .dump(),
            R"({"a":1.5,"b":[7.0],"c":"ab","d":"2026-01-01T00:00:00Z","e":{"$numberDecimal":"x"},)"
            R"("f":{"$numberDouble":"NaN"}})");
}

std::string numbers(std::string_view query, std::string_view answer) {
  auto found = numbers_in(json(query), json(answer));
  if (!found) return found.error().message;
  std::string out;
  for (auto& one : *found) out += one.label + "=" + std::to_string(static_cast<int>(one.value)) + " ";
  return out;
}

TEST(MongoAnswers, HaveTheirNumbers) {
  EXPECT_EQ(numbers(R"({"count":"a"})", R"({"n":42,"ok":1})"), "=42 ");
  EXPECT_EQ(numbers(R"({"distinct":"a"})", R"({"values":["x","y"],"ok":1})"), "=2 ");
  auto cursor = [](std::string batch, int id = 0) {
    return numbers(R"({"aggregate":"a"})",
                   R"({"cursor":{"id":)" + std::to_string(id) + R"(,"firstBatch":)" + batch + "}}");
  };
  EXPECT_EQ(cursor("[]"), "");
  EXPECT_EQ(cursor(R"([{"n":5}])"), "=5 ");
  EXPECT_EQ(cursor(R"([{"_id":null,"n":5}])"), "=5 ");
  EXPECT_EQ(cursor(R"([{"_id":"1.4","n":5,"name":"x"},{"_id":15,"n":6}])"), "1.4=5 15=6 ");
  EXPECT_THAT(cursor(R"([{"_id":7}])"), HasSubstr("no one number"));
  EXPECT_THAT(cursor(R"([{"a":1,"b":2}])"), HasSubstr("no one number"));
  EXPECT_THAT(cursor(R"([5])"), HasSubstr("no one number"));
  EXPECT_THAT(cursor(R"([{"n":5},{"n":6}])"), HasSubstr("two documents of ``"));
  EXPECT_THAT(cursor(R"([{"n":5}])", 9), HasSubstr("more than 1 documents"));
  EXPECT_THAT(cursor("5"), HasSubstr("no documents"));
  for (auto strange : {"{}", "[]", "5", R"({"n":"x"})", R"({"values":5})", R"({"cursor":5})"})
    for (auto query : {R"({"count":"a"})", R"({"distinct":"a"})", R"({"find":"a"})", R"({"dbStats":1})"})
      EXPECT_THAT(numbers(query, strange), HasSubstr("no number of its own")) << query << strange;
}

}  // namespace
}  // namespace davy::providers
