// What only a file can get wrong. Crashes and other processes: sqlite_process_test.cc. Full disks: reserve_test.cc.
#include "store/sqlite/sqlite.h"

#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "store/sqlite/journal_rows.h"
#include "store/testing.h"

namespace davy::store {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Changes the file behind the store's back, as a person with the sqlite3 tool would.
void meddle(const std::string& file, const std::string& sql) {
  SQLite::Database db(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
  db.exec(sql);
}

void overwrite(const std::string& file, std::streamoff from, const std::string& bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(from);
  out << bytes;
}

mode_t mode(const std::string& path) {
  struct stat found{};
  EXPECT_EQ(::stat(path.c_str(), &found), 0) << path;
  return found.st_mode & 07777;
}

class SqliteStoreTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<SqliteStore>> open() { return SqliteStore::open(state_, {.patience = 300ms}); }
  void write_a_run() {
    auto store = open();
    ASSERT_TRUE(ok(store));
    ASSERT_TRUE(ok(wait((*store)->create(a_run("r1"), records({"one", "two", "three", "four"})))));
  }
  Result<std::vector<ports::Record>> read(std::int64_t after = 0) {
    auto store = open();
    EXPECT_TRUE(ok(store));
    return wait((*store)->read("r1", after));
  }

  TempDirectory directory_;
  std::string state_ = directory_ / "a/state", db_ = state_ + "/davy.db";
};

TEST_F(SqliteStoreTest, IsForItsUserOnlyWhateverTheUmask) {
  auto before = ::umask(0);
  auto store = open();
  ASSERT_TRUE(ok(store));
  ASSERT_TRUE(ok(wait((*store)->create(a_run("r1"), records({"one"})))));
  ASSERT_TRUE(ok(wait((*store)->add("r1", {{at(1), 1s, "x"}}))));
  ::umask(before);
  EXPECT_EQ(mode(state_), 0700u);
  for (auto name : {"davy.db", "davy.db-wal", "davy.db-shm", "samples.db", "samples.db-wal", "reserve"})
    EXPECT_EQ(mode(state_ + "/" + name), 0600u) << name;
}

TEST_F(SqliteStoreTest, FindsEverythingAgainAfterAReopen) {
  write_a_run();
  EXPECT_THAT(bodies(read()), ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(bodies(read(2)), ElementsAre("three", "four"));
  EXPECT_TRUE(is(wait(open().value()->create(a_run("r2"), {})), Code::refused)) << "the lock, too";
}

TEST_F(SqliteStoreTest, SyncsEveryCommitOfTheJournal) {
  write_a_run();
  auto db = Connection::open(db_, kJournalSchema, Connection::Use::write);
  ASSERT_TRUE(ok(db));
  auto row = (*db)->query("PRAGMA synchronous");
  ASSERT_TRUE(row.next());
  EXPECT_EQ(row.number(0), 2) << "FULL";
}

struct Damage {
  const char* what;
  const char* sql;
  const char* record;
};
class DamagedJournal : public SqliteStoreTest, public ::testing::WithParamInterface<Damage> {};

INSTANTIATE_TEST_SUITE_P(
    By, DamagedJournal,
    ::testing::Values(Damage{"Body", "UPDATE journal SET body='thReE' WHERE seq=3", "record 3"},
                      Damage{"Time", "UPDATE journal SET at=at+1 WHERE seq=2", "record 2"},
                      Damage{"Kind", "UPDATE journal SET kind='stepp' WHERE seq=4", "record 4"},
                      Damage{"Hash", "UPDATE journal SET hash=x'00' WHERE seq=1", "record 1"},
                      Damage{"Gap", "DELETE FROM journal WHERE seq=2", "record 2"},
                      Damage{"LostTail", "DELETE FROM journal WHERE seq=4", "record 4"},
                      Damage{"LostAll", "DELETE FROM journal", "record 1"},
                      Damage{"Swap",
                             "UPDATE journal SET seq=9 WHERE seq=2; UPDATE journal SET seq=2 WHERE seq=3; "
                             "UPDATE journal SET seq=3 WHERE seq=9",
                             "record 2"},
                      Damage{"Head", "UPDATE runs SET head=x'1234'", "record 4"}),
    [](auto& info) { return std::string(info.param.what); });

TEST_P(DamagedJournal, IsFoundAndTheRecordNamed) {
  write_a_run();
  meddle(db_, GetParam().sql);
  auto records = read();
  ASSERT_TRUE(is(records, Code::internal));
  EXPECT_THAT(records.error().message, HasSubstr(GetParam().record));
  EXPECT_THAT(records.error().message, HasSubstr("r1"));
  EXPECT_THAT(records.error().hint, HasSubstr("copy the state directory"));
}

TEST_F(SqliteStoreTest, VerifiesOnlyWhatItReads) {
  write_a_run();
  meddle(db_, "UPDATE journal SET body='x' WHERE seq=1");
  EXPECT_THAT(bodies(read(2)), ElementsAre("three", "four"));
}

TEST_F(SqliteStoreTest, RefusesTheStateOfANewerDavy) {
  write_a_run();
  meddle(db_, "PRAGMA user_version=99");
  auto store = open();
  ASSERT_TRUE(is(store, Code::invalid));
  EXPECT_THAT(store.error().message, HasSubstr("written by a newer Davy (schema 99, this one knows 1)"));
  EXPECT_THAT(store.error().hint, HasSubstr("upgrade"));
}

TEST_F(SqliteStoreTest, SaysThatAFileIsNoDatabase) {
  write_a_run();
  std::filesystem::resize_file(db_, 0);
  std::ofstream(db_) << std::string(9000, 'x');
  auto store = open();
  ASSERT_TRUE(is(store, Code::internal));
  EXPECT_THAT(store.error().message, HasSubstr(db_ + ": the file is damaged"));
  EXPECT_THAT(store.error().hint, HasSubstr(".recover"));
}

// Pages overwritten behind an intact header: the file opens, and what is read from it fails or is right.
TEST_F(SqliteStoreTest, SaysThatPagesAreDamaged) {
  write_a_run();
  auto size = static_cast<std::streamoff>(std::filesystem::file_size(db_));
  for (std::streamoff page = 4096; page < size; page += 4096) overwrite(db_, page, std::string(4096, '\x55'));
  auto store = open();
  ASSERT_TRUE(ok(store));
  for (auto& error : {wait((*store)->read("r1")).error(), wait((*store)->append("r1", 1, 4, records({"x"}))).error(),
                      wait((*store)->runs({})).error()}) {
    EXPECT_EQ(error.code, Code::internal);
    EXPECT_THAT(error.message, HasSubstr(db_ + ": the file is damaged"));
    EXPECT_THAT(error.hint, HasSubstr(".recover"));
  }
}

TEST_F(SqliteStoreTest, LosesChartsRatherThanTheStore) {
  std::filesystem::create_directories(state_);
  std::ofstream(state_ + "/samples.db") << std::string(9000, 'x');
  auto store = open();
  ASSERT_TRUE(ok(store));
  EXPECT_TRUE(ok(wait((*store)->create(a_run("r1"), records({"one"})))));
  for (auto& error : {wait((*store)->add("r1", {})).error(), wait((*store)->since("r1", 1s, at(0))).error(),
                      wait((*store)->prune_samples(1s, at(0))).error()})
    EXPECT_THAT(error.message, HasSubstr("samples.db: the file is damaged"));
}

TEST_F(SqliteStoreTest, PrunesSamplesOfOneGrain) {
  auto store = open().value();
  ASSERT_TRUE(ok(wait(store->add("r1", {{at(1), 1s, "a"}, {at(2), 1s, "b"}, {at(1), 10s, "ten"}}))));
  ASSERT_TRUE(ok(wait(store->add("r2", {{at(1), 1s, "a"}}))));
  EXPECT_EQ(wait(store->prune_samples(1s, at(2))), 2);
  EXPECT_EQ(wait(store->since("r1", 1s, at(0)))->size(), 1u);
  EXPECT_EQ(wait(store->since("r1", 10s, at(0)))->size(), 1u);
}

// Root may write anywhere, so for the kernel's checks of files this thread becomes nobody.
class Nobody {
 public:
  Nobody() { ::geteuid() == 0 ? ::setfsuid(65534) : 0; }
  ~Nobody() { ::setfsuid(::geteuid()); }
};

TEST_F(SqliteStoreTest, SaysWhereItMayNotWrite) {
  write_a_run();
  std::filesystem::permissions(directory_.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(state_, std::filesystem::perms(0555));
  Nobody nobody;
  for (auto& path : {state_, state_ + "/below", std::string("/proc/davy")}) {
    auto store = SqliteStore::open(path);
    ASSERT_TRUE(is(store, Code::invalid)) << path;
    EXPECT_THAT(store.error().message, HasSubstr(path));
    EXPECT_THAT(store.error().message, ::testing::AnyOf(HasSubstr("denied"), HasSubstr("No such file")));
    EXPECT_THAT(store.error().hint, HasSubstr("--state"));
  }
}

TEST_F(SqliteStoreTest, SaysWhenOthersKeepTheFileLocked) {
  auto store = open().value();
  SQLite::Database other(db_, SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  auto created = wait(store->create(a_run("r1"), {}));
  ASSERT_TRUE(is(created, Code::unavailable));
  EXPECT_THAT(created.error().message, HasSubstr("locked for 300ms"));
  other.exec("ROLLBACK");
  EXPECT_TRUE(ok(wait(store->create(a_run("r1"), {}))));
}

TEST_F(SqliteStoreTest, SharesCommitsAmongWhatWaits) {
  auto store = open().value();
  constexpr int kRuns = 50, kAppends = 10;
  asio::io_context io;
  auto a_life = [&](int number) -> asio::awaitable<void> {
    auto id = std::to_string(number);
    auto created = co_await store->create(a_run(id, {id}), {});
    EXPECT_TRUE(ok(created));
    for (int i = 0; i < kAppends; ++i) {
      auto appended = co_await store->append(id, 1, i, records({"x"}));
      EXPECT_TRUE(ok(appended));
    }
  };
  for (int number = 0; number < kRuns; ++number)
    asio::co_spawn(io, a_life(number), [](std::exception_ptr thrown) { EXPECT_FALSE(thrown); });
  io.run();
  EXPECT_EQ(store->effort().writes, kRuns * (kAppends + 1));
  EXPECT_LT(store->effort().commits, store->effort().writes / 4);
  for (int number = 0; number < kRuns; ++number)
    EXPECT_EQ(wait(store->read(std::to_string(number)))->size(), std::size_t{kAppends});
}

// Who hears of a record may act on it at once, so it must be on the disk by then.
TEST_F(SqliteStoreTest, AnswersOnlyAfterTheCommit) {
  ASSERT_TRUE(ok(open()));
  auto reader = Connection::open(db_, kJournalSchema, Connection::Use::read).value();
  std::promise<bool> seen;
  Writer writer("test", "writing to", Connection::open(db_, kJournalSchema, Connection::Use::write).value());
  writer.add({.apply = [](Connection& db) { EXPECT_TRUE(ok(create_run(db, a_run("r1"), records({"one"})))); },
              .answer = [&](Result<>) { seen.set_value(read_records(*reader, "r1", 0).has_value()); }});
  EXPECT_TRUE(seen.get_future().get());
}

// The failing half of this, a write that the disk cannot take, is FullDatabase.TakesTheSmallOnesOfACommitThatFailed.
TEST_F(SqliteStoreTest, RefusesOneWithoutTheOthersOfItsCommit) {
  auto store = open().value();
  ASSERT_TRUE(ok(wait(store->create(a_run("r1"), {}))));
  asio::io_context io;
  int refused = 0, fine = 0;
  for (int i = 0; i < 40; ++i)
    asio::co_spawn(io, store->create(a_run(std::to_string(i), {i % 2 ? "api" : std::to_string(i)}), records({"x"})),
                   [&](std::exception_ptr, Result<> result) { (result ? fine : refused) += 1; });
  io.run();
  EXPECT_EQ(fine, 20);
  EXPECT_EQ(refused, 20);
  EXPECT_EQ(wait(store->runs({}))->size(), 21u);
}

TEST_F(SqliteStoreTest, FinishesWhatWaitsBeforeItGoes) {
  asio::io_context io;
  int answered = 0;
  auto store = open().value();
  for (int i = 0; i < 20; ++i)
    asio::co_spawn(io, store->create(a_run(std::to_string(i), {std::to_string(i)}), records({"x"})),
                   [&](std::exception_ptr, Result<> result) { answered += result.has_value(); });
  io.poll();
  store.reset();
  io.run();
  EXPECT_EQ(answered, 20);
  EXPECT_EQ(wait(open().value()->runs({}))->size(), 20u);
}

}  // namespace
}  // namespace davy::store
