// Full disks. A real one is a tmpfs of a few MiB, which only root may mount; what must hold is also tested for any user
// with a database that may not grow (PRAGMA max_page_count), where making room lifts the limit.
#include "store/sqlite/reserve.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fstream>
#include <future>

#include "store/looking.h"
#include "store/sqlite/sqlite.h"
#include "store/sqlite/sqlite_tables.h"
#include "store/testing.h"
#include "store/writing.h"

namespace davy::store {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr Bytes kSmall{1 << 20};

TEST(Reserve, IsMadeOfRealBlocksOnceAndGivenBack) {
  TempDirectory directory;
  Reserve reserve(directory.path(), kSmall);
  EXPECT_FALSE(reserve.release());
  ASSERT_TRUE(ok(reserve.ensure()));
  struct stat found{};
  ASSERT_EQ(::stat((directory / "reserve").c_str(), &found), 0);
  EXPECT_EQ(found.st_size, kSmall.value);
  EXPECT_GE(found.st_blocks * 512, kSmall.value);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
  EXPECT_TRUE(ok(reserve.ensure())) << "again";
  EXPECT_TRUE(reserve.release());
  EXPECT_FALSE(std::filesystem::exists(directory / "reserve"));
}

TEST(Reserve, IsNotTakenInByASparseOrShortFile) {
  TempDirectory directory;
  Reserve reserve(directory.path(), kSmall);
  std::ofstream(directory / "reserve") << "x";
  std::filesystem::resize_file(directory / "reserve", static_cast<std::uintmax_t>(kSmall.value));
  ASSERT_TRUE(ok(reserve.ensure()));
  struct stat found{};
  ASSERT_EQ(::stat((directory / "reserve").c_str(), &found), 0);
  EXPECT_GE(found.st_blocks * 512, kSmall.value);
}

TEST(Reserve, SaysWhenItCannotBeHad) {
  TempDirectory directory;
  Reserve none(directory / "nowhere");
  EXPECT_TRUE(is(none.ensure(), Code::internal));
  Reserve huge(directory.path(), Bytes{std::int64_t{1} << 60});
  auto ensured = huge.ensure();
  ASSERT_TRUE(is(ensured, Code::no_space));
  EXPECT_THAT(ensured.error().message, HasSubstr(directory / "reserve"));
  EXPECT_FALSE(std::filesystem::exists(directory / "reserve")) << "nothing is left behind";
}

// A database that may not grow, and what the writer does about it.
class FullDatabase : public ::testing::Test {
 protected:
  FullDatabase() {
    SqliteTables tables(*db_);
    EXPECT_TRUE(ok(create_run(tables, a_run("r1"), {})));
    db_->run("PRAGMA max_page_count=30");
  }
  void let_it_grow() { db_->run("PRAGMA max_page_count=1000"); }
  Write append(std::int64_t seq, std::size_t size, std::promise<Result<>>& told) {
    auto applied = std::make_shared<Result<>>();
    return {.apply =
                [=](Connection& db) {
                  SqliteTables tables(db);
                  *applied = append_records(tables, "r1", 1, seq, records({std::string(size, 'x')}), {});
                },
            .answer = [=, &told](Result<> committed) { told.set_value(committed ? *applied : committed); }};
  }
  Result<> append_alone(Writer& writer, std::int64_t seq, std::size_t size) {
    std::promise<Result<>> told;
    writer.add(append(seq, size, told));
    return told.get_future().get();
  }

