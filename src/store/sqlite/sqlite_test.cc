// What only a file can get wrong. Crashes and other processes: sqlite_process_test.cc. Full disks: reserve_test.cc.
#include "store/sqlite/sqlite.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <random>

#include "judge/numbers/window.h"
#include "store/looking.h"
#include "store/sqlite/sqlite_tables.h"
#include "store/testing.h"
#include "store/writing.h"

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
  ASSERT_TRUE(ok(wait((*store)->add({}, {ports::Sample{.from = at(1), .to = at(2)}}))));
  ::umask(before);
  EXPECT_EQ(mode(state_), 0700u);
  for (auto name : {"davy.db", "davy.db-wal", "davy.db-shm", "samples.db", "samples.db-wal", "reserve"})
    EXPECT_EQ(mode(state_ + "/" + name), 0600u) << name;
}

TEST_F(SqliteStoreTest, FindsEverythingAgainAfterAReopen) {
  write_a_run();
  EXPECT_THAT(bodies(read()), ElementsAre("one", "two", "three", "four"));
  EXPECT_THAT(bodies(read(3)), ElementsAre("three", "four"));
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
    ::testing::Values(Damage{"Body", "UPDATE journal SET body='thReE' WHERE seq=4", "record 4"},
                      Damage{"Time", "UPDATE journal SET at=at+1 WHERE seq=3", "record 3"},
                      Damage{"Kind", "UPDATE journal SET kind='stepp' WHERE seq=5", "record 5"},
                      Damage{"Hash", "UPDATE journal SET hash=x'00' WHERE seq=2", "record 2"},
                      Damage{"Gap", "DELETE FROM journal WHERE seq=3", "record 3"},
                      Damage{"LostTail", "DELETE FROM journal WHERE seq=5", "record 5"},
                      Damage{"LostAll", "DELETE FROM journal", "record 1"},
                      Damage{"Swap",
                             "UPDATE journal SET seq=9 WHERE seq=3; UPDATE journal SET seq=3 WHERE seq=4; "
                             "UPDATE journal SET seq=4 WHERE seq=9",
                             "record 3"},
                      Damage{"Head", "UPDATE streams SET head=x'1234'", "record 5"},
                      Damage{"OtherKind", "UPDATE streams SET kind='watch'", "record 1"}),
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
  meddle(db_, "UPDATE journal SET body='x' WHERE seq=2");
  EXPECT_THAT(bodies(read(3)), ElementsAre("three", "four"));
}

// What a list of runs says decides what serves, what is gone back to, and what may begin. Three runs of `api`, of which
// the first was done, the second was rolled back, and the third goes on.
class MeddledRuns : public SqliteStoreTest, public ::testing::WithParamInterface<Damage> {
 protected:
  void write_runs() {
    auto store = open().value();
    for (std::string id : {"r1", "r2", "r3"}) {
      ASSERT_TRUE(ok(wait(store->create(a_run(id), records({"begun"})))));
      ports::Close end{id == "r1" ? "done" : "rolled back", ""};
      if (id != "r3") ASSERT_TRUE(ok(wait(store->append(id, 1, 2, records({"ended"}), {.close = end}))));
    }
  }
};

INSTANTIATE_TEST_SUITE_P(
    By, MeddledRuns,
    ::testing::Values(
        Damage{"Ending", "UPDATE journal SET body=replace(body, 'rolled back', 'done') WHERE stream='r2'", "run r2"},
        Damage{"Release", "UPDATE journal SET body=replace(body, 'r-2', 'r-9') WHERE stream='r2'", "run r2"},
        Damage{"Order", "UPDATE streams SET number=10-number WHERE id='r2'", "run r2"},
        Damage{"Open", "UPDATE streams SET open=1 WHERE id='r2'", "run r2"},
        Damage{"Ended", "UPDATE streams SET open=0 WHERE id='r3'", "run r3"},
        Damage{"Shortened",
               "UPDATE streams SET open=1, seq=1, head=(SELECT hash FROM journal WHERE stream='r2' AND "
               "seq=1) WHERE id='r2'",
               "run r2"},
        Damage{"HiddenAsAWatch", "UPDATE streams SET kind='watch' WHERE id='r2'", "watch r2"},
        Damage{"Renamed", "UPDATE streams SET id='r7' WHERE id='r2'", "run r7"},
        Damage{"Removed", "DELETE FROM streams WHERE id='r2'", "number 2 is missing"},
        Damage{"RemovedTheNewest", "DELETE FROM streams WHERE id='r3'", "number 3 is missing"}),
    [](auto& info) { return std::string(info.param.what); });

