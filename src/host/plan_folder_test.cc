#include "host/plan_folder.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <latch>
#include <thread>

namespace davy::host {
namespace {

namespace fs = std::filesystem;

struct PlanFolder : ::testing::Test {
  fs::path root = fs::canonical(fs::temp_directory_path()) / ("davy-plan-folder-" + std::to_string(::getpid()));
  fs::path a = root / "a", b = root / "b", instead = root / "x" / "gone", here = fs::current_path();
  void SetUp() override { fs::create_directories(a), fs::create_directories(b); }
  void TearDown() override { fs::remove_all(root); }
};

TEST_F(PlanFolder, IsWhereRelativePathsBeginWhileTheRestOfTheProcessStaysWhereItIs) {
  fs::path inside, thread;
  in_folder({a, instead}, [&] {
    inside = fs::current_path();
    std::thread([&] { thread = fs::current_path(); }).join();
  });
  EXPECT_EQ(inside, a);
  EXPECT_EQ(thread, a);
  EXPECT_EQ(fs::current_path(), here);
}

// Not in every container.
bool threads_may_stand_apart() {
  bool out = false;
  std::thread([&] { out = ::unshare(CLONE_FS) == 0; }).join();
  return out;
}

TEST_F(PlanFolder, OfTwoAtTheSameTimeIsEachTheirOwn) {
  if (!threads_may_stand_apart()) GTEST_SKIP() << "here one waits for the other";
  std::latch both(2);
  fs::path first, second;
  std::thread other([&] { in_folder({a, instead}, [&] { both.arrive_and_wait(), first = fs::current_path(); }); });
  in_folder({b, instead}, [&] { both.arrive_and_wait(), second = fs::current_path(); });
  other.join();
  EXPECT_EQ(first, a);
  EXPECT_EQ(second, b);
}

TEST_F(PlanFolder, ThatIsGoneIsAnEmptyOneAndNotWhereTheProcessStands) {
  fs::path gone, unknown;
  in_folder({root / "none", instead}, [&] { gone = fs::current_path(); });
  in_folder({"", instead}, [&] { unknown = fs::current_path(); });
  EXPECT_EQ(gone, instead);
  EXPECT_EQ(unknown, here);
}

}  // namespace
}  // namespace davy::host
