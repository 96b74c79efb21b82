#include "engine/migrations/child.h"

#include <gmock/gmock.h>

namespace davy::engine {
namespace {

using ::testing::ElementsAre;

run::Call call(std::string_view args) {
  return {"command", "migrations", "up", spec::from_json(*spec::parse_json(args))};
}

const ports::Asking kAsking{
    .key = "a7", .variables = {{"version", "2"}}, .secrets = {{"TOKEN", SecretRef{"TOKEN"}}}, .directory = "/srv/shop"};

TEST(MigrationChild, IsToldTheDatabaseByItsEnvironmentAlone) {
  auto spec =
      migration_child(kAsking, call(R"({"database": "$DATABASE_URL", "lock-timeout": "2s"})"), {"up", "--run", "r"});
  EXPECT_THAT(spec.argv, ElementsAre("/proc/self/exe", "work", "migrate", "up", "--run", "r", "--lock-timeout", "2s"));
  EXPECT_EQ(spec.secret_env.at("DAVY_DATABASE").name, "DATABASE_URL");
  EXPECT_EQ(spec.secret_env.at("TOKEN").name, "TOKEN");
  EXPECT_FALSE(spec.env.contains("DAVY_DATABASE"));
  EXPECT_EQ(spec.cwd, "/srv/shop");
}

TEST(MigrationChild, TakesAnAddressThatIsNoSecretAsItStands) {
  auto spec =
      migration_child(kAsking, call(R"({"database": "postgres://localhost/shop", "cwd": "backend"})"), {"status"});
  EXPECT_EQ(spec.env.at("DAVY_DATABASE"), "postgres://localhost/shop");
  EXPECT_FALSE(spec.secret_env.contains("DAVY_DATABASE"));
  EXPECT_EQ(spec.cwd, "/srv/shop/backend");
  EXPECT_EQ(spec.argv.back(), "500ms");
}

}  // namespace
}  // namespace davy::engine
