#include "io/keeper/kept_logs.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace davy::io {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::SizeIs;

class KeptLogs : public testing::Test {
 protected:
  KeptLogs() {
    auto name = (fs::temp_directory_path() / "davy-kept-logs-XXXXXX").string();
    root_ = ::mkdtemp(name.data());
    fs::create_directory(root_ + "/instances");
  }
  ~KeptLogs() override { fs::remove_all(root_); }

  void keep(const std::string& key, std::size_t size, Time at) {
    std::ofstream(root_ + "/log") << std::string(size - 4, 'x') << "end\n";
    keep_log(root_ + "/instances", key, root_ + "/log", at);
  }
  std::vector<std::string> kept(const std::string& prefix = "") { return kept_logs(root_ + "/instances", prefix); }

  std::string root_;
};

TEST_F(KeptLogs, TheEndOfALogOutlivesItsInstance) {
  keep("shop.production/shop@2~r/0", kLogKept + 100, Time(5s));
  ASSERT_THAT(kept("shop.production/shop@2"), SizeIs(1));
  std::stringstream text;
  text << std::ifstream(kept().front()).rdbuf();
  EXPECT_EQ(text.str().size(), kLogKept);
  EXPECT_THAT(text.str(), EndsWith("xend\n"));
  EXPECT_THAT(kept("shop.production/shop@3"), SizeIs(0));
}

TEST_F(KeptLogs, OfALogThatWasTurnedAMomentAgoWhatCameBeforeIsKeptToo) {
  std::ofstream(root_ + "/log.1") << "the stack trace\n";
  keep("shop.production/shop@2~r/0", 10, Time(5s));
  std::stringstream text;
  text << std::ifstream(kept().front()).rdbuf();
  EXPECT_EQ(text.str(), "the stack trace\nxxxxxxend\n");
}

TEST_F(KeptLogs, ThoseOfLastWeekGo) {
  keep("a/r/0", 10, Time(1h));
  keep("b/r/0", 10, Time(1h + kLogsKept));
  EXPECT_THAT(kept(), SizeIs(2));
  keep("c/r/0", 10, Time(2h + kLogsKept));
  EXPECT_THAT(kept(), ElementsAre(testing::HasSubstr("/b"), testing::HasSubstr("/c")));
}

TEST_F(KeptLogs, AreBoundedInAll) {
  auto many = kLogsInAll / kLogKept;
  for (std::size_t i = 0; i < many + 3; ++i) keep("a/r/" + std::to_string(i), kLogKept, Time(1h + i * 1s));
  EXPECT_THAT(kept(), SizeIs(many));
  EXPECT_THAT(kept().front(), testing::HasSubstr(".3603.log"));
}

TEST_F(KeptLogs, WhatIsNoFileIsNotKept) {
  fs::create_symlink("/etc/passwd", root_ + "/log");
  keep_log(root_ + "/instances", "a/r/0", root_ + "/log", Time(1h));
  EXPECT_THAT(kept(), SizeIs(0));
}

}  // namespace
}  // namespace davy::io
