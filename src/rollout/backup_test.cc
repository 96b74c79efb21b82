#include <gmock/gmock.h>

#include "plan/words/words_testing.h"
#include "rollout/rollout.h"

namespace davy::rollout {
namespace {

constexpr std::string_view kPlan = R"(
davy: 1
secrets: [DATABASE_URL]
services:
  shop: { command: ./start, stop: ./stop, status: ./status }
environments: { production: { url: http://shop.local }, staging: { url: http://shop.local } }
signals: { database: { postgres: $DATABASE_URL }, cache: { redis: "redis://localhost" } }
rollout:
  - stop
  - { backup: database, into: /copies, keep: 14, prove: [restore, contents], only-in: production }
  - { backup: ~/app/, into: /copies, keep: 36h, prove: restore }
  - { backup: cache, into: /copies, keep: 3, prove: restore }
  - { backup: database, into: /others, format: plain, only-in: production }
  - migrate: ./up
    undo: { restore: database }
    only-in: ENVIRONMENTS
  - start
)";

Result<run::Runbook> expanded(const std::string& environment, const std::string& migrated = "production") {
  std::string text(kPlan);
  text.replace(text.find("ENVIRONMENTS"), 12, migrated);
  auto parsed = plan::parse(text, plan::words::vocabulary());
  EXPECT_TRUE(parsed.mistakes.empty());
  return expand(parsed.plan, {environment, "2", "r", {{"shop", {"2", "shop@2"}, {"1", "shop@1"}}}});
}

const run::Step& step(const run::Runbook& book, std::string_view path) {
  auto it = std::ranges::find_if(book.steps, [&](auto& s) { return s.path.ends_with(path); });
  EXPECT_NE(it, book.steps.end()) << path;
  return it == book.steps.end() ? book.steps.front() : *it;
}

std::string arguments(const run::Call& call) { return spec::to_json(call.args).dump(); }

TEST(Backup, IsAStepThatChangesNothingAndMayBeRepeated) {
  auto book = expanded("production");
  ASSERT_TRUE(book) << book.error().message;
  auto& database = step(*book, "/backup database");
  EXPECT_EQ(database.call.port, "backup");
  EXPECT_EQ(database.call.name, "postgres");
  EXPECT_EQ(arguments(database.call),
            R"({"name":"database","into":"/copies","format":"custom","keep-copies":14,"prove":1,"contents":1})");
  EXPECT_FALSE(database.changes());
  EXPECT_TRUE(database.repeatable);
  auto& files = step(*book, "/backup app");
  EXPECT_EQ(files.call.name, "files");
  EXPECT_EQ(arguments(files.call), R"({"name":"~/app/","into":"/copies","keep-days":2,"prove":1})");
}

TEST(Backup, OfARedisIsTheWorkOfItsKind) {
  auto book = expanded("production");
  ASSERT_TRUE(book) << book.error().message;
  auto& cache = step(*book, "/backup cache");
  EXPECT_EQ(cache.call.name, "redis");
  EXPECT_EQ(arguments(cache.call), R"({"name":"cache","into":"/copies","keep-copies":3,"prove":1})");
}

TEST(Backup, AnUndoRestoresTheNewestOfThatNameBeforeIt) {
  auto book = expanded("production");
  ASSERT_TRUE(book) << book.error().message;
  auto& migrate = step(*book, "/migrate/./up");
  EXPECT_EQ(migrate.undo.kind, run::UndoKind::loses);
  EXPECT_EQ(arguments(migrate.undo.call), R"({"name":"database","into":"/others","step":"rollout/backup database 2"})");
}

TEST(Backup, AnUndoThatHasNoneInThisEnvironmentIsRefused) {
  EXPECT_TRUE(expanded("staging"));
  auto book = expanded("staging", "[production, staging]");
  ASSERT_FALSE(book);
  EXPECT_THAT(book.error().message, testing::HasSubstr("no `- backup: database` before it"));
}

}  // namespace
}  // namespace davy::rollout
