#include "backups/postgres/programs.h"

#include <gmock/gmock.h>

#include "backups/postgres/place.h"

namespace davy::backups {
namespace {

const std::vector<Programs> kThree{{17, "/17"}, {13, "/13"}, {15, "/15"}};

TEST(Programs, TheOldestThatIsNewEnoughDumps) {
  EXPECT_EQ(to_dump(15, kThree)->folder, "/15");
  EXPECT_EQ(to_dump(14, kThree)->folder, "/15");
  EXPECT_EQ(to_dump(9, kThree)->folder, "/13");
}

TEST(Programs, ANewerServerIsRefusedWithWhatToInstall) {
  auto none = to_dump(18, kThree);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "the server is PostgreSQL 18, and pg_dump here is 17, 13, 15");
  EXPECT_THAT(none.error().hint, testing::HasSubstr("postgresql-client-18"));
  EXPECT_EQ(to_dump(15, {}).error().message, "the server is PostgreSQL 15, and there is no pg_dump here");
}

TEST(Programs, VersionsAreReadFromWhatTheySay) {
  EXPECT_EQ(major_in("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), 15);
  EXPECT_EQ(major_in("pg_dump (PostgreSQL) 9.6.24"), 9);
  EXPECT_EQ(major_in("something else"), 0);
}

TEST(Place, IsToldByTheEnvironmentAndHidesWhatNobodyMayRead) {
  auto place = Place::parse("postgres://shop:hunter2@db.example:5433/orders?sslmode=require");
  ASSERT_TRUE(place);
  auto env = place->environment();
  EXPECT_EQ(env["PGHOST"], "db.example");
  EXPECT_EQ(env["PGPORT"], "5433");
  EXPECT_EQ(env["PGUSER"], "shop");
  EXPECT_EQ(env["PGPASSWORD"], "hunter2");
  EXPECT_EQ(env["PGDATABASE"], "orders");
  EXPECT_EQ(env["PGSSLMODE"], "require");
  EXPECT_EQ(place->at("other").environment()["PGDATABASE"], "other");
  EXPECT_EQ(place->masked("user shop, password hunter2"), "user shop, password ***");
}

TEST(Place, NoMistakeQuotesTheAddress) {
  auto wrong = Place::parse("postgres://shop:hunter2@[db");
  ASSERT_FALSE(wrong);
  EXPECT_THAT(to_string(wrong.error()), testing::Not(testing::HasSubstr("hunter2")));
  EXPECT_THAT(to_string(Place::parse("service=prod password=hunter2").error()), testing::HasSubstr("service"));
}

}  // namespace
}  // namespace davy::backups
