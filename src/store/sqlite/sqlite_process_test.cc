// Several processes on one state directory, and processes and power that vanish. After leveldb's fault injection: what
// was acknowledged must be there, and nothing that was never asked for.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/wait.h>

#include <fstream>

#include "store/sqlite/sqlite.h"
#include "store/testing.h"

namespace davy::store {
namespace {

using namespace testing;

// Forked while this process has one thread. The child leaves by _exit: it runs none of the parent's clean-up.
template <class Body>
pid_t child(Body body) {
  auto pid = ::fork();
  if (pid == 0) {
    body();
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  return pid;
}

int outcome(pid_t pid) {
  int status = 0;
  EXPECT_EQ(::waitpid(pid, &status, 0), pid);
  return status;
}

// Appends one record after another and tells the pipe of each that was acknowledged.
void append_for_ever(const std::string& state, int acknowledged) {
  auto store = SqliteStore::open(state).value();
  if (!wait(store->create(a_run("r1"), {}))) return;
  for (std::int64_t seq = 1;; ++seq) {
    if (!wait(store->append("r1", 1, seq, records({std::to_string(seq)})))) return;
    if (::write(acknowledged, "+", 1) != 1) return;
  }
}

// The record that opens the run stands before them.
void expect_a_prefix(const std::vector<ports::Record>& records) {
  for (std::int64_t seq = 1; auto& record : records) {
    EXPECT_EQ(record.seq, seq++);
    if (record.seq > 1) EXPECT_EQ(record.body, std::to_string(record.seq - 1));
  }
}

TEST(KilledWriter, LeavesWhatItAcknowledgedAndAtMostTheOneUnderWay) {
  for (int after : {1, 7, 60}) {
    TempDirectory directory;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    auto pid = child([&] { append_for_ever(directory / "state", ends[1]); });
    ::close(ends[1]);
    char sign;
    std::int64_t acknowledged = 0;
    while (acknowledged < after && ::read(ends[0], &sign, 1) == 1) ++acknowledged;
    ::kill(pid, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(outcome(pid)));
    while (::read(ends[0], &sign, 1) == 1) ++acknowledged;  // told before the signal came
    ::close(ends[0]);
    auto store = SqliteStore::open(directory / "state").value();
    auto found = wait(store->read("r1"));
    ASSERT_TRUE(ok(found));
    expect_a_prefix(*found);
    EXPECT_GE(std::ssize(*found), 1 + acknowledged);
    EXPECT_LE(std::ssize(*found), 1 + acknowledged + 1);
    EXPECT_TRUE(ok(wait(store->claim("r1", 2, std::ssize(*found), records({"claimed"})))));
  }
}

TEST(KilledWriter, LeavesNothingOfATransactionThatWasNotCommitted) {
  TempDirectory directory;
  auto pid = child([&] {
    auto store = SqliteStore::open(directory / "state").value();
    EXPECT_TRUE(ok(wait(store->create(a_run("r1"), records({"1"})))));
    auto db = Connection::open(directory / "state/davy.db", kJournalSchema, Connection::Use::write).value();
    db->run("BEGIN IMMEDIATE");
    db->run("DELETE FROM journal");
    db->run("UPDATE streams SET seq=0");
    ::_exit(0);
  });
  EXPECT_EQ(outcome(pid), 0);
  auto found = wait(SqliteStore::open(directory / "state").value()->read("r1"));
  ASSERT_TRUE(ok(found));
  EXPECT_EQ(found->size(), 2u);
}

// One run after the other, whose end opens its watch.
void run_for_ever(const std::string& state, int acknowledged) {
  auto store = SqliteStore::open(state).value();
  for (int number = 1;; ++number) {
    auto run = std::to_string(number);
    if (!wait(store->create(a_run(run), {}))) return;
    ports::After then{.close = {{"done", ""}}, .open = {a_watch("watch of " + run, {"watch " + run})}};
    if (!wait(store->append(run, 1, 1, records({"ended"}), then))) return;
    if (::write(acknowledged, "+", 1) != 1) return;
  }
}

// Answers how many runs have ended.
std::int64_t expect_every_end_with_its_watch(SqliteStore& store) {
  auto runs = wait(store.runs({.most = -1}));
  EXPECT_TRUE(ok(runs));
  std::int64_t ended = 0;
  for (auto& run : *runs) {
    EXPECT_EQ(run.damage, "");
    EXPECT_EQ(wait(store.stream("watch of " + run.id)).has_value(), run.ending.has_value()) << "run " << run.id;
    EXPECT_EQ(wait(store.holder("watch " + run.id))->has_value(), run.ending.has_value()) << "run " << run.id;
    ended += run.ending.has_value();
  }
  return ended;
}

TEST(KilledWriter, LeavesNoEndWithoutTheWatchThatItOpens) {
  for (int after : {1, 9, 30}) {
    TempDirectory directory;
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    auto pid = child([&] { run_for_ever(directory / "state", ends[1]); });
    ::close(ends[1]);
    char sign;
    std::int64_t acknowledged = 0;
    while (acknowledged < after && ::read(ends[0], &sign, 1) == 1) ++acknowledged;
    ::kill(pid, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(outcome(pid)));
    while (::read(ends[0], &sign, 1) == 1) ++acknowledged;
    ::close(ends[0]);
    auto ended = expect_every_end_with_its_watch(*SqliteStore::open(directory / "state").value());
    EXPECT_GE(ended, acknowledged);
    EXPECT_LE(ended, acknowledged + 1);
  }
}

// A power failure may leave any part of what was not synced. The log is only ever added to between two checkpoints, so
// a log cut at any length is such a disk: exactly what was synced up to there must be found, whole.
TEST(PowerFailure, LeavesEveryRecordWhoseSyncHadReturned) {
  TempDirectory directory;
  auto state = directory / "state", wal = state + "/davy.db-wal";
  std::vector<std::uintmax_t> synced;
  auto pid = child([&] {
    auto store = SqliteStore::open(state).value();
    EXPECT_TRUE(ok(wait(store->create(a_run("r1"), {}))));
    std::ofstream sizes(directory / "sizes");
    for (std::int64_t seq = 1; seq <= 12; ++seq) {
      sizes << std::filesystem::file_size(wal) << "\n";
      EXPECT_TRUE(ok(wait(store->append("r1", 1, seq, records({std::to_string(seq)})))));
    }
    sizes << std::filesystem::file_size(wal) << std::endl;
    ::kill(::getpid(), SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(outcome(pid)));
  std::ifstream sizes(directory / "sizes");
  for (std::uintmax_t size; sizes >> size;) synced.push_back(size);
  ASSERT_EQ(synced.size(), 13u);
  for (auto length = synced.front(); length <= synced.back(); length += 3001) {
    auto copy = directory / "copy";
    std::filesystem::remove_all(copy);
    std::filesystem::create_directory(copy);
    for (auto name : {"/davy.db", "/davy.db-wal"}) std::filesystem::copy_file(state + name, copy + name);
    std::filesystem::resize_file(copy + "/davy.db-wal", length);
    auto found = wait(SqliteStore::open(copy).value()->read("r1"));
    ASSERT_TRUE(ok(found)) << "cut at " << length;
    expect_a_prefix(*found);
    auto expected = std::ranges::upper_bound(synced, length) - synced.begin() - 1;
    EXPECT_EQ(std::ssize(*found), 1 + expected) << "cut at " << length;
  }
}

TEST(PowerFailure, LeavesNoEndWithoutTheWatchThatItOpens) {
  TempDirectory directory;
  auto state = directory / "state", copy = directory / "copy";
  std::uintmax_t before = 0, whole = 0;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  auto pid = child([&] {
    auto store = SqliteStore::open(state).value();
    EXPECT_TRUE(ok(wait(store->create(a_run("1"), {}))));
    auto size = std::filesystem::file_size(state + "/davy.db-wal");
    EXPECT_EQ(::write(ends[1], &size, sizeof size), static_cast<ssize_t>(sizeof size));
    ports::After then{.close = {{"done", ""}}, .open = {a_watch("watch of 1", {"watch 1"})}};
    EXPECT_TRUE(ok(wait(store->append("1", 1, 1, records({"ended"}), then))));
    ::kill(::getpid(), SIGKILL);
  });
  EXPECT_TRUE(WIFSIGNALED(outcome(pid)));
  ASSERT_EQ(::read(ends[0], &before, sizeof before), static_cast<ssize_t>(sizeof before));
  for (int end : ends) ::close(end);
  whole = std::filesystem::file_size(state + "/davy.db-wal");
  ASSERT_GT(whole, before);
  for (auto length = before; length <= whole; length += std::max<std::uintmax_t>(1, (whole - before) / 12)) {
    std::filesystem::remove_all(copy);
    std::filesystem::create_directory(copy);
    for (auto name : {"/davy.db", "/davy.db-wal"}) std::filesystem::copy_file(state + name, copy + name);
    std::filesystem::resize_file(copy + "/davy.db-wal", length);
    expect_every_end_with_its_watch(*SqliteStore::open(copy).value());
  }
  EXPECT_EQ(expect_every_end_with_its_watch(*SqliteStore::open(state).value()), 1);
}

TEST(Processes, AppendToTheirOwnRunsAtTheSameTime) {
  TempDirectory directory;
  std::vector<pid_t> pids;
  for (std::string id : {"a", "b", "c"})
    pids.push_back(child([&, id] {
      auto store = SqliteStore::open(directory / "state");  // all three make the directory and the tables
      ASSERT_TRUE(ok(store));
      ASSERT_TRUE(ok(wait((*store)->create(a_run(id, {id}), {}))));
      for (std::int64_t seq = 1; seq <= 100; ++seq)
        ASSERT_TRUE(ok(wait((*store)->append(id, 1, seq, records({std::to_string(seq)})))));
    }));
  for (auto pid : pids) EXPECT_EQ(outcome(pid), 0);
  auto store = SqliteStore::open(directory / "state").value();
  for (std::string id : {"a", "b", "c"}) {
    auto found = wait(store->read(id));
    ASSERT_TRUE(ok(found));
    expect_a_prefix(*found);
    EXPECT_EQ(found->size(), 101u);
  }
}

TEST(Processes, OnlyOneOfManyGetsTheLock) {
  TempDirectory directory;
  std::vector<pid_t> pids;
  for (int i = 0; i < 5; ++i)
    pids.push_back(child([&, i] {
      auto created = wait(SqliteStore::open(directory / "state").value()->create(a_run(std::to_string(i)), {}));
      if (!created) EXPECT_TRUE(is(created, Code::refused));
      ::_exit(::testing::Test::HasFailure() ? 2 : created ? 0 : 1);
    }));
  std::vector<int> statuses;
  for (auto pid : pids) statuses.push_back(WEXITSTATUS(outcome(pid)));
  EXPECT_THAT(statuses, ::testing::UnorderedElementsAre(0, 1, 1, 1, 1));
}

TEST(Processes, TheOneThatClaimsFencesTheOther) {
  TempDirectory directory;
  auto store = SqliteStore::open(directory / "state").value();
  ASSERT_TRUE(ok(wait(store->create(a_run("r1"), records({"1"})))));
  auto other = SqliteStore::open(directory / "state").value();
  ASSERT_TRUE(ok(wait(other->claim("r1", 2, 2, records({"2"})))));
  EXPECT_TRUE(is(wait(store->append("r1", 1, 2, records({"x"}))), Code::conflict));
  EXPECT_TRUE(is(wait(store->append("r1", 1, 3, records({"x"}))), Code::conflict));
  EXPECT_EQ(wait(store->read("r1"))->size(), 3u) << "what another process wrote is seen at once";
}

}  // namespace
}  // namespace davy::store