TEST_P(MeddledRuns, AreListedAsDamagedWhateverIsAskedFor) {
  write_runs();
  meddle(db_, GetParam().sql);
  auto store = open().value();
  for (auto& filter : {ports::Journal::Filter{}, ports::Journal::Filter{.service = "api", .environment = "production"},
                       ports::Journal::Filter{.ending = "done"}}) {
    auto runs = wait(store->runs(filter));
    ASSERT_TRUE(ok(runs));
    std::string damage;
    for (auto& run : *runs) damage += run.damage;
    EXPECT_THAT(damage, HasSubstr(GetParam().record));
    EXPECT_EQ(runs->back().id, "r1") << "the whole ones are listed beside it";
  }
}

TEST_F(SqliteStoreTest, HoldsALockThatWasTakenOutOfItsTable) {
  write_a_run();
  meddle(db_, "DELETE FROM locks");
  EXPECT_TRUE(is(wait(open().value()->create(a_run("r2"), {})), Code::refused));
}

TEST_F(SqliteStoreTest, ShowsPeopleTheRunsAsAView) {
  write_a_run();
  ASSERT_TRUE(ok(wait(open().value()->append("r1", 1, 5, {}, {.close = {{"done", "it serves"}}}))));
  SQLite::Database db(db_);
  SQLite::Statement runs(db, "SELECT id || environment || version || services || who || ending || sentence FROM runs");
  ASSERT_TRUE(runs.executeStep());
  EXPECT_EQ(runs.getColumn(0).getString(), R"(r1productionv2["api"]anadoneit serves)");
}

TEST_F(SqliteStoreTest, RefusesTheStateOfDavy01) {
  std::filesystem::create_directories(state_);
  for (auto name : {"/davy.db", "/samples.db"}) meddle(state_ + name, "CREATE TABLE runs(id); PRAGMA user_version=1");
  auto store = open();
  ASSERT_TRUE(is(store, Code::invalid));
  EXPECT_THAT(store.error().message, HasSubstr("written by Davy 0.1 (schema 1), in a format that this Davy does not"));
  EXPECT_THAT(store.error().hint, HasSubstr("finish the runs that are open in it with that program"));
}

class StateThatIsTakenAway : public SqliteStoreTest, public ::testing::WithParamInterface<const char*> {};
INSTANTIATE_TEST_SUITE_P(By, StateThatIsTakenAway, ::testing::Values("removed file", "removed directory", "older copy"),
                         [](auto& info) {
                           std::string name = info.param;
                           std::erase(name, ' ');
                           return name;
                         });

TEST_P(StateThatIsTakenAway, IsNoticedByTheNextAppend) {
  write_a_run();
  std::filesystem::copy_file(db_, directory_ / "copy");
  auto store = open().value();
  ASSERT_TRUE(ok(wait(store->append("r1", 1, 5, records({"five"})))));
  std::string how = GetParam();
  if (how == "removed file") std::filesystem::remove(db_);
  if (how == "removed directory") std::filesystem::remove_all(state_);
  if (how == "older copy") std::filesystem::rename(directory_ / "copy", db_);
  auto code = how == "older copy" ? Code::conflict : Code::unavailable;
  auto appended = wait(store->append("r1", 1, 6, records({"six"})));
  ASSERT_TRUE(is(appended, code));
  EXPECT_THAT(appended.error().message, HasSubstr(db_));
  EXPECT_THAT(appended.error().message, HasSubstr(how == "older copy" ? "another file lies in its place" : "removed"));
  EXPECT_TRUE(is(wait(store->put("r1", {.ask = "hold"})), code)) << "nobody would hear it";
  EXPECT_TRUE(is(wait(store->create(a_run("r2", {"web"}), {})), code));
}

