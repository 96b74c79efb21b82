#include "run/release_folders.h"

#include <gmock/gmock.h>

namespace davy::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const std::string kOne = "1~20261101-100000-b2c", kTwo = "2~20261102-100000-b2c", kThree = "3~20261103-100000-b2c";

TEST(ReleaseFolders, AreNamedByVersionAndRun) {
  EXPECT_EQ(folder_name("shop@2~20261102-100000-b2c"), kTwo);
  EXPECT_EQ(folder_name("shop@feature_x@2~20261102-100000-b2c"), "feature_x@2~20261102-100000-b2c");
  EXPECT_EQ(folder_at("/srv/shop", kTwo), "/srv/shop/folders/" + kTwo);
  EXPECT_EQ(name_in("/srv/shop/folders/" + kTwo), kTwo);
  EXPECT_EQ(run_of_folder(kTwo), "20261102-100000-b2c");
}

TEST(ReleaseFolders, WhatNoRunMadeIsNobodysToRemove) {
  for (auto name : {"v1", "2", "2~", "2~adopted", "20150801", "2~20261102-100000-b2c.archive", "2~2026../x"})
    EXPECT_EQ(run_of_folder(name), "") << name;
}

TEST(ReleaseFolders, LinksWithinThePlaceAreRelativeToIt) {
  EXPECT_EQ(from_place("/srv/shop", "/srv/shop/releases/1"), "releases/1");
  EXPECT_EQ(from_place("/srv/shop", "/srv/shop-old/releases/1"), "/srv/shop-old/releases/1");
}

TEST(ReleaseFolders, LinksAreReadFromWhereTheyStand) {
  EXPECT_EQ(linked("/srv/shop", "releases/1"), "/srv/shop/releases/1");
  EXPECT_EQ(linked("/srv/shop/releases", "../folders/1"), "/srv/shop/folders/1");
  EXPECT_EQ(linked("/srv/shop/releases", "/home/ann/app/"), "/home/ann/app");
  EXPECT_EQ(linked("/srv", "../../../x"), "/x");
}

TEST(ReleaseFolders, LeftoversAreWhatHasNoNameAndNobodyNeeds) {
  FoldersSeen seen{.folders = {kOne, kTwo, kThree, "notes"}, .whole = {kOne, "v0"}};
  EXPECT_THAT(leftovers("/srv/shop", seen), ElementsAre(kTwo, kThree));
  seen.needed = {"/srv/shop/folders/" + kThree};  // another run makes it just now
  EXPECT_THAT(leftovers("/srv/shop", seen), ElementsAre(kTwo));
}

TEST(ReleaseFolders, AKilledDownloadIsLeftOver) {
  FoldersSeen seen{.folders = {kOne, kOne + ".archive", kTwo + ".archive", kTwo + ".sums", kThree + ".archive",
                               "v0.archive", "notes.sums"},
                   .whole = {kOne},
                   .needed = {"/srv/shop/folders/" + kThree}};  // another run downloads it just now
  EXPECT_THAT(leftovers("/srv/shop", seen), ElementsAre(kOne + ".archive", kTwo + ".archive", kTwo + ".sums"));
}

TEST(ReleaseFolders, TheOldestGoFirst) {
  FoldersSeen seen{.whole = {kThree, "v0", kOne, kTwo}};
  EXPECT_THAT(may_go("/srv/shop", seen, 2), ElementsAre(kOne));
  EXPECT_THAT(may_go("/srv/shop", seen, 1), ElementsAre(kOne, kTwo));
  EXPECT_THAT(may_go("/srv/shop", seen, 5), IsEmpty());
}

TEST(ReleaseFolders, WhatIsNeededNeverGoesHoweverFewAreKept) {
  FoldersSeen seen{.whole = {kOne, kTwo, kThree},
                   .needed = {"/srv/shop/folders/" + kOne, "/srv/shop/folders/" + kThree}};
  EXPECT_THAT(may_go("/srv/shop", seen, 1), ElementsAre(kTwo));
  EXPECT_THAT(may_go("/srv/shop", seen, 0), ElementsAre(kTwo));
}

}  // namespace
}  // namespace davy::run
