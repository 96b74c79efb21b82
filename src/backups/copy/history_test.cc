#include "backups/copy/history.h"

#include <gmock/gmock.h>

#include <fstream>

#include "backups/backups_testing.h"

namespace davy::backups {
namespace {

using namespace std::chrono_literals;

PastProof took(Duration restore, std::string of = "db:5432/shop") {
  return {.at = "2026-11-29T18:00:00Z", .of = std::move(of), .restore = restore, .compare = 1s};
}

TEST(UsualProof, IsTheMedianOfTheLastFiveOfTheSameSource) {
  EXPECT_FALSE(usual({}, "db:5432/shop"));
  EXPECT_FALSE(usual({took(2s, "staging:5432/shop")}, "db:5432/shop"));
  auto found =
      usual({took(900s), took(2s), took(3s), took(80s), took(1s, "staging"), took(4s), took(5s)}, "db:5432/shop");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->took, 5s);
  EXPECT_EQ(found->proofs, 5);
}

TEST(UsualProof, OutlivesItsCopiesAndIsBounded) {
  Folder folder;
  auto shelf = *Shelf::open(folder.at("copies"), "database");
  EXPECT_THAT(past_proofs(shelf), testing::IsEmpty());
  Copy copy{.manifest = {.source = {.database = "shop", .at = "db:5432"}}};
  for (int i = 0; i < 25; ++i) ASSERT_TRUE(note_proof(shelf, copy, {.at = "now", .restore = i * 1s}));
  auto past = past_proofs(shelf);
  ASSERT_EQ(past.size(), 20u);
  EXPECT_EQ(past.back().restore, 24s);
  EXPECT_EQ(past.back().of, "db:5432/shop");
  std::ofstream(folder.at("copies/.database.proofs"), std::ios::app) << "{\"half\": \n";
  EXPECT_EQ(past_proofs(shelf).size(), 20u) << "a line that is damaged is left out";
}

}  // namespace
}  // namespace davy::backups
