// alembic's and Prisma's.
#include <gmock/gmock.h>

#include "migrations/ledger/alembic.h"
#include "migrations/ledger/prisma.h"

namespace davy::migrations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

File revision(std::string id, std::string down) {
  return {id + ".py", "\"\"\"a\n\nRevision ID: " + id + "\n\"\"\"\nfrom alembic import op\n\nrevision = '" + id +
                          "'\ndown_revision = " + down +
                          "\nbranch_labels = None\n\ndef upgrade():\n    revision = 1\n"};
}

std::vector<std::string> pending(const Seen& s) {
  std::vector<std::string> out;
  for (auto& one : s.pending) out.push_back(one.version);
  return out;
}

TEST(Alembic, TellsHeadAndPendingFromItsFiles) {
  auto r = revisions_of({revision("b2", "'a1'"), revision("a1", "None"), revision("c3", "'b2'"), {"util.py", "x = 1"}});
  EXPECT_THAT(r.faults, IsEmpty());
  EXPECT_THAT(r.heads, ElementsAre("c3"));
  auto s = seen_of(r, {"a1"});
  EXPECT_EQ(s.head, "a1");
  EXPECT_THAT(s.applied, ElementsAre("a1"));
  EXPECT_THAT(pending(s), ElementsAre("b2", "c3"));
  EXPECT_THAT(pending(seen_of(r, {})), ElementsAre("a1", "b2", "c3"));
  EXPECT_THAT(pending(seen_of(r, {"c3"})), IsEmpty());
}

TEST(Alembic, ReadsTheFormsOfItsVersions) {
  auto r = revisions_of({{"a.py", "revision: str = \"a1\"\ndown_revision: Union[str, None] = None\n"},
                         {"b.py", "revision = 'b2'\ndown_revision = (\n    'a1',\n    \"x9\",\n)\n"},
                         {"x.py", "revision = 'x9'\ndown_revision = None\n"}});
  EXPECT_THAT(r.faults, IsEmpty());
  EXPECT_THAT(r.heads, ElementsAre("b2"));
  EXPECT_THAT(pending(seen_of(r, {"a1"})), ElementsAre("x9", "b2"));
}

TEST(Alembic, SaysWhatIsWrong) {
  EXPECT_THAT(revisions_of({revision("a1", "None"), revision("b2", "'a1'"), revision("b3", "'a1'")}).faults,
              ElementsAre(HasSubstr("two heads, b2 and b3: `alembic merge heads`")));
  EXPECT_THAT(revisions_of({revision("b2", "'a1'")}).faults, ElementsAre(HasSubstr("comes after a1, which is not")));
  EXPECT_THAT(seen_of(revisions_of({revision("a1", "None")}), {"zz"}).faults,
              ElementsAre(HasSubstr("zz stands in the database and has no file here")));
}

TEST(Alembic, IsFoundByItsIni) {
  EXPECT_EQ(script_location("[alembic]\n# script_location = no\nscript_location = %(here)s/db/alembic\n"),
            "db/alembic");
  EXPECT_EQ(script_location("[alembic]\nscript_location=alembic\n"), "alembic");
  EXPECT_EQ(script_location("[alembic]\n"), "");
}

TEST(Prisma, TellsPendingFromItsRows) {
  auto s = seen_of({{"20260102_b", "x"}, {"20260101_a", "y"}}, {{"20260101_a", "y", true, false}});
  EXPECT_THAT(s.faults, IsEmpty());
  EXPECT_EQ(s.head, "20260101_a");
  EXPECT_THAT(pending(s), ElementsAre("20260102_b"));
}

TEST(Prisma, CountsWhatWasRolledBackForNothing) {
  auto s = seen_of({{"a", "y"}}, {{"a", "y", false, true}, {"a", "y", true, false}});
  EXPECT_THAT(s.faults, IsEmpty());
  EXPECT_THAT(s.pending, IsEmpty());
  EXPECT_THAT(pending(seen_of({{"a", "y"}}, {{"a", "y", false, true}})), ElementsAre("a"));
}

TEST(Prisma, SaysWhatIsWrong) {
  EXPECT_THAT(seen_of({{"a", "y"}}, {{"a", "y", false, false}}).faults, ElementsAre(HasSubstr("a failed half-way")));
  EXPECT_THAT(seen_of({{"a", "z"}}, {{"a", "y", true, false}}).faults,
              ElementsAre(HasSubstr("changed after it was applied")));
  EXPECT_THAT(seen_of({}, {{"a", "y", true, false}}).faults, ElementsAre(HasSubstr("has no folder here")));
}

}  // namespace
}  // namespace davy::migrations
