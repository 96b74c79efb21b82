#include "providers/signal/mongo/mongo.h"

#include <gmock/gmock.h>

#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::AllOf;
using ::testing::HasSubstr;

// A server that answers each command by its name.
struct Answers {
  std::map<std::string, Result<std::string>> by_name;
  Result<std::string> operator()(const ports::MongoRequest& r) const {
    auto found = by_name.find(spec::parse_json(r.command)->begin().key());
    if (found == by_name.end()) return fail(Code::invalid, "no such command (CommandNotFound)");
    return found->second;
  }
};
std::string status(int reads, int uptime = 100, const char* more = "") {
  return R"({"host":"db1","pid":7,"uptime":)" + std::to_string(uptime) +
         R"(,"connections":{"current":5,"available":95,"active":1},"opLatencies":{"reads":{"ops":)" +
         std::to_string(reads) + R"(,"latency":)" + std::to_string(reads * 2000) + "}}" + more + ",\"ok\":1}";
}
const auto kRefused = fail(Code::refused, "not authorized on admin (Unauthorized)");
const char* const kSizes = R"({"storageSize":100,"indexSize":20,"ok":1})";

spec::Value map(std::string_view json) { return spec::from_json(*spec::parse_json(json)); }
MongoCommand command(std::string_view json) { return {map(json)}; }

TEST(MongoSource, TellsWhatTheServerSaysOfItself) {
  World world;
  world.mongo.answer = Answers{{{"serverStatus", status(100)}, {"dbStats", kSizes}}};
  Watched signal(world.outside, "mongo", R"({"mongo": "$MONGO_URL", "database": "shop", "ca": "/ca.pem"})");
  auto first = signal.look();
  EXPECT_EQ(number(first, "connections"), 5);
  EXPECT_EQ(number(first, "size"), 120);
  EXPECT_EQ(number(first, "lag"), std::nullopt);
  EXPECT_EQ(state(first, ""), "up");
  EXPECT_EQ(state(first, "role"), "standalone");
  EXPECT_FALSE(first.states.contains("warning"));
  ASSERT_EQ(world.mongo.asked.size(), 2u) << "nobody asks for a set where there is none";
  EXPECT_EQ(world.mongo.asked[0].url, "$MONGO_URL");
  EXPECT_EQ(world.mongo.asked[0].database, "admin");
  EXPECT_EQ(world.mongo.asked[0].ca, "/ca.pem");
  EXPECT_EQ(world.mongo.asked[1].database, "shop");
  world.clock.time += 10s;
  world.mongo.answer = Answers{{{"serverStatus", status(120, 110)}, {"dbStats", kSizes}}};
  auto w = signal.look();
  EXPECT_DOUBLE_EQ(*number(w, "query_rate"), 2);
  EXPECT_DOUBLE_EQ(*number(w, "query_mean"), .002);
  EXPECT_EQ(w.length(), 10s);
}

TEST(MongoSource, AsksASetHowFarItIs) {
  World world;
  world.mongo.answer = Answers{{{"serverStatus", status(1, 1, R"(,"repl":{"setName":"a","secondary":true})")},
                                {"dbStats", kSizes},
                                {"replSetGetStatus",
                                 R"({"members":[{"state":1,"optimeDate":{"$date":"2026-01-01T00:00:09Z"}},
            {"state":2,"self":true,"optimeDate":{"$date":"2026-01-01T00:00:02Z"}}]})"}}};
  auto w = Watched(world.outside, "mongo", R"({"mongo": "m"})").look();
  EXPECT_EQ(number(w, "lag"), 7);
  EXPECT_EQ(state(w, "role"), "secondary");
}

TEST(MongoSource, AsksThePlansOwn) {
  World world;
  world.mongo.answer = Answers{{{"serverStatus", status(1)},
                                {"dbStats", kSizes},
                                {"count", R"({"n":12,"ok":1})"},
                                {"aggregate", R"({"cursor":{"id":0,"firstBatch":[{"_id":"1","wait":250},
                                                  {"_id":"2","wait":{"$numberDecimal":"1.5"}}]}})"}}};
  Watched signal(world.outside, "mongo",
                 R"({"mongo": "m", "query": {"count": "orders"},
                     "queries": {"waits": "{ aggregate: jobs, pipeline: [] }"}, "unit": {"waits": "ms"}})");
  auto w = signal.look();
  EXPECT_EQ(number(w, ""), 12);
  EXPECT_EQ(state(w, ""), "up");
  EXPECT_EQ(number(w, "waits", "1"), .25);
  EXPECT_DOUBLE_EQ(*number(w, "waits", "2"), .0015);
  EXPECT_THAT(world.mongo.asked.back().command, HasSubstr(R"("maxTimeMS":)"));
  Watched by_path(world.outside, "mongo",
                  R"({"mongo": "m", "query": {"serverStatus": 1}, "json": "connections.available"})");
  EXPECT_EQ(number(by_path.look(), ""), 95);
  Watched nowhere(world.outside, "mongo", R"({"mongo": "m", "query": {"serverStatus": 1}, "json": "a.b"})");
  EXPECT_THAT(nowhere.try_look().error().message, HasSubstr("no `a.b` in the answer"));
}

