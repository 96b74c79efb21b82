#include "signals/systems/mongo_account.h"

#include <gtest/gtest.h>

#include "spec/json.h"

namespace davy::signals {
namespace {

using namespace std::chrono_literals;
using spec::Json;

const Time kBegin{1'700'000'000s};

// As a mongod prints it, cut down to what is read (and a little more).
Json status(double reads, double micros, double uptime = 100) {
  return *spec::parse_json(R"({"host":"db1:27017","version":"6.0.5","process":"mongod","pid":7,"uptime":)" +
                           std::to_string(static_cast<int>(uptime)) + R"(,"uptimeMillis":)" +
                           std::to_string(static_cast<int>(uptime * 1000)) +
                           R"(,"connections":{"current":5,"available":838855,"totalCreated":9,"active":2},
    "globalLock":{"currentQueue":{"total":3,"readers":1,"writers":2}},"mem":{"bits":64,"resident":64},
    "opLatencies":{"reads":{"latency":)" +
                           std::to_string(static_cast<long>(micros)) + R"(,"ops":)" +
                           std::to_string(static_cast<long>(reads)) + R"(},"writes":{"latency":1,"ops":1}},"ok":1.0})");
}
MongoFigures figures(const Json& j) {
  auto out = mongo_figures(spec::dump(j));
  EXPECT_TRUE(out) << out.error().message;
  return out.value_or(MongoFigures{});
}

TEST(MongoFigures, AreThoseOfTheServer) {
  auto f = figures(status(10, 2000));
  EXPECT_EQ(f.gauges, (std::map<std::string, double>{{"connections", 5},
                                                     {"connections_left", 838855},
                                                     {"active", 2},
                                                     {"queued", 3},
                                                     {"memory", 64 * 1024 * 1024},
                                                     {"uptime", 100}}));
  EXPECT_EQ(f.reads, 10);
  EXPECT_DOUBLE_EQ(*f.read_seconds, .002);
  EXPECT_EQ(f.role, "standalone");
  EXPECT_FALSE(f.in_set);
}

TEST(MongoFigures, LackWhatAServerDoesNotTell) {
  auto mongos =
      figures(*spec::parse_json(R"({"process":"mongos","uptime":4,"mem":"none","connections":{"current":"x"}})"));
  EXPECT_EQ(mongos.gauges, (std::map<std::string, double>{{"uptime", 4}}));
  EXPECT_EQ(mongos.role, "mongos");
  EXPECT_EQ(mongos.reads, std::nullopt);
  for (auto wrong : {"", "5", "[]", "{}", R"({"uptime":"x"})"})
    EXPECT_EQ(mongo_figures(wrong).error().code, Code::invalid) << wrong;
}

TEST(MongoFigures, NameTheRoleInTheSet) {
  auto role = [](const char* repl) {
    auto j = status(1, 1);
    j["repl"] = *spec::parse_json(repl);
    return figures(j).role;
  };
  EXPECT_EQ(role(R"({"setName":"a","isWritablePrimary":true})"), "primary");
  EXPECT_EQ(role(R"({"setName":"a","ismaster":true})"), "primary");
  EXPECT_EQ(role(R"({"setName":"a","ismaster":false,"secondary":true})"), "secondary");
  EXPECT_EQ(role(R"({"setName":"a","arbiterOnly":true})"), "other");
  EXPECT_EQ(role(R"({"isreplicaset":true})"), "other") << "a set that is not yet begun";
}

TEST(MongoSize, IsWhatDataAndIndexesTake) {
  EXPECT_EQ(mongo_size(R"({"db":"shop","dataSize":9000,"storageSize":4096,"indexSize":8192,"ok":1})"), 12288);
  for (auto wrong : {"", "{}", R"({"storageSize":1})", R"({"storageSize":"x","indexSize":1})"})
    EXPECT_EQ(mongo_size(wrong), std::nullopt) << wrong;
}

std::string set_of(std::initializer_list<std::string> members) {
  std::string out;
  for (auto& one : members) out += (out.empty() ? "" : ",") + one;
  return R"({"set":"rs0","members":[)" + out + "]}";
}
std::string member(int state, int second, bool self = false) {
  return "{\"state\":" + std::to_string(state) + (self ? ",\"self\":true" : "") +
         R"(,"optimeDate":{"$date":"2026-01-01T00:00:)" + (second < 10 ? "0" : "") + std::to_string(second) + "Z\"}}";
}

TEST(MongoLag, IsOnesOwnBehindThePrimaryOrTheWorstOfThoseThatFollow) {
  EXPECT_EQ(mongo_lag(set_of({member(1, 50, true), member(2, 48), member(2, 20)})), 30);
  EXPECT_EQ(mongo_lag(set_of({member(1, 50), member(2, 48, true), member(2, 20)})), 2);
  EXPECT_EQ(mongo_lag(set_of({member(1, 50, true), member(3, 10)})), 40) << "it recovers, and is behind";
  EXPECT_EQ(mongo_lag(set_of({member(1, 50, true), member(2, 59)})), 0) << "asked a moment later";
}

TEST(MongoLag, IsNotKnownWhereNobodyFollowsOrLeads) {
  auto never = R"({"state":2,"optimeDate":{"$date":"1970-01-01T00:00:00Z"}})";
  for (auto& none :
       {set_of({member(1, 50, true)}), set_of({member(2, 50, true), member(2, 40)}), set_of({}),
        set_of({member(1, 50, true), never}), set_of({member(1, 50, true), member(8, 10)}),
        set_of({member(1, 50), member(7, 10, true)}), set_of({"5", "{}"}), std::string("x"), std::string("{}")})
    EXPECT_EQ(mongo_lag(none), std::nullopt) << none;
}

TEST(MongoAccount, GivesGaugesAtOnceAndGrowthFromTheSecondLook) {
  MongoAccount account;
  auto first = account.look(figures(status(1000, 1e6)), kBegin, kBegin);
  EXPECT_EQ(first.numbers["connections"][""], 5);
  EXPECT_EQ(first.numbers["restarts"][""], 0);
  EXPECT_FALSE(first.numbers.contains("query_rate"));
  EXPECT_EQ(first.states[""][""], "up");
  EXPECT_EQ(first.states["role"][""], "standalone");
  auto w = account.look(figures(status(1040, 1.2e6, 110)), kBegin, kBegin + 10s);
  EXPECT_DOUBLE_EQ(w.numbers["query_rate"][""], 4);
  EXPECT_DOUBLE_EQ(w.numbers["query_mean"][""], .005);
  w = account.look(figures(status(1040, 1.2e6, 120)), kBegin + 10s, kBegin + 20s);
  EXPECT_DOUBLE_EQ(w.numbers["query_rate"][""], 0);
  EXPECT_FALSE(w.numbers.contains("query_mean")) << "nobody asked";
}

TEST(MongoAccount, SeesARestart) {
  auto restarts = [](Json second, Duration length) {
    MongoAccount account;
    account.look(figures(status(10, 1e6)), kBegin, kBegin);
    auto w = account.look(figures(second), kBegin, kBegin + length);
    EXPECT_EQ(w.numbers["query_rate"][""] * seconds(length), w.numbers["restarts"][""] > 0 ? 30 : 20);
    return w.numbers["restarts"][""];
  };
  auto other_pid = status(30, 2e6, 110);
  other_pid["pid"] = 8;
  EXPECT_EQ(restarts(status(30, 2e6, 110), 10s), 0);
  EXPECT_EQ(restarts(other_pid, 10s), 1);
  EXPECT_EQ(restarts(status(30, 2e6, 5), 10s), 1);
  EXPECT_EQ(restarts(status(30, 2e6, 200), 300s), 1) << "it ran longer than before, and not all the time since";
}

TEST(MongoAccount, CountsNothingOfAnotherServer) {
  MongoAccount account;
  auto other = status(5000, 9e6, 50);
  other["host"] = "db2:27017", other["pid"] = 9;
  account.look(figures(status(10, 1e6)), kBegin, kBegin);
  auto w = account.look(figures(other), kBegin, kBegin + 10s);
  EXPECT_FALSE(w.numbers.contains("query_rate"));
  EXPECT_EQ(w.numbers["restarts"][""], 0);
  other["opLatencies"]["reads"]["ops"] = 5010;
  other["uptimeMillis"] = 60'000;
  EXPECT_DOUBLE_EQ(account.look(figures(other), kBegin + 10s, kBegin + 20s).numbers["query_rate"][""], 1);
}

}  // namespace
}  // namespace davy::signals