TEST_F(SqliteStoreTest, IsNotMadeAnewForWhoGoesOnWithARun) {
  auto go_on = [&] { return SqliteStore::open(state_, {.missing = SqliteStore::Missing::refuse}); };
  auto store = go_on();
  ASSERT_TRUE(is(store, Code::unavailable));
  EXPECT_THAT(store.error().message, HasSubstr(db_));
  EXPECT_FALSE(std::filesystem::exists(state_));
  write_a_run();
  EXPECT_TRUE(ok(go_on()));
}

TEST(StateDirectory, OfAnotherUserIsSaidToBeThat) {
  EXPECT_TRUE(ok(must_be_of(1000, "/state", 1000)));
  for (unsigned user : {0u, 1000u}) {  // root, too
    auto others = must_be_of(user, "/state", 65534);
    ASSERT_TRUE(is(others, Code::invalid));
    EXPECT_THAT(others.error().message, HasSubstr("/state: it belongs to nobody, and this is"));
    EXPECT_THAT(others.error().hint, HasSubstr("sudo -u nobody davy"));
  }
}

TEST_F(SqliteStoreTest, RefusesADirectoryOfAnotherUser) {
  if (::geteuid() != 0) return;  // only root may give one away: the decision is tested above
  write_a_run();
  ASSERT_EQ(::chown(state_.c_str(), 65534, 65534), 0);
  auto store = open();
  ASSERT_TRUE(is(store, Code::invalid));
  EXPECT_THAT(store.error().message, HasSubstr("belongs to nobody"));
}

