#include "folders/folders_testing.h"
#include "folders/git.h"
#include "folders/links.h"
#include "folders/trees.h"

namespace davy::folders {
namespace {

using testing::Contains;
using testing::ElementsAre;

const std::string kTwo = "2~20261102-100000-b2c";

Result<spec::Json> work(const Place& place, Work w) {
  w.at = place.at("srv");
  if (w.name.empty()) w.name = kTwo;
  return carry_out(w);
}

// A repository with a tag v1, and hooks that would tell if they ran.
void make_repository(const Place& place) {
  place.run(
      "git init --quiet --initial-branch=main repo && cd repo && git config user.name t && git config user.email t@t "
      "&& "
      "echo one > a && mkdir d && echo two > d/b && git add . && git commit --quiet -m one && git tag v1 && "
      "echo later > a && git commit --quiet -am two");
}
std::string url(const Place& place) { return "file://" + place.at("repo"); }

TEST(FolderWork, AFolderHasItsNameOnlyWhenItIsWhole) {
  Place place;
  make_repository(place);
  auto made = work(place, {.act = "begin", .git = url(place), .ref = "v1"});
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ((*made)["artifact"].get<std::string>().size(), 40u);
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/a"), "one\n");
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/REVISION"), (*made)["artifact"].get<std::string>() + "\n");
  EXPECT_FALSE(place.has("srv/releases/" + kTwo));
  ASSERT_TRUE(work(place, {.act = "whole", .git = url(place)}));
  EXPECT_EQ(place.link("srv/releases/" + kTwo), "../folders/" + kTwo);
  EXPECT_EQ(place.read("srv/releases/" + kTwo + "/d/b"), "two\n");
  EXPECT_FALSE(place.has("srv/releases/" + kTwo + "/.git"));
}

TEST(FolderWork, BeginsAnewWhateverAnEarlierTryLeft) {
  Place place;
  make_repository(place);
  place.write("srv/folders/" + kTwo + "/half");
  place.write("srv/folders/1~20261101-100000-b2c/half");
  ASSERT_TRUE(work(place, {.act = "begin", .git = url(place), .ref = "v1", .leftovers = {"1~20261101-100000-b2c"}}));
  EXPECT_FALSE(place.has("srv/folders/" + kTwo + "/half"));
  EXPECT_FALSE(place.has("srv/folders/1~20261101-100000-b2c"));
}

TEST(FolderWork, APlaceBelongsToWhoeverBeganThereFirst) {
  Place place;
  Work production{.act = "begin", .owner = "shop in production", .name = "v1~a"};
  auto staging = production;
  staging.owner = "shop in staging";
  EXPECT_TRUE(work(place, production));
  EXPECT_TRUE(work(place, production)) << "again";
  auto other = work(place, staging);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::refused);
  EXPECT_THAT(other.error().message, testing::HasSubstr("belongs to shop in production, and this is shop in staging"));
}

TEST(FolderWork, WhatIsWholeIsNotMadeAnew) {
  Place place;
  ASSERT_TRUE(work(place, {.act = "begin"}));
  place.write("srv/folders/" + kTwo + "/a");
  ASSERT_TRUE(work(place, {.act = "whole"}));
  expect_refused(work(place, {.act = "begin"}), "is whole");
  EXPECT_TRUE(place.has("srv/folders/" + kTwo + "/a"));
}

TEST(FolderWork, ACommitIsARefAndAnOptionIsNone) {
  Place place;
  make_repository(place);
  place.run("git -C repo rev-parse v1 > commit");
  auto commit = place.read("commit").substr(0, 40);
  auto made = work(place, {.act = "begin", .git = url(place), .ref = commit});
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ((*made)["artifact"], commit);
  for (auto ref : {"--upload-pack=touch x", "-v1", "+main", "main:other", "v*", "^main", "a..b", "", "a b", "@{1}"})
    EXPECT_FALSE(fits_as_ref(ref)) << ref;
  for (auto ref : {"v1", "main", "feature/x-1", "1.2.3", "refs/tags/v1"}) EXPECT_TRUE(fits_as_ref(ref)) << ref;
}

TEST(FolderWork, WhatTheRepositoryLacksIsSaidAndNothingIsLeft) {
  Place place;
  make_repository(place);
  expect_refused(work(place, {.act = "begin", .git = url(place), .ref = "v9"}), "v9");
  EXPECT_FALSE(place.has("srv/folders/" + kTwo));
  expect_refused(work(place, {.act = "begin", .git = "file:///nowhere", .ref = "v1"}), "nowhere");
  expect_refused(work(place, {.act = "begin", .git = "-u./evil", .ref = "v1"}), "git");
}

TEST(FolderWork, WhatGitSaysBesideTheCommitIsNoPartOfIt) {
  Place place;
  make_repository(place);
  place.write("bin/git", "#!/bin/sh\necho a warning >&2\nexec /usr/bin/git \"$@\"\n");
  place.run("chmod +x bin/git && git -C repo rev-parse v1 > commit");
  std::string path = ::getenv("PATH");
  ::setenv("PATH", (place.at("bin") + ":" + path).c_str(), 1);
  auto made = work(place, {.act = "begin", .git = url(place), .ref = "v1"});
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/REVISION"), place.read("commit"));
}

TEST(FolderWork, NobodyReadsWhoAsksForARelease) {
  Place place;
  for (Work w :
       {Work{.act = "begin", .git = "http://ann:hunter2@127.0.0.1:1/shop?hunter3", .ref = "v1"},
        Work{.act = "begin", .archive = "http://ann:hunter2@127.0.0.1:1/s.tgz?hunter3", .sha256 = std::string(64, '0')},
        Work{.act = "begin", .archive = "/s.tgz", .sha256 = "http://ann:hunter2@127.0.0.1:1/s?hunter3"}}) {
    auto made = work(place, w);
    ASSERT_FALSE(made);
    EXPECT_THAT(to_string(made.error()), testing::Not(testing::HasSubstr("hunter")));
    EXPECT_THAT(to_string(made.error()), testing::HasSubstr("127.0.0.1:1/s"));
  }
}

TEST(FolderWork, NoHookOfAnybodysRuns) {
  Place place;
  make_repository(place);
  place.write("template/hooks/post-checkout", "#!/bin/sh\ntouch " + place.at("ran") + "\n");
  place.run("chmod +x template/hooks/post-checkout");
  ::setenv("GIT_TEMPLATE_DIR", place.at("template").c_str(), 1);
  ::setenv("GIT_DIR", place.at("elsewhere").c_str(), 1);  // as in a hook that deploys
  auto made = work(place, {.act = "begin", .git = url(place), .ref = "v1"});
  ::unsetenv("GIT_TEMPLATE_DIR"), ::unsetenv("GIT_DIR");
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_FALSE(place.has("ran"));
  EXPECT_FALSE(place.has("elsewhere"));
}

TEST(FolderWork, EachWordForGitIsOneArgument) {
  auto all = git_commands("/srv/f", "-u https://x", "v1");
  EXPECT_THAT(all[1], testing::AllOf(Contains("--"), testing::Contains("-u https://x"), testing::Contains("v1")));
  EXPECT_EQ(*(all[1].end() - 3), "--");
}

TEST(FolderWork, TheArchiveIsTheOneThatWasMeantOrIsNotUnpacked) {
  Place place;
  place.write("src/a", "hello");
  place.run("tar -czf shop.tgz -C src . && sha256sum shop.tgz > shop.tgz.sha256");
  auto sum = place.read("shop.tgz.sha256").substr(0, 64);
  for (auto& said : {sum, place.at("shop.tgz.sha256")}) {
    auto made = work(place, {.act = "begin", .archive = place.at("shop.tgz"), .sha256 = said});
    ASSERT_TRUE(made) << to_string(made.error());
    EXPECT_EQ((*made)["artifact"], "sha256:" + sum);
    EXPECT_EQ(place.read("srv/folders/" + kTwo + "/a"), "hello");
  }
  expect_refused(work(place, {.act = "begin", .archive = place.at("shop.tgz"), .sha256 = std::string(64, '0')}),
                 "not what was meant");
  EXPECT_FALSE(place.has("srv/folders/" + kTwo));
}

TEST(FolderWork, WhatIsSharedIsLinkedAndOutlivesTheRelease) {
  Place place;
  place.write("srv/shared/.env", "A=1");
  place.write("srv/shared/var/uploads/cat.png", "cat");
  ASSERT_TRUE(work(place, {.act = "begin"}));
  place.write("srv/folders/" + kTwo + "/var/uploads/.gitkeep");
  Work share{.act = "share", .shared = {".env", "var/uploads"}};
  ASSERT_TRUE(work(place, share));
  ASSERT_TRUE(work(place, share));  // once more
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/.env"), "A=1");
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/var/uploads/cat.png"), "cat");
  ASSERT_TRUE(work(place, {.act = "remove", .names = {kTwo}}));
  EXPECT_EQ(place.read("srv/shared/var/uploads/cat.png"), "cat");
  EXPECT_FALSE(place.has("srv/folders/" + kTwo));
}

TEST(FolderWork, WhatNobodyHasIsNotShared) {
  Place place;
  ASSERT_TRUE(work(place, {.act = "begin"}));
  expect_refused(work(place, {.act = "share", .shared = {".env"}}), "put it there first");
}

TEST(FolderWork, NothingSharedIsPutBehindALinkOfTheRelease) {
  Place place;
  place.write("srv/shared/a/b");
  place.write("outside/keep");
  ASSERT_TRUE(work(place, {.act = "begin"}));
  fs::create_directory_symlink(place.at("outside"), place.at("srv/folders/" + kTwo + "/a"));
  expect_refused(work(place, {.act = "share", .shared = {"a/b"}}), "link");
  EXPECT_FALSE(place.has("outside/b"));
}

TEST(FolderWork, WhatRanBeforeIsTakenOverByALinkAndNeverChanged) {
  Place place;
  place.write("app/server.js", "old");
  place.write("app/.env", "A=1");
  Work adopt{.act = "adopt", .name = "v1~adopted", .adopt = place.at("app")};
  ASSERT_TRUE(work(place, adopt));
  ASSERT_TRUE(work(place, adopt));  // once more
  EXPECT_EQ(place.link("srv/current"), "releases/v1~adopted");
  EXPECT_EQ(place.read("srv/current/server.js"), "old");
  ASSERT_TRUE(work(place, {.act = "begin"}));
  ASSERT_TRUE(work(place, {.act = "share", .adopt = place.at("app"), .shared = {".env"}}));
  EXPECT_EQ(place.read("srv/folders/" + kTwo + "/.env"), "A=1");
  ASSERT_TRUE(work(place, {.act = "remove", .names = {"v1~adopted"}}));  // the link goes, what it leads to does not
  EXPECT_EQ(place.read("app/server.js"), "old");
  EXPECT_EQ(place.read("app/.env"), "A=1");
}

TEST(FolderWork, WhereSomethingElseIsCurrentNothingIsTakenOver) {
  Place place;
  place.write("app/a"), place.write("other/a");
  fs::create_directories(place.at("srv"));
  fs::create_directory_symlink(place.at("other"), place.at("srv/current"));
  expect_refused(work(place, {.act = "adopt", .name = "v1~adopted", .adopt = place.at("app")}), "which of the two");
  EXPECT_EQ(place.link("srv/current"), place.at("other"));
  fs::remove(place.at("srv/current"));
  place.write("srv/current/a");
  expect_refused(work(place, {.act = "adopt", .name = "v1~adopted", .adopt = place.at("app")}), "no link");
}

TEST(FolderWork, CurrentLeadsToWhatIsThere) {
  Place place;
  ASSERT_TRUE(work(place, {.act = "begin"}));
  expect_refused(work(place, {.act = "current", .target = "releases/" + kTwo}), "not there");
  ASSERT_TRUE(work(place, {.act = "whole"}));
  ASSERT_TRUE(work(place, {.act = "current", .target = "releases/" + kTwo}));
  EXPECT_EQ(place.link("srv/current"), "releases/" + kTwo);
  ASSERT_TRUE(work(place, {.act = "nobody", .name = "3~20261103-100000-b2c"}));  // somebody else's
  EXPECT_EQ(place.link("srv/current"), "releases/" + kTwo);
  ASSERT_TRUE(work(place, {.act = "nobody"}));
  EXPECT_FALSE(place.has("srv/current"));
}

TEST(FolderWork, ReadOnlyFoldersAreRemovedToo) {
  Place place;
  ASSERT_TRUE(work(place, {.act = "begin"}));
  place.write("srv/folders/" + kTwo + "/mod/deep/file");
  place.run("chmod -R a-w srv/folders/" + kTwo + "/mod");
  ASSERT_TRUE(work(place, {.act = "remove", .names = {kTwo}}));
  EXPECT_FALSE(place.has("srv/folders/" + kTwo));
}

TEST(Links, ChangeInOneStepAndLeaveNothingBeside) {
  Place place;
  fs::create_directory_symlink("nowhere", place.at("current.new"));  // of one that was killed
  ASSERT_TRUE(point(place.at("current"), "a"));
  ASSERT_TRUE(point(place.at("current"), "b"));
  EXPECT_EQ(place.link("current"), "b");
  EXPECT_FALSE(place.has("current.new"));
  ASSERT_TRUE(unpoint(place.at("current")));
  ASSERT_TRUE(unpoint(place.at("current")));
  auto none = where(place.at("current"));
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
}

}  // namespace
}  // namespace davy::folders
