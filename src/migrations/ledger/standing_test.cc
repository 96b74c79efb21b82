#include "migrations/ledger/standing.h"

#include <gmock/gmock.h>

namespace davy::migrations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Files of a folder by their names; what stands in each is its name, unless said.
Folder folder(std::vector<File> files) {
  for (auto& file : files)
    if (file.text.empty()) file.text = "select '" + file.name + "';";
  return folder_of(std::move(files));
}

std::vector<std::string> faults(std::vector<File> files) { return folder(std::move(files)).faults; }

Row row(const Folder& f, std::size_t i, std::string run = "r1") {
  auto& m = f.migrations[i];
  return {m.version, m.name, m.up.checksum, std::move(run), "", "2026-11-29 10:00:00"};
}

std::vector<std::string> names(const std::vector<const Migration*>& all) {
  std::vector<std::string> out;
  for (auto m : all) out.push_back(m->name);
  return out;
}

const std::vector<File> kThree{
    {"0001_a.up.sql", ""}, {"0001_a.down.sql", ""}, {"0002_b.sql", ""}, {"0002_b.down.sql", ""}, {"0010_c.sql", ""}};

TEST(MigrationFolder, OrdersByNumberAndPairsBothWays) {
  auto f =
      folder({{"0010_c.sql", ""}, {"0002_b.down.sql", ""}, {"9_x.sql", ""}, {"0002_b.sql", ""}, {"0001_a.up.sql", ""}});
  ASSERT_THAT(f.faults, IsEmpty());
  std::vector<std::string> order;
  for (auto& m : f.migrations) order.push_back(m.name + (m.down ? " both" : ""));
  EXPECT_THAT(order, ElementsAre("0001_a", "0002_b both", "9_x", "0010_c"));
}

TEST(MigrationFolder, TakesTimesForNumbers) {
  auto f = folder({{"20260112093000_b.sql", ""}, {"20260111_a.sql", ""}});
  EXPECT_EQ(f.migrations.front().name, "20260111_a");
  EXPECT_LT(compare_versions("20260111", "20260112093000"), 0);
  EXPECT_EQ(compare_versions("007", "7"), 0);
}

TEST(MigrationFolder, MissesNoFile) {
  EXPECT_THAT(faults({{"V1__a.sql", ""}}), ElementsAre(HasSubstr("V1__a.sql: no name of a migration")));
  EXPECT_THAT(faults({{"0001_a.SQL", ""}}), ElementsAre(HasSubstr("no name of a migration")));
  EXPECT_THAT(faults({{"0001a.sql", ""}}), ElementsAre(HasSubstr("no name of a migration")));
  EXPECT_THAT(faults({{"0001_a.down.sql", ""}}), ElementsAre(HasSubstr("a way down without a way up")));
  EXPECT_THAT(faults({{".sql", ""}}), ElementsAre(HasSubstr("no name of a migration")));
}

TEST(MigrationFolder, SaysThatTwoPeopleTookTheNextNumber) {
  EXPECT_THAT(faults({{"0005_a.sql", ""}, {"0005_b.sql", ""}}),
              ElementsAre(HasSubstr("0005_b.sql: the number of 0005_a.sql, too: two heads")));
}

TEST(MigrationFolder, RefusesFilesWithBothWaysInThem) {
  EXPECT_THAT(faults({{"1_a.sql", "-- migrate:up\nselect 1;\n-- migrate:down\nselect 2;"}}),
              ElementsAre(HasSubstr("line 3: `-- migrate:down`: the way down is a file of its own")));
  EXPECT_THAT(faults({{"1_a.sql", "-- +goose Up\nselect 1;\n-- +goose Down\nselect 2;"}}),
              ElementsAre(HasSubstr("line 3")));
}

TEST(MigrationFolder, TakesAFilesOwnTransactionForTheOneItIsAnyway) {
  auto f = folder({{"1_a.sql", "begin;\nselect 1;\ncommit;"}});
  ASSERT_THAT(f.faults, IsEmpty());
  EXPECT_EQ(f.migrations.front().up.statements.size(), 1u);
  EXPECT_THAT(faults({{"1_a.sql", "select 1;\ncommit;\nselect 2;"}}),
              ElementsAre(HasSubstr("line 2: `COMMIT` in the middle")));
  EXPECT_THAT(faults({{"1_a.sql", "begin; vacuum t; commit; select 1"}}),
              ElementsAre(HasSubstr("`BEGIN` in the middle")));
}

TEST(MigrationFolder, KnowsWhatRunsOutsideATransaction) {
  EXPECT_TRUE(folder({{"1_a.sql", "create index concurrently a on t (b)"}}).migrations.front().up.outside);
  EXPECT_TRUE(folder({{"1_a.sql", "-- davy: no transaction\ncall p()"}}).migrations.front().up.outside);
  EXPECT_FALSE(folder({{"1_a.sql", "create index a on t (b)"}}).migrations.front().up.outside);
  EXPECT_THAT(faults({{"1_a.sql", "-- davy: no transactions\ncall p()"}}), ElementsAre(HasSubstr("it knows")));
  EXPECT_THAT(faults({{"1_a.sql", "create index concurrently on t (b)"}}),
              ElementsAre(HasSubstr("an index without a name")));
}

