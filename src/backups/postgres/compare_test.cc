#include "backups/postgres/compare.h"

#include <gmock/gmock.h>

namespace davy::backups {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Counts counts() {
  return {.tables = {{"public.empty", 0}, {"public.orders", 3, "17"}},
          .sequences = {{"public.orders_id_seq", 30, 89}, {"public.unused", {}, {}}},
          .large_objects = 1};
}
Counts restored() {
  auto out = counts();
  for (auto& one : out.sequences) one.after = one.before;
  return out;
}

TEST(Compare, FindsNothingWhereAllIsTheSame) { EXPECT_THAT(differences(counts(), restored()), IsEmpty()); }

TEST(Compare, AnEmptyTableIsRightWhereTheSourcesWasEmpty) {
  auto now = restored();
  now.tables[1].rows = 0;
  EXPECT_THAT(differences(counts(), now), ElementsAre("public.orders has 0 rows, and had 3"));
}

TEST(Compare, NamesTablesOfOneSideAlone) {
  auto now = restored();
  now.tables[0].name = "public.other";
  EXPECT_THAT(differences(counts(), now),
              ElementsAre("the table public.empty is missing", "the table public.other was not in the source"));
}

TEST(Compare, ContentsAreLookedAtWhereBothSidesSayThem) {
  auto now = restored();
  now.tables[1].hash = "18";
  EXPECT_THAT(differences(counts(), now), ElementsAre("the contents of public.orders are others"));
  now.tables[1].hash = {};
  EXPECT_THAT(differences(counts(), now), IsEmpty());
}

// Sequences know no snapshot: the dump has what one said at some moment of it.
TEST(Compare, ASequenceStandsBetweenWhatItSaidBeforeAndAfter) {
  auto now = restored();
  for (auto right : {30, 55, 89}) {
    now.sequences[0].before = right;
    EXPECT_THAT(differences(counts(), now), IsEmpty()) << right;
  }
  for (auto wrong : {29, 90}) {
    now.sequences[0].before = wrong;
    EXPECT_EQ(differences(counts(), now).size(), 1u) << wrong;
  }
  now.sequences[0].before = {};
  EXPECT_THAT(differences(counts(), now),
              ElementsAre("the sequence public.orders_id_seq is at nothing yet, and was between 30 and 89"));
}

TEST(Compare, ASequenceThatCountsDownMayFall) {
  auto source = counts();
  source.sequences[0] = {"public.orders_id_seq", -30, -89};
  auto now = restored();
  now.sequences[0].before = -50;
  EXPECT_THAT(differences(source, now), IsEmpty());
}

TEST(Compare, LargeObjectsAreCounted) {
  auto now = restored();
  now.large_objects = 0;
  EXPECT_THAT(differences(counts(), now), ElementsAre("there are 0 large objects, and were 1"));
}

TEST(Compare, CommentsOfADumpAreNoSchema) {
  EXPECT_EQ(without_comments("--\n-- Name: a\n\n\\restrict x\nCREATE TABLE a;\n\\unrestrict x\nend"),
            "CREATE TABLE a;\nend\n");
}

}  // namespace
}  // namespace davy::backups