TEST(MongoSource, SaysWhatItMayNotReadAndGoesOn) {
  World world;
  world.mongo.answer = Answers{{{"serverStatus", kRefused}, {"ping", R"({"ok":1})"}, {"count", R"({"n":3})"}}};
  Watched signal(world.outside, "mongo", R"({"mongo": "m", "queries": {"open": {"count": "orders"}}})");
  auto w = signal.look();
  EXPECT_EQ(state(w, ""), "up");
  EXPECT_THAT(state(w, "warning"), HasSubstr("not authorized on admin"));
  EXPECT_EQ(number(w, "open"), 3);
  EXPECT_EQ(number(w, "connections"), std::nullopt) << "not 0";
  world.mongo.answer = Answers{{{"serverStatus", status(1)}, {"dbStats", kRefused}, {"count", R"({"n":3})"}}};
  w = signal.look();
  EXPECT_EQ(number(w, "connections"), 5);
  EXPECT_EQ(number(w, "size"), std::nullopt);
  EXPECT_THAT(state(w, "warning"), HasSubstr("not authorized"));
  world.mongo.answer = Answers{{{"serverStatus", kRefused}, {"ping", kRefused}}};
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("away since")) << "it is let in nowhere";
}

TEST(MongoSource, CountsOverAllTheTimeInWhichItWasNotTold) {
  World world;
  auto told = [](int reads, int uptime) {
    return Answers{{{"serverStatus", status(reads, uptime)}, {"dbStats", kSizes}}};
  };
  world.mongo.answer = told(100, 100);
  Watched signal(world.outside, "mongo", R"({"mongo": "m"})");
  signal.look();
  world.clock.time += 10s;
  world.mongo.answer = Answers{{{"serverStatus", kRefused}, {"ping", R"({"ok":1})"}}};
  signal.look();
  world.clock.time += 10s;
  world.mongo.answer = told(140, 120);
  EXPECT_DOUBLE_EQ(*number(signal.look(), "query_rate"), 2) << "40 in 20 s";
}

TEST(MongoSource, IsAwayWithTheServer) {
  World world;
  world.mongo.away = {"m"};
  Watched signal(world.outside, "mongo", R"({"mongo": "m"})");
  EXPECT_THAT(signal.try_look().error().message, HasSubstr("refused; away since"));
  world.outside.mongo = nullptr;
  EXPECT_EQ(signal.try_look().error().code, Code::unavailable);
}

TEST(MongoProbe, PingsOrAsksWhatThePlanSays) {
  World world;
  auto well = run(perform(MongoProbe{.url = "m"}, world.outside, {}));
  ASSERT_TRUE(well) << because(well);
  EXPECT_TRUE(well->ok);
  EXPECT_EQ(world.mongo.asked[0].command, R"({"ping":1})");
  EXPECT_EQ(world.mongo.asked.size(), 1u) << "of itself it says only what is expected";
  world.mongo.answer = Answers{{{"count", R"({"n":42,"ok":1})"}}};
  auto seen = run(perform(MongoProbe{.url = "m", .query = command(R"({"count":"orders"})")}, world.outside, {}));
  EXPECT_EQ(seen->numbers["value"], 42);
  EXPECT_THAT(seen->says, ::testing::StartsWith("42 in "));
  auto wrong = run(perform(MongoProbe{.url = "m", .query = command(R"({"drop":"orders"})")}, world.outside, {}));
  EXPECT_EQ(wrong.error().code, Code::invalid);
  EXPECT_EQ(world.mongo.asked.size(), 2u) << "nothing that writes is sent";
}