  TempDirectory directory_;
  std::unique_ptr<Connection> owned_ =
      Connection::open(directory_ / "davy.db", kJournalSchema, Connection::Use::write).value();
  Connection* db_ = owned_.get();
};

TEST_F(FullDatabase, IsGivenTheReserveAndTriedOnceMore) {
  int asked = 0;
  Writer writer("test", "writing to", std::move(owned_), [&] {
    ++asked;
    let_it_grow();
  });
  EXPECT_TRUE(ok(append_alone(writer, 1, 1000)));
  EXPECT_EQ(asked, 0);
  EXPECT_TRUE(ok(append_alone(writer, 2, 200'000)));
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(ok(append_alone(writer, 3, 1000)));
}

TEST_F(FullDatabase, HasWrittenNothingWhenItSaysSo) {
  int asked = 0;
  Writer writer("test", "writing to", std::move(owned_), [&] { ++asked; });
  auto refused = append_alone(writer, 1, 200'000);
  ASSERT_TRUE(is(refused, Code::no_space));
  EXPECT_THAT(refused.error().message, HasSubstr("davy.db: the disk is full"));
  EXPECT_EQ(asked, 1);
  auto reader = Connection::open(directory_ / "davy.db", kJournalSchema, Connection::Use::read).value();
  SqliteTables tables(*reader);
  EXPECT_EQ(read_records(tables, "r1", 0)->size(), 1u);
  EXPECT_TRUE(ok(append_alone(writer, 1, 1000))) << "what is small still fits, in the same place";
}

TEST_F(FullDatabase, TakesTheSmallOnesOfACommitThatFailed) {
  Writer writer("test", "writing to", std::move(owned_));
  std::promise<void> gate;
  auto opened = gate.get_future().share();
  std::promise<Result<>> first, small, large, later;
  writer.add({.apply = [&](Connection&) { opened.wait(); },  // until those below wait together
              .answer = [&](Result<> committed) { first.set_value(committed); }});
  writer.add(append(1, 1000, small));
  writer.add(append(2, 200'000, large));
  writer.add(append(2, 1000, later));  // applied to a run without the large one
  gate.set_value();
  EXPECT_TRUE(ok(first.get_future().get()));
  EXPECT_TRUE(ok(small.get_future().get()));
  EXPECT_TRUE(is(large.get_future().get(), Code::no_space));
  EXPECT_TRUE(ok(later.get_future().get()));
}

// A disk of its own, of 3 MiB.
class TinyDisk {
 public:
  TinyDisk() { mounted_ = ::mount("davy-test", mount_.path().c_str(), "tmpfs", 0, "size=3m,mode=0700") == 0; }
  ~TinyDisk() {
    if (mounted_) ::umount2(mount_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string state() const { return mount_ / "state"; }
  void fill() {
    int file = ::open((mount_ / "filler").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    std::string block(4096, 'f');
    while (::write(file, block.data(), block.size()) > 0) {
    }
    ::close(file);
  }
  void clear() { std::filesystem::remove(mount_ / "filler"); }

 private:
  TempDirectory mount_;
  bool mounted_ = false;
};

TEST(FullDisk, StopsNewRunsButNotTheRunningOnes) {
  TinyDisk disk;
  if (!disk.mounted()) return;  // not root: FullDatabase above shows the same
  auto store = SqliteStore::open(disk.state(), {.reserve = kSmall}).value();
  ASSERT_TRUE(ok(wait(store->create(a_run("r1"), records({"begun"})))));
  disk.fill();
  std::int64_t seq = 2;
  while (std::filesystem::exists(disk.state() + "/reserve") && seq < 1000) {
    ASSERT_TRUE(ok(wait(store->append("r1", 1, seq, records({std::string(3000, 'x')})))));
    ++seq;
  }
  EXPECT_LT(seq, 1000) << "the reserve was given to the run";
  ASSERT_TRUE(ok(wait(store->claim("r1", 2, seq, records({"claimed"})))));

  auto second = wait(store->create(a_run("r2", {"web"}), {}));
  ASSERT_TRUE(is(second, Code::no_space));
  EXPECT_THAT(second.error().message, HasSubstr("reserve"));

  disk.fill();
  auto large = wait(store->append("r1", 2, seq + 1, records({std::string(2'000'000, 'x')})));
  ASSERT_TRUE(is(large, Code::no_space));
  EXPECT_EQ(std::ssize(*wait(store->read("r1"))), seq + 1) << "nothing of it was written";
  disk.clear();
  EXPECT_TRUE(ok(wait(store->append("r1", 2, seq + 1, records({"on"}))))) << "and it goes on where it was";
  EXPECT_TRUE(ok(wait(store->create(a_run("r2", {"web"}), {}))));
  EXPECT_TRUE(std::filesystem::exists(disk.state() + "/reserve"));
}

}  // namespace
}  // namespace davy::store
