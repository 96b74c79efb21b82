#include "backups/tool/child.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "backups/backups_testing.h"

namespace davy::backups {
namespace {

using testing::HasSubstr;
using testing::Not;

// Mail, cards: what a server quotes of a row goes into no record.
TEST(Child, WhatItSaysOfRowsIsNotRepeated) {
  auto said = output_of(
      {{"/bin/sh", "-c",
        "printf '%s\\n' 'pg_restore: error: COPY failed for table cards: ERROR:  bad' 'DETAIL:  Key (mail)=(ann) "
        "is there' 'CONTEXT:  COPY cards, line 1: \"4111\"' 'HINT:  look' >&2; exit 1"}});
  ASSERT_FALSE(said);
  EXPECT_THAT(said.error().message, HasSubstr("COPY failed for table cards: ERROR:  bad HINT:  look"));
  EXPECT_THAT(said.error().message, Not(HasSubstr("ann")));
  EXPECT_THAT(said.error().message, Not(HasSubstr("4111")));
}

// What a database's own functions could try, by a program that may do all of it where it is not confined.
constexpr const char* kTries = R"(
import os, socket, subprocess, sys
inside, outside, server = sys.argv[1:]
def tried(what, name):
    try:
        what()
        print(name)
    except OSError:
        pass
tried(lambda: open(inside + "/x", "w").write("x"), "wrote inside")
tried(lambda: open(outside + "/x", "w").write("x"), "wrote outside")
tried(lambda: os.symlink("/", outside + "/link"), "linked outside")
tried(lambda: subprocess.run(["/bin/sh", "-c", "exit 0"], check=True), "ran a shell")
tried(lambda: socket.socket(socket.AF_UNIX).connect(server), "connected")
tried(lambda: socket.socket().connect(("127.0.0.1", 1)), "connected far")
)";

struct Confinement : ::testing::Test {
  Folder folder;
  std::string python = std::filesystem::canonical("/usr/bin/python3").string();
  std::string tried(bool confined) {
    for (auto name : {"in", "out"}) std::filesystem::create_directories(folder.at(name));
    Tool tool{.argv = {"/usr/bin/python3", "-c", kTries, folder.at("in"), folder.at("out"), folder.at("nobody")}};
    if (confined) tool.confined = Confined{python, {folder.at("in")}};
    auto out = output_of(tool);
    EXPECT_TRUE(out) << out.error().message;
    return out.value_or("");
  }
};

TEST_F(Confinement, RunsNothingElseWritesNowhereElseAndAsksNobody) {
  if (!can_confine()) GTEST_SKIP() << "this kernel has no Landlock";
  EXPECT_EQ(tried(false), "wrote inside\nwrote outside\nlinked outside\nran a shell\n");
  std::filesystem::remove_all(folder.at("out"));
  EXPECT_EQ(tried(true), "wrote inside\n");
}

TEST_F(Confinement, WhoCannotBeConfinedDoesNotBegin) {
  Tool tool{.argv = {"/usr/bin/python3", "-c", ""}};
  tool.confined = Confined{python, {folder.at("is-not-there")}};
  EXPECT_FALSE(output_of(tool));
}

}  // namespace
}  // namespace davy::backups
