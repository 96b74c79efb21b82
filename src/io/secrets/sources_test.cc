#include "io/secrets/sources.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Sources : ::testing::Test {
  Scratch scratch;
  run::Runbook book;
  Secrets secrets;
  Sources() {
    book.setup.directory = scratch.path();
    book.setup.variables["environment"] = "production";
  }
  void from(run::SecretSource source) {
    book.secrets.push_back(source.name);
    book.setup.secrets.push_back(std::move(source));
  }
  std::string file(const std::string& name, const std::string& text, mode_t mode = 0600) const {
    std::ofstream(scratch / name) << text;
    ::chmod((scratch / name).c_str(), mode);
    return name;
  }
  std::string value(const std::string& name) const { return std::string(secrets.reveal({name}).value_or("none")); }
  std::string why(Duration within = 20s) {
    auto taken = take_secrets(secrets, book, within);
    return taken ? "" : taken.error().message;
  }
};

TEST_F(Sources, ACommandPrintsTheValueInThePlansFolderForTheEnvironment) {
  file("vault", "jwt of ");
  from({.name = "JWT", .command = "cat vault; echo \"$environment\"; echo a warning >&2"});
  from({.name = "TWO_LINES", .command = "printf 'a\\nb\\n'"});
  EXPECT_EQ(why(), "");
  EXPECT_EQ(value("JWT"), "jwt of production");
  EXPECT_EQ(value("TWO_LINES"), "a\nb");
}

TEST_F(Sources, OneThatFailsIsToldWithWhatItSaidLastAndNotWithWhatItPrinted) {
  from({.name = "JWT", .command = "echo half a secret; echo 'permission denied' >&2; exit 2"});
  auto said = why();
  EXPECT_THAT(said, HasSubstr("the secret JWT from `echo half"));
  EXPECT_THAT(said, HasSubstr("exit 2: permission denied"));
  EXPECT_EQ(value("JWT"), "none");
}

TEST_F(Sources, OneThatDoesNotEndIsEndedWithAllThatItBegan) {
  from({.name = "JWT", .command = "(sleep 600; echo > late) & echo $! > child; sleep 600"});
  EXPECT_THAT(why(300ms), HasSubstr("no answer within 300ms"));
  auto child = static_cast<pid_t>(std::atoi(slurp(scratch / "child").c_str()));
  ASSERT_GT(child, 0);
  EXPECT_TRUE(eventually([&] { return ::kill(child, 0) != 0; }));
}

TEST_F(Sources, EndlessOutputIsNoSecret) {
  from({.name = "JWT", .command = "yes"});
  EXPECT_THAT(why(), HasSubstr("the secret JWT"));
  EXPECT_EQ(value("JWT"), "none");
}

TEST_F(Sources, NothingIsNoSecretEither) {
  from({.name = "JWT", .command = "true"});
  EXPECT_THAT(why(), HasSubstr("there is nothing in it"));
}

TEST_F(Sources, SlowOnesAreAskedSideBySide) {
  for (auto name : {"A", "B", "C", "D"})  // each waits until all of them have begun
    from({.name = name,
          .command = "touch begun.$$; while [ $(ls | grep -c begun) -lt 4 ]; do sleep 0.01; done; echo x"});
  EXPECT_EQ(why(), "");
}

TEST_F(Sources, AFileHoldsItForItsOwnerAlone) {
  from({.name = "KEY", .file = file("key", "line 1\nline 2\n")});
  EXPECT_EQ(why(), "");
  EXPECT_EQ(value("KEY"), "line 1\nline 2");
  from({.name = "OPEN", .file = file("open", "x", 0644)});
  EXPECT_THAT(why(), HasSubstr("can be read by others"));
}

TEST_F(Sources, ACredentialOfSystemd) {
  from({.name = "KEY", .credential = "shop-key"});
  ::unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_THAT(why(), HasSubstr("$CREDENTIALS_DIRECTORY is not set"));
  file("shop-key", "value\n", 0400);
  ::setenv("CREDENTIALS_DIRECTORY", scratch.path().c_str(), 1);
  EXPECT_EQ(why(), "");
  EXPECT_EQ(value("KEY"), "value");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST_F(Sources, WhatThePlanSaysWinsOverTheEnvironmentAndThatOverTheFile) {
  ::setenv("DAVY_SOURCES_A", "environment", 1);
  ::setenv("DAVY_SOURCES_B", "environment", 1);
  from({.name = "DAVY_SOURCES_A", .command = "echo plan"});
  book.secrets.insert(book.secrets.end(), {"DAVY_SOURCES_B", "DAVY_SOURCES_C"});
  book.setup.env_file = scratch / file("env", "DAVY_SOURCES_A=file\nDAVY_SOURCES_B=file\nDAVY_SOURCES_C=file\n");
  EXPECT_EQ(why(), "");
  EXPECT_EQ(value("DAVY_SOURCES_A"), "plan");
  EXPECT_EQ(value("DAVY_SOURCES_B"), "environment");
  EXPECT_EQ(value("DAVY_SOURCES_C"), "file");
  book.secrets.push_back("DAVY_SOURCES_D");
  EXPECT_THAT(why(), HasSubstr("secrets are not set: DAVY_SOURCES_D"));
}

TEST_F(Sources, ASecretOfAnotherSourceIsNotInTheEnvironmentOfACommand) {
  from({.name = "FIRST", .command = "echo one"});
  from({.name = "SECOND", .command = "echo \"${FIRST-none}\""});
  EXPECT_EQ(why(), "");
  EXPECT_EQ(value("SECOND"), "none");
  EXPECT_THAT(value("FIRST"), Not(HasSubstr("none")));
}

}  // namespace
}  // namespace davy::io
