#include "migrations/ledger/statements.h"

#include <gmock/gmock.h>

#include "migrations/ledger/deeds.h"

namespace davy::migrations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> cut(std::string_view sql) {
  std::vector<std::string> out;
  auto script = script_of(sql);
  EXPECT_EQ(script.mistake, "");
  for (auto& s : script.statements) out.push_back(s.text);
  return out;
}

Statement only(std::string_view sql) {
  auto script = script_of(sql);
  EXPECT_EQ(script.statements.size(), 1u) << sql << script.mistake;
  return script.statements.empty() ? Statement{} : script.statements.front();
}

TEST(Statements, AreCutWhereTheyEnd) {
  EXPECT_THAT(cut("select 1; select 2"), ElementsAre("select 1", "select 2"));
  EXPECT_THAT(cut("  -- only words\n;;\n"), IsEmpty());
  EXPECT_THAT(cut("\xef\xbb\xbfselect 1;"), ElementsAre("select 1"));
}

TEST(Statements, AreNotCutInsideOfWhatIsQuoted) {
  for (auto sql : {"select 'a;b'", "select 'it''s; so'", "select E'a\\';b'", "select \"a;b\" from \"x\"\"y;z\"",
                   "select $$a;b$$", "select $tag$ $$;$$ $other$;$tag$", "select 1 /* ; /* ; */ ; */ + 1",
                   "select 1 -- ;\n + 1", "select U&'d;' ", "create rule r as on insert to t do (select 1; select 2)"})
    EXPECT_EQ(script_of(std::string(sql) + "; select 2").statements.size(), 2u) << sql;
}

TEST(Statements, HoldTheBodyOfARoutine) {
  EXPECT_THAT(cut("create function f() returns int begin atomic select 1; select case when true then 1 end; end; "
                  "select 2"),
              ElementsAre(HasSubstr("end; end"), "select 2"));
  EXPECT_THAT(cut("create table begin_x (a int); select 1"), testing::SizeIs(2));
}

TEST(Statements, KnowTheirLines) {
  auto script = script_of("\n-- first\nselect\n 1;\n\nselect 2;");
  ASSERT_EQ(script.statements.size(), 2u);
  EXPECT_EQ(script.statements[0].line, 3);
  EXPECT_EQ(script.statements[1].line, 6);
}

TEST(Statements, AreRefusedWhereOnlyPsqlWouldKnowThem) {
  EXPECT_THAT(script_of("select 1;\n\\connect other").mistake, HasSubstr("line 2: a command of psql's"));
  EXPECT_THAT(script_of("copy t from stdin;\n1\n").mistake, HasSubstr("COPY … FROM STDIN"));
  EXPECT_THAT(script_of("select 'open").mistake, HasSubstr("never ends"));
  EXPECT_THAT(script_of("select $x$ open").mistake, HasSubstr("never ends"));
  EXPECT_THAT(script_of("select 1 /* open").mistake, HasSubstr("never ends"));
  EXPECT_THAT(script_of("select 'open").statements, IsEmpty());
}

TEST(Statements, TellWhatIsMeantForDavy) {
  EXPECT_THAT(script_of("-- davy: no transaction\nselect 1").marks, ElementsAre("no transaction"));
  EXPECT_THAT(script_of("select '-- davy: no transaction'").marks, IsEmpty());
}

TEST(Statements, ShowNoValueInAMessage) {
  EXPECT_EQ(without_values("select * from users where name = 'hunter2' and id = 17 -- hunter3"),
            "select * from users where name = ? and id = ?");
  EXPECT_EQ(without_values("alter role a password $$hunter2$$"), "alter role a password ?");
  EXPECT_THAT(without_values("select 'open hunter2"), Not(HasSubstr("hunter2")));
  EXPECT_EQ(without_values("select 1\n,\t2"), "select ? , ?");
  EXPECT_THAT(without_values(std::string(500, 'x'), 20), "xxxxxxxxxxxxxxxxxxxx…");
  EXPECT_EQ(without_values("a\xc3\xa9", 2), "a…") << "no half of a letter";
}

TEST(Deeds, AreToldOfIndexes) {
  auto built = index_deed(only("CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"By Day\" ON ONLY shop.Orders (day)"));
  EXPECT_EQ(built.is, IndexDeed::Is::builds);
  EXPECT_EQ(quoted(built.index), "\"By Day\"");
  EXPECT_EQ(quoted(built.table), "\"shop\".\"orders\"");
  EXPECT_TRUE(built.concurrently && built.if_not_exists);
  EXPECT_TRUE(index_deed(only("create index concurrently on t (a)")).index.none());
  auto dropped = index_deed(only("drop index concurrently if exists shop.by_day"));
  EXPECT_EQ(dropped.is, IndexDeed::Is::drops);
  EXPECT_EQ(quoted(dropped.index), "\"shop\".\"by_day\"");
  EXPECT_EQ(index_deed(only("create table index (a int)")).is, IndexDeed::Is::none);
  EXPECT_EQ(index_deed(only("drop index a, b")).is, IndexDeed::Is::none) << "two cannot be looked up as one";
}

TEST(Deeds, TellWhatNoTransactionTakes) {
  for (auto sql : {"create index concurrently a on t (b)", "drop index concurrently a", "vacuum t",
                   "reindex table concurrently t", "alter table p detach partition q concurrently"})
    EXPECT_TRUE(outside_only(only(sql))) << sql;
  for (auto sql : {"create index a on t (b)", "refresh materialized view concurrently v",
                   "create table t (a text default 'concurrently')", "insert into t values ('concurrently')"})
    EXPECT_FALSE(outside_only(only(sql))) << sql;
}

TEST(Deeds, TellTransactionsFromWhatLooksLikeThem) {
  for (auto sql :
       {"commit", "end", "rollback", "abort", "commit and chain", "prepare transaction 'x'", "rollback work"})
    EXPECT_TRUE(ends_transaction(only(sql))) << sql;
  for (auto sql : {"rollback to savepoint a", "select 1", "savepoint commit_"})
    EXPECT_FALSE(ends_transaction(only(sql))) << sql;
}

TEST(Deeds, QuoteWhatIsOdd) { EXPECT_EQ(quoted_name("a\"b"), "\"a\"\"b\""); }

}  // namespace
}  // namespace davy::migrations