TEST_F(SqliteStoreTest, RefusesTheStateOfANewerDavy) {
  write_a_run();
  meddle(db_, "PRAGMA user_version=99");
  auto store = open();
  ASSERT_TRUE(is(store, Code::invalid));
  EXPECT_THAT(store.error().message, HasSubstr("written by a newer Davy (schema 99, this one knows 2)"));
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
  for (auto& error : {wait((*store)->read("r1")).error(), wait((*store)->append("r1", 1, 5, records({"x"}))).error(),
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
  for (auto& error : {wait((*store)->add({}, {})).error(), wait((*store)->since({}, at(0))).error(),
                      wait((*store)->between({}, at(0), at(9), 5)).error(), wait((*store)->prune({})).error()})
    EXPECT_THAT(error.message, HasSubstr("samples.db: the file is damaged"));
}

// Latencies as a service has them, of many endpoints.
std::vector<ports::Sample> an_hour() {
  std::mt19937 random(3);
  std::lognormal_distribution<> latency(3, .6);
  std::vector<ports::Sample> out;
  for (int second = 0; second < 3600; ++second) {
    auto& one = out.emplace_back(ports::Sample{.from = at(second), .to = at(second + 1)});
    auto& tally = one.releases["api@2~r1"];
    for (int i = 0; i < 100; ++i) {
      Duration took(static_cast<std::int64_t>(latency(random) * 1e6));
      auto& part = tally.endpoints["/things/" + std::to_string(i % 8)];
      ++tally.requests, ++part.requests, tally.latency.add(took), part.latency.add(took);
    }
  }
  return out;
}

TEST_F(SqliteStoreTest, PacksSamplesAndGivesBackExactlyThose) {
  auto all = an_hour();
  std::size_t bytes = 0;
  {
    auto store = open().value();
    for (std::size_t i = 0; i < all.size(); i += 40) {
      std::vector<ports::Sample> some(all.begin() + static_cast<std::ptrdiff_t>(i),
                                      all.begin() + static_cast<std::ptrdiff_t>(std::min(i + 40, all.size())));
      for (auto& one : some) bytes += judge::encode(one).size();
      ASSERT_TRUE(ok(wait(store->add({}, some))));
    }
    EXPECT_EQ(*wait(store->since({}, at(0))), all);
  }
  EXPECT_LT(std::filesystem::file_size(state_ + "/samples.db"), bytes / 4);
}

TEST_F(SqliteStoreTest, ReadsSamplesFromBeforePacksAndPacksThem) {
  auto all = an_hour();
  all.resize(200);
  (void)open().value();
  std::string rows = "DROP TABLE packs; PRAGMA user_version=2; INSERT INTO series VALUES(1, 'api', 'production', 'r');";
  for (auto& one : all)
    rows += fmt::format("INSERT INTO samples VALUES(1, 1000000000, {}, '{}');", one.from.time_since_epoch().count(),
                        judge::encode(one));
  meddle(state_ + "/samples.db", rows);
  auto store = open();
  ASSERT_TRUE(ok(store));
  ports::SampleKey key{"api", "production", "r"};
  EXPECT_EQ(*wait((*store)->since(key, at(0))), all);
  auto next = all.back();
  next.from += 1s, next.to += 1s;
  ASSERT_TRUE(ok(wait((*store)->add(key, {next}))));
  all.push_back(next);
  EXPECT_EQ(*wait((*store)->since(key, at(0))), all);
  SQLite::Database file(state_ + "/samples.db", SQLite::OPEN_READONLY);
  EXPECT_EQ(file.execAndGet("SELECT sum(count) FROM packs").getInt(), 180);
}

// Whatever stands there, it is an error with its place, and the others are read.
TEST_F(SqliteStoreTest, NamesThePackThatIsBroken) {
  auto all = an_hour();
  {
    auto store = open().value();
    for (std::size_t i = 0; i < 300; i += 50)
      ASSERT_TRUE(ok(wait(store->add(
          {}, {all.begin() + static_cast<std::ptrdiff_t>(i), all.begin() + static_cast<std::ptrdiff_t>(i + 50)}))));
  }
  for (auto damage : {"windows=x'00'", "windows=substr(windows, 1, 40)", "latencies=substr(latencies, 1, 100)",
                      "latencies=latencies||x'00'", "windows=zeroblob(1000)"}) {
    meddle(state_ + "/samples.db",
           fmt::format("CREATE TABLE IF NOT EXISTS saved AS SELECT * FROM packs; UPDATE packs SET {} "
                       "WHERE first={}",
                       damage, at(60).time_since_epoch().count()));
    auto store = open().value();
    auto read = wait(store->since({}, at(0)));
    ASSERT_TRUE(is(read, Code::internal)) << damage;
    EXPECT_THAT(read.error().message, HasSubstr("samples.db: those from 2023-11-14T22:14:20.000Z on")) << damage;
    EXPECT_EQ(wait(store->since({}, at(120)))->size(), 180u) << damage;
    EXPECT_TRUE(ok(wait(store->between({}, at(0), Time::max(), 50)))) << "outlines are kept apart";
    store.reset();
    meddle(state_ + "/samples.db", "DELETE FROM packs; INSERT INTO packs SELECT * FROM saved");
  }
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
    for (int i = 1; i <= kAppends; ++i) {
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
    EXPECT_EQ(wait(store->read(std::to_string(number)))->size(), std::size_t{1 + kAppends});
}

// Who hears of a record may act on it at once, so it must be on the disk by then.
TEST_F(SqliteStoreTest, AnswersOnlyAfterTheCommit) {
  ASSERT_TRUE(ok(open()));
  auto reader = Connection::open(db_, kJournalSchema, Connection::Use::read).value();
  std::promise<bool> seen;
  Writer writer("test", "writing to", Connection::open(db_, kJournalSchema, Connection::Use::write).value());
  writer.add({.apply =
                  [](Connection& db) {
                    SqliteTables tables(db);
                    EXPECT_TRUE(ok(create_run(tables, a_run("r1"), records({"one"}))));
                  },
              .answer =
                  [&](Result<>) {
                    SqliteTables tables(*reader);
                    seen.set_value(read_records(tables, "r1", 0).has_value());
                  }});
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