TEST(MongoProbe, FindsWhatItsQueryFinds) {
  spec::Measure ms{"ms", spec::Unit::seconds, 0.001};
  auto seen = [&](const char* query, std::string answer, std::string path = "") {
    return observed(MongoProbe{.url = "m", .query = command(query), .json = path, .unit = ms}, answer, 1ms);
  };
  auto find = R"({"find":"a"})";
  EXPECT_EQ(seen(find, R"({"cursor":{"id":0,"firstBatch":[{"wait":250}]}})").numbers["value"], .25);
  auto nothing = seen(find, R"({"cursor":{"id":0,"firstBatch":[]}})");
  EXPECT_FALSE(nothing.ok);
  EXPECT_THAT(nothing.says, HasSubstr("0 documents"));
  EXPECT_FALSE(seen(find, R"({"cursor":{"id":0,"firstBatch":[{"_id":1,"n":1},{"_id":2,"n":1}]}})").ok);
  EXPECT_FALSE(seen(find, "broken").ok);
  auto list =
      seen(R"({"listCollections":1})", R"({"cursor":{"firstBatch":[{"name":"a"},{"name":"b"}]}})", "cursor.firstBatch");
  EXPECT_EQ(list.numbers["count"], 2);
  EXPECT_FALSE(seen(find, R"({"cursor":{}})", "cursor.none").ok);
  EXPECT_TRUE(seen(R"({"hello":1})", R"({"ok":1})").ok) << "well is an answer";
}

TEST(MongoProbe, AsksTheServerOfItselfOnlyWhereThatIsExpected) {
  World world;
  world.mongo.answer = Answers{{{"ping", R"({"ok":1})"}, {"serverStatus", status(200)}, {"dbStats", kSizes}}};
  auto seen = run(perform(MongoProbe{.url = "m"}, world.outside, {.wants = {"query_mean"}}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_DOUBLE_EQ(seen->numbers["query_mean"], .002);
  EXPECT_DOUBLE_EQ(seen->numbers["query_rate"], 2) << "of its whole life";
  EXPECT_EQ(seen->words["role"], "standalone");
  EXPECT_FALSE(seen->numbers.contains("size")) << "which nobody expects";
  EXPECT_EQ(run(perform(MongoProbe{.url = "m"}, world.outside, {.wants = {"size"}}))->numbers["size"], 120);
  world.mongo.answer = Answers{{{"ping", R"({"ok":1})"}, {"serverStatus", kRefused}}};
  auto refused = run(perform(MongoProbe{.url = "m"}, world.outside, {.wants = {"connections"}}));
  EXPECT_EQ(refused.error().code, Code::refused);
}

std::vector<std::string> mistakes(const char* port, std::string_view json) {
  static const auto registry = all_providers();
  spec::Diagnostics d;
  EXPECT_EQ(registry.vocabulary().find(port, "mongo")->check(map(json), d), d.empty()) << json;
  std::vector<std::string> out;
  for (auto& one : d.sorted()) out.push_back(one.found);
  return out;
}

TEST(MongoOptions, FitTogether) {
  using ::testing::ElementsAre;
  using ::testing::IsEmpty;
  EXPECT_THAT(mistakes("probe", R"({"mongo":"m"})"), IsEmpty());
  EXPECT_THAT(mistakes("probe", R"({"mongo":"m","query":{"dbStats":1},"json":"objects"})"), IsEmpty());
  EXPECT_THAT(mistakes("probe", R"({"mongo":"m","json":"objects"})"), ElementsAre("`json` without `query`"));
  EXPECT_THAT(mistakes("probe", R"({"mongo":"m","query":5})"), ElementsAre("`5`"));
  EXPECT_THAT(mistakes("probe", R"({"mongo":"m","query":{"drop":"a"}})"), ElementsAre("the command `drop`"));
  EXPECT_THAT(mistakes("signal", R"({"mongo":"m","queries":{"open":{"count":"a"}}})"), IsEmpty());
  EXPECT_THAT(mistakes("signal", R"({"mongo":"m","query":{"dbStats":1},"json":"objects"})"), IsEmpty());
  EXPECT_THAT(mistakes("signal", R"({"mongo":"m","query":{"dbStats":1}})"),
              ElementsAre("a command whose answer has no number of its own"));
  EXPECT_THAT(mistakes("signal", R"({"mongo":"m","queries":{"size":{"count":"a"}}})"),
              ElementsAre("a query called `size`, which MongoDB says itself"));
  EXPECT_THAT(mistakes("signal", R"({"mongo":"m","queries":{"a":{"insert":"a"},"b":{"ping":1}}})"),
              ElementsAre("the command `insert`", "a command whose answer has no number of its own"));
}

}  // namespace
}  // namespace davy::providers
