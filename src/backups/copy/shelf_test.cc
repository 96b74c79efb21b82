#include "backups/copy/shelf.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>

#include "backups/backups_testing.h"
#include "backups/copy/packing.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

struct OnAShelf : testing::Test {
  Folder folder;
  std::string into = folder.at("copies");

  Shelf shelf(const std::string& name = "database") { return *Shelf::open(into, name); }

  static Copy put(Shelf& shelf, const std::string& id, Time made = Time{} + 24h) {
    auto part = *shelf.begin(id);
    auto packer = Packer::into(part + "/database.sql.zst");
    EXPECT_TRUE(packer && packer->add("what was copied"));
    auto packed = *packer->finish();
    Manifest m{.kind = "postgres", .name = shelf.name(), .id = id, .made = timestamp(made), .format = "plain"};
    m.files.push_back({"database.sql.zst", packed.bytes, packed.unpacked, packed.sha256});
    return *shelf.finish(id, m);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (auto& one : fs::directory_iterator(into)) out.push_back(one.path().filename());
    std::ranges::sort(out);
    return out;
  }
};

TEST_F(OnAShelf, ACopyIsThereWithItsManifestOrNotAtAll) {
  auto s = shelf();
  ASSERT_TRUE(s.begin("run-1"));
  EXPECT_FALSE(s.has("run-1"));
  EXPECT_THAT(s.copies(), testing::IsEmpty());
  auto copy = put(s, "run-1");
  EXPECT_TRUE(s.has("run-1"));
  EXPECT_EQ(copy.folder, fs::canonical(into).string() + "/database.run-1");
  EXPECT_THAT(names(), testing::ElementsAre(".database.lock", "database.run-1"));
  EXPECT_TRUE(check_sums(copy));
}

TEST_F(OnAShelf, WhatAKilledOneLeftBehindIsRemovedByTheNext) {
  {
    auto s = shelf(), other = shelf("other");
    ASSERT_TRUE(s.begin("run-1") && other.begin("run-2"));
  }
  auto s = shelf();
  EXPECT_THAT(names(), testing::ElementsAre(".database.lock", ".other.lock", ".other.run-2.part"));
}

TEST_F(OnAShelf, OneMakesCopiesOfANameAtATime) {
  auto s = shelf();
  auto second = Shelf::open(into, "database");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::conflict);
  EXPECT_TRUE(Shelf::open(into, "other"));
}

TEST_F(OnAShelf, DamageIsFoundAndTheFileNamed) {
  auto s = shelf();
  auto copy = put(s, "run-1");
  std::ofstream(copy.file("database.sql.zst"), std::ios::app) << "more";
  auto sums = check_sums(copy);
  ASSERT_FALSE(sums);
  EXPECT_THAT(sums.error().message, testing::HasSubstr("database.sql.zst is damaged"));
  fs::resize_file(copy.file("database.sql.zst"), 5);
  EXPECT_THAT(check_sums(copy).error().message, testing::HasSubstr("is cut: 5 bytes of"));
}

TEST_F(OnAShelf, AProofIsOneOfThisVeryManifest) {
  auto s = shelf();
  auto copy = put(s, "run-1");
  ASSERT_TRUE(write_proof(copy, {.at = "now", .where = "here", .manifest = copy.sha256}));
  EXPECT_TRUE(read_copy(copy.folder)->proof);
  std::ofstream(copy.file("manifest.json"), std::ios::app) << " ";
  EXPECT_FALSE(read_copy(copy.folder)->proof);
}

TEST_F(OnAShelf, OldOnesGoAndThoseOfOthersStay) {
  auto s = shelf(), other = shelf("other");
  for (int i : {1, 2}) put(s, "run-" + std::to_string(i), Time{} + i * 24h);
  auto newest = put(s, "run-3", Time{} + 72h);
  put(other, "run-9", Time{});
  auto elsewhere = newest;
  elsewhere.manifest.source.at = "staging:5432";
  EXPECT_EQ(s.keep({.copies = 1}, elsewhere, {}, Time{} + 96h).value_or(-1), 0) << "those of another server stay";
  EXPECT_EQ(s.keep({.copies = 1}, newest, {}, Time{} + 96h).value_or(-1), 2);
  EXPECT_THAT(names(), testing::ElementsAre(".database.lock", ".other.lock", "database.run-3", "other.run-9"));
}

TEST_F(OnAShelf, WhatAnotherRunMayStillRestoreStays) {
  auto s = shelf();
  for (int i : {1, 2, 3}) put(s, fmt::format("run-{}-a7", i), Time{} + i * 24h);
  auto newest = put(s, "run-4-a7", Time{} + 96h);
  EXPECT_EQ(s.keep({.copies = 1}, newest, {"run-1", "run-3", "run-9"}, Time{} + 120h).value_or(-1), 1);
  EXPECT_THAT(names(),
              testing::ElementsAre(".database.lock", "database.run-1-a7", "database.run-3-a7", "database.run-4-a7"));
}

TEST_F(OnAShelf, AManifestThatNamesAFileElsewhereIsNone) {
  auto s = shelf();
  auto copy = put(s, "run-1");
  copy.manifest.files[0].name = "../../etc/passwd";
  std::ofstream(copy.file("manifest.json")) << spec::dump(spec::encode(copy.manifest));
  EXPECT_FALSE(read_copy(copy.folder));
}

}  // namespace
}  // namespace davy::backups
