// Against a stand-in of others, which speaks MongoDB's wire format: see README.md.
#include "providers/signal/mongo/mongo.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "real.h"
#include "source_dir.h"

namespace davy::real {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string text_of(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Mongo {
  TempDir dir;
  unsigned short port = free_port();
  std::vector<std::string> options;
  std::unique_ptr<Server> server;
  explicit Mongo(std::vector<std::string> more = {}) : options(std::move(more)) { start(); }
  void start() {
    std::vector<std::string> argv{"/usr/bin/python3", std::string(source_dir()) + "/tests/signals/mongo_server.py"};
    if (options.empty() || options[0] != "--socket") argv.insert(argv.end(), {"--port", std::to_string(port)});
    argv.insert(argv.end(), options.begin(), options.end());
    server = std::make_unique<Server>(argv, log());
  }
  std::string log() const { return dir.path + "/log"; }
  std::string url(const std::string& user = "new:open%20sesame@",
                  const std::string& rest = "/shop?authSource=admin") const {
    return "mongodb://" + user + "localhost:" + std::to_string(port) + rest;
  }
};

Result<std::string> ask(World& world, const std::string& url, const std::string& command = R"({"ping":1})") {
  return run(world.mongo.ask({.url = url, .command = command, .timeout = 20s}));
}
bool up(World& world, const std::string& url) {
  return eventually([&] { return ask(world, url).has_value(); });
}
constexpr const char* kPaid = R"({"count":"orders","query":{"state":"paid"}})";

TEST(StandInForMongo, LetsInByBothWaysOfScram) {
  World world;
  for (auto& options : {std::vector<std::string>{}, {"--long-login"}}) {
    Mongo mongo(options);
    ASSERT_TRUE(up(world, mongo.url(""))) << text_of(mongo.log());
    for (std::string user : {"new", "old"}) {
      auto answer = ask(world, mongo.url(user + ":open%20sesame@"), kPaid);
      ASSERT_TRUE(answer) << because(answer);
      EXPECT_THAT(*answer, HasSubstr("\"n\" : 42"));
    }
    EXPECT_TRUE(ask(world, mongo.url("new:open%20sesame@", "/?authMechanism=SCRAM-SHA-256"), kPaid));
  }
}

TEST(StandInForMongo, RefusesAWrongPasswordWithoutShowingIt) {
  World world;
  Mongo mongo;
  ASSERT_TRUE(up(world, mongo.url("")));
  world.secret("MONGO_URL", mongo.url("new:hunter2@"));
  world.secret("NOBODY_URL", mongo.url("somebody:hunter2@"));
  for (auto name : {"$MONGO_URL", "$NOBODY_URL"}) {
    auto wrong = run(perform(providers::MongoProbe{.url = name}, world.outside(), {}));
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error().code, Code::refused);
    EXPECT_THAT(to_string(wrong.error()),
                AllOf(HasSubstr("AuthenticationFailed"), Not(HasSubstr("hunter2")), Not(HasSubstr("somebody"))));
  }
  auto nobody = ask(world, mongo.url(""), kPaid);
  EXPECT_EQ(nobody.error().code, Code::refused) << "asked without a login";
  EXPECT_THAT(nobody.error().message, HasSubstr("not authorized on shop"));
}

TEST(StandInForMongo, TellsOfItselfAndComesBack) {
  World world;
  Mongo mongo({"--set", "rs0"});
  auto url = mongo.url("new:open%20sesame@", "/shop?authSource=admin&replicaSet=rs0");
  ASSERT_TRUE(up(world, url));
  world.secret("MONGO_URL", url);
  Watched signal(world.outside(), "mongo",
                 R"({"mongo": "$MONGO_URL", "queries": {"paid": "{ count: orders, query: { state: paid } }",
                     "total": {"aggregate": "orders", "pipeline": [{"$group": {"_id": "$version", "total": {"$sum": 1}}}]}}})");
  auto first = signal.look();
  EXPECT_EQ(number(first, "connections"), 5);
  EXPECT_EQ(number(first, "connections_left"), 838855);
  EXPECT_EQ(number(first, "queued"), 3);
  EXPECT_EQ(number(first, "memory"), 64 * 1024 * 1024);
  EXPECT_EQ(number(first, "size"), 12288);
  EXPECT_EQ(number(first, "lag"), 4);
  EXPECT_EQ(number(first, "uptime"), 101);
  EXPECT_EQ(number(first, "paid"), 42);
  EXPECT_EQ(number(first, "total", "1.4"), 10.5);
  EXPECT_EQ(number(first, "total", "1.5"), 3);
  EXPECT_EQ(state(first, "role"), "primary");
  EXPECT_EQ(number(first, "query_mean"), std::nullopt);
  auto second = signal.look();
  EXPECT_DOUBLE_EQ(*number(second, "query_mean"), .002);
  EXPECT_GT(*number(second, "query_rate"), 0);
  EXPECT_EQ(number(second, "restarts"), 0);

  mongo.server->stop(SIGKILL);
  auto gone = signal.try_look();
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Code::unavailable);
  EXPECT_THAT(gone.error().message, HasSubstr("away since"));
  mongo.start();
  ASSERT_TRUE(up(world, url));
  EXPECT_EQ(number(signal.look(), "restarts"), 1);
  EXPECT_EQ(ask(world, mongo.url("new:open%20sesame@", "/?replicaSet=rs1")).error().code, Code::invalid);
}

TEST(StandInForMongo, TellsAUserOfTheApplicationWhatItMay) {
  World world;
  Mongo mongo;
  ASSERT_TRUE(up(world, mongo.url("")));
  Watched signal(world.outside(), "mongo",
                 "{\"mongo\": \"" + mongo.url("app:open%20sesame@") + "\", \"query\": {\"count\": \"orders\"}}");
  auto w = signal.look();
  EXPECT_EQ(number(w, ""), 50);
  EXPECT_EQ(state(w, ""), "up");
  EXPECT_EQ(number(w, "connections"), std::nullopt);
  EXPECT_THAT(state(w, "warning"), HasSubstr("not authorized on admin to execute command serverStatus"));
}

TEST(StandInForMongo, GetsItsCursorBack) {
  World world;
  Mongo mongo;
  ASSERT_TRUE(up(world, mongo.url("")));
  providers::MongoProbe probe{.url = mongo.url(), .query = providers::MongoCommand{spec::text("{ find: orders }")}};
  auto seen = run(perform(probe, world.outside(), {}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_THAT(seen->says, HasSubstr("more than 2 documents"));
  EXPECT_THAT(text_of(mongo.log()), HasSubstr("killed orders True Int64"));
}

TEST(StandInForMongo, IsReachedOverAUnixSocket) {
  World world;
  TempDir dir;
  auto path = dir.path + "/mongodb.sock";
  Mongo mongo({"--socket", path});
  auto url = "mongodb://new:open%20sesame@" + percent_encoded(path) + "/shop?authSource=admin";
  ASSERT_TRUE(up(world, url)) << because(ask(world, url)) << text_of(mongo.log());
  EXPECT_THAT(*ask(world, url, kPaid), HasSubstr("\"n\" : 42"));
}

}  // namespace
}  // namespace davy::real
