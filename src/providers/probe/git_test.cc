#include "providers/probe/git.h"

#include <gmock/gmock.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;

// As git 2.39 prints it.
constexpr const char* kClean =
    "# branch.oid 53976ba0c9e2f0a7a9a3a9f4d2b4f2d0c1a2b3c4\n"
    "# branch.head main\n# branch.upstream origin/main\n# branch.ab +0 -3\n";
constexpr const char* kChanged =
    "1 .M N... 100644 100644 100644 3b18e5 3b18e5 README.md\n"
    "2 R. N... 100644 100644 100644 3b18e5 3b18e5 R100 new\told\n? notes.txt\n";

Result<ports::Observation> saw(std::string output, int code = 0) {
  return observed({.folder = "/srv/shop"}, {.exit_code = code, .output = std::move(output)});
}

TEST(GitProbe, SeesWhereItStands) {
  auto seen = saw(kClean);
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->says, "main at 53976ba0c9e2");
  EXPECT_EQ(seen->numbers["behind"], 3);
  EXPECT_EQ(seen->words["branch"], "main");
}

TEST(GitProbe, IsNotWellWhereFilesWereChangedByHand) {
  auto seen = saw(std::string(kClean) + kChanged);
  EXPECT_FALSE(seen->ok);
  EXPECT_THAT(seen->unwell, ElementsAre("changed"));
  EXPECT_EQ(seen->numbers["changed"], 2);
  EXPECT_EQ(seen->numbers["untracked"], 1) << "which is no change";
}

TEST(GitProbe, WhatCannotBeLookedAtIsNoAnswer) {
  EXPECT_EQ(saw("fatal: not a git repository", 128).error().code, Code::unavailable);
  EXPECT_EQ(saw("").error().code, Code::invalid);
  EXPECT_EQ(saw("## main\n").error().code, Code::invalid) << "another format";
}

TEST(GitProbe, AsksWithoutTakingALock) {
  auto asked = request({.folder = "app"}, {.directory = "/srv"});
  EXPECT_THAT(asked.argv, ElementsAre("git", "-C", "/srv/app", "status", "--porcelain=v2", "--branch"));
  EXPECT_EQ(asked.env["GIT_OPTIONAL_LOCKS"], "0");
}

}  // namespace
}  // namespace davy::providers
