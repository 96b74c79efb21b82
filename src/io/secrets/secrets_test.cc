#include "io/secrets/secrets.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::HasSubstr;

std::string env_file(const Scratch& scratch, const std::string& text, mode_t mode = 0600) {
  auto path = scratch / "env";
  std::ofstream(path) << text;
  ::chmod(path.c_str(), mode);
  return path;
}

TEST(Secrets, ReadsTheNamesItWasGivenFromAFile) {
  Scratch scratch;
  auto path = env_file(scratch,
                       "# a comment\nA=plain # not this\nexport B='it is $B'\nC=\"with \\\"quotes\\\" and\\nlines\"\n"
                       "D=\nOTHER=no\n E = spaced \nnonsense\nF=a=b#c\n");
  Secrets secrets;
  ASSERT_TRUE(secrets.add_file(path, {"A", "B", "C", "D", "E", "F", "G"}));
  EXPECT_EQ(secrets.reveal({"A"}), "plain");
  EXPECT_EQ(secrets.reveal({"B"}), "it is $B");
  EXPECT_EQ(secrets.reveal({"C"}), "with \"quotes\" and\nlines");
  EXPECT_EQ(secrets.reveal({"D"}), "");
  EXPECT_EQ(secrets.reveal({"E"}), "spaced");
  EXPECT_EQ(secrets.reveal({"F"}), "a=b#c");
  EXPECT_FALSE(secrets.has("OTHER"));
  EXPECT_EQ(secrets.missing({"A", "G"}), std::vector<std::string>{"G"});
  EXPECT_THAT(secrets.reveal({"G"}).error().message, HasSubstr("G has no value"));
}

TEST(Secrets, RefusesAFileThatOthersMayRead) {
  Scratch scratch;
  Secrets secrets;
  for (mode_t mode : {0640, 0644, 0604, 0660}) {
    auto path = env_file(scratch, "A=1\n", mode);
    auto added = secrets.add_file(path, {"A"});
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, Code::refused);
    EXPECT_EQ(added.error().hint, "chmod 600 " + path);
  }
  EXPECT_TRUE(secrets.add_file(env_file(scratch, "A=1\n", 0400), {"A"}));
  EXPECT_EQ(secrets.add_file(scratch / "none", {"A"}).error().code, Code::invalid);
}

TEST(Secrets, EnvironmentWinsOverFiles) {
  Scratch scratch;
  ::setenv("DAVY_IO_TEST_SECRET", "from the environment", 1);
  Secrets secrets;
  secrets.add_environment({"DAVY_IO_TEST_SECRET", "DAVY_IO_TEST_NONE"});
  ASSERT_TRUE(secrets.add_file(env_file(scratch, "DAVY_IO_TEST_SECRET=from the file\n"), {"DAVY_IO_TEST_SECRET"}));
  EXPECT_EQ(secrets.reveal({"DAVY_IO_TEST_SECRET"}), "from the environment");
  EXPECT_FALSE(secrets.has("DAVY_IO_TEST_NONE"));
  ::unsetenv("DAVY_IO_TEST_SECRET");
}

struct SecretWorld : World {
  static constexpr const char* kValue = "hunter2/hunter2+\"x";
  SecretWorld() {
    auto path = env_file(scratch, std::string("TOKEN='") + kValue + "'\n");
    EXPECT_TRUE(secrets.add_file(path, {"TOKEN"}));
    std::filesystem::remove(path);
  }
  // Every file below the scratch folder that holds the value.
  std::vector<std::string> files_with_value() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch.path()))
      if (entry.is_regular_file() && slurp(entry.path()).contains(kValue)) found.push_back(entry.path());
    return found;
  }
};

std::vector<std::string> command_lines_with(const std::string& value) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc"))
    if (auto line = slurp(entry.path() / "cmdline"); line.contains(value)) found.push_back(line);
  return found;
}

TEST(SecretsOfCommands, ReachThemAndNothingElse) {
  SecretWorld world;
  auto spec = World::sh(
      "echo ${#PASSWORD}; printf '%s' \"$PASSWORD\" | cut -c1-9; printf 'hunter2/'; sleep 0.3; printf 'hunter2+\"x\\n';"
      "printf '%s' \"user:$PASSWORD\" | base64; sleep 0.3; env");
  spec.secret_env["PASSWORD"] = {"TOKEN"};
  auto call = world.going(world.client->launch("1", spec));
  ASSERT_TRUE(world.has_begun("1"));
  EXPECT_TRUE(command_lines_with(SecretWorld::kValue).empty());
  auto end = call.get();
  ASSERT_TRUE(end);
  EXPECT_THAT(end->output, HasSubstr("18\n"));
  EXPECT_THAT(end->output, HasSubstr("[TOKEN]\n"));
  EXPECT_THAT(end->output, HasSubstr("PASSWORD=[TOKEN]\n"));
  EXPECT_FALSE(end->output.contains(SecretWorld::kValue));
  EXPECT_FALSE(end->output.contains("aHVudGVyMi9"));  // "hunter2/" at one of its alignments
  EXPECT_EQ(world.files_with_value(), std::vector<std::string>{});
}

TEST(SecretsOfCommands, AreMaskedAlsoWhereTheyWereNotAskedFor) {
  SecretWorld world;
  auto spec = World::sh("echo \"$LEAK\"");
  spec.env["LEAK"] = SecretWorld::kValue;
  EXPECT_EQ(world.run(world.client->launch("1", spec))->output, "[TOKEN]\n");
}

TEST(SecretsOfCommands, MustHaveAValue) {
  SecretWorld world;
  auto spec = World::sh("true");
  spec.secret_env["X"] = {"NO_SUCH"};
  EXPECT_EQ(world.run(world.client->launch("1", spec)).error().code, Code::invalid);
  EXPECT_FALSE(world.run(world.client->find("1")).value());
}

TEST(SecretsOfCommands, AreNotWrittenWhenAKeeperIsKilled) {
  SecretWorld world;
  auto spec = World::sh("sleep 0.3; echo $PASSWORD; sleep 0.3; echo $PASSWORD");
  spec.secret_env["PASSWORD"] = {"TOKEN"};
  auto call = world.going(world.client->launch("1", spec));
  ASSERT_TRUE(world.has_begun("1"));
  world.end_keeper();
  auto end = call.get();
  ASSERT_TRUE(end);
  EXPECT_FALSE(end->output.contains("hunter2"));
  EXPECT_EQ(world.files_with_value(), std::vector<std::string>{});
}

TEST(SecretsOfInstances, ReachThemAndNothingElse) {
  SecretWorld world;
  ports::InstanceSpec spec{.argv = {"/bin/sh", "-c", "echo ${#PASSWORD}; exec sleep 600"}};
  spec.secret_env["PASSWORD"] = {"TOKEN"};
  auto state = world.run(world.client->start("a", spec));
  ASSERT_TRUE(state);
  EXPECT_TRUE(eventually([&] { return slurp(state->log_path) == "18\n"; }));
  EXPECT_TRUE(command_lines_with(SecretWorld::kValue).empty());
  EXPECT_EQ(world.files_with_value(), std::vector<std::string>{});
  EXPECT_TRUE(world.run(world.client->stop("a", 5s)));
}

}  // namespace
}  // namespace davy::io