TEST(MigrationFolder, ChecksumsAreTheSameOnEachSystem) {
  EXPECT_EQ(checksum_of("a\r\nb\r\n"), checksum_of("a\nb\n"));
  EXPECT_NE(checksum_of("a\rb"), checksum_of("ab"));
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Standing, PendingIsWhatIsNotRecorded) {
  auto f = folder(kThree);
  auto s = standing(f, {row(f, 0)});
  EXPECT_THAT(s.faults, IsEmpty());
  EXPECT_THAT(names(s.pending), ElementsAre("0002_b", "0010_c"));
  EXPECT_EQ(s.head(), "0001");
  EXPECT_EQ(standing(f, {}).pending.size(), 3u);
}

TEST(Standing, SaysWhatWasChangedAfterItWasApplied) {
  auto f = folder(kThree);
  auto was = row(f, 0);
  was.checksum = "other";
  EXPECT_THAT(standing(f, {was}).faults,
              ElementsAre(HasSubstr("0001_a.up.sql was changed after it was applied (run r1, 2026-11-29 10:00:00)")));
}

TEST(Standing, SaysWhatWouldComeOutOfOrder) {
  auto f = folder(kThree);
  EXPECT_THAT(standing(f, {row(f, 0), row(f, 2)}).faults,
              ElementsAre(HasSubstr("0002_b.sql would come behind 0010, which stands already")));
}

TEST(Standing, LetsStandWhatANewerReleaseBroughtAndNothingElseThatItDoesNotKnow) {
  auto f = folder(kThree);
  std::vector<Row> rows{row(f, 0), row(f, 1), row(f, 2)};
  rows.push_back({"0011", "0011_d", "x", "r9", "", "yesterday"});
  auto newer = standing(f, rows);
  EXPECT_THAT(newer.faults, IsEmpty());
  EXPECT_THAT(newer.notes, ElementsAre(HasSubstr("of a newer release")));
  EXPECT_EQ(newer.head(), "0011");
  rows.back().version = "0005";
  EXPECT_THAT(standing(f, rows).faults, ElementsAre(HasSubstr("put its file back")));
  rows.back().version = "0011", rows.back().ended = false;
  EXPECT_THAT(standing(f, rows).faults, ElementsAre(HasSubstr("put its file back"))) << "it is half-done";
}

TEST(Standing, GoesOnWithWhatWasBegunOutsideATransaction) {
  auto f = folder(kThree);
  auto half = row(f, 1);
  half.ended = false, half.done = 1;
  auto s = standing(f, {row(f, 0), half});
  EXPECT_THAT(names(s.pending), ElementsAre("0002_b", "0010_c"));
  EXPECT_EQ(s.head(), "0001");
  half.checksum = "other";
  EXPECT_THAT(standing(f, {row(f, 0), half}).faults, ElementsAre(HasSubstr("after it was begun")));
}

TEST(Standing, EndsAWayDownOnlyWhereItIsThere) {
  auto f = folder({{"1_a.sql", ""}, {"2_b.sql", ""}, {"2_b.down.sql", ""}});
  auto half = row(f, 1);
  half.up = half.ended = false;
  EXPECT_THAT(standing(f, {row(f, 0), half}).faults, IsEmpty());
  half = row(f, 0);
  half.up = half.ended = false;
  EXPECT_THAT(standing(f, {half}).faults, ElementsAre(HasSubstr("its way down was begun")));
}

TEST(Standing, AdoptsWhatStoodBeforeTheFirstLook) {
  auto f = folder(kThree);
  EXPECT_THAT(names(standing(f, {}, "2").pending), ElementsAre("0010_c"));
  EXPECT_THAT(standing(f, {}, "3").faults, ElementsAre(HasSubstr("no file has that number")));
  EXPECT_EQ(standing(f, {row(f, 0)}, "0010").pending.size(), 2u) << "it was looked at before";
}

TEST(TakenBack, IsWhatThisRunAppliedNewestFirst) {
  auto f = folder({{"1_a.sql", ""}, {"2_b.sql", ""}, {"2_b.down.sql", ""}, {"3_c.sql", ""}, {"3_c.down.sql", ""}});
  auto back = taken_back(f, {row(f, 0, "r0"), row(f, 1), row(f, 2)}, "r1");
  EXPECT_THAT(back.faults, IsEmpty());
  EXPECT_THAT(names(back.down), ElementsAre("3_c", "2_b"));
  EXPECT_THAT(taken_back(f, {row(f, 0, "r0")}, "r1").down, IsEmpty());
}

TEST(TakenBack, TheWayDownOfAnotherFileIsNone) {
  auto f = folder({{"1_a.sql", ""}, {"1_a.down.sql", ""}});
  auto other = row(f, 0);
  other.checksum = "of another";
  EXPECT_THAT(taken_back(f, {other}, "r1").faults, ElementsAre(HasSubstr("1_a.sql is not what was applied")));
}

TEST(TakenBack, IsNotBegunWhereItCannotBeEnded) {
  auto f = folder({{"1_a.sql", ""}, {"2_b.sql", ""}, {"2_b.down.sql", ""}});
  EXPECT_THAT(taken_back(f, {row(f, 0), row(f, 1)}, "r1").faults, ElementsAre(HasSubstr("1_a.sql has no way down")));
  EXPECT_THAT(taken_back(f, {row(f, 1), {"3", "3_c", "x", "r2"}}, "r1").faults,
              ElementsAre(HasSubstr("what another run applied stands on it")));
  EXPECT_THAT(taken_back(f, {{"9", "9_z", "x", "r1"}}, "r1").faults, ElementsAre(HasSubstr("9_z has no file here")));
}

}  // namespace
}  // namespace davy::migrations
