// tests/plans: every wrong plan says exactly what stands beside it, every right one validates.
// DAVY_ACCEPT=1 writes what is said now; read the difference before committing it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plan/plan.h"
#include "plan/words/render.h"
#include "plan/words/words_testing.h"
#include "source_dir.h"

namespace davy::plan {
namespace {
namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> plans(std::string_view folder) {
  std::vector<fs::path> out;
  for (auto& entry : fs::directory_iterator(fs::path(source_dir()) / "tests/plans" / folder))
    if (entry.path().extension() == ".yaml") out.push_back(entry.path());
  std::ranges::sort(out);
  return out;
}

std::string said(const fs::path& path) {
  auto text = contents(path);
  return render(parse(text, words::vocabulary()).mistakes, text, path.filename().string(), false);
}

TEST(Corpus, OfWrongPlansSaysWhatIsWrong) {
  auto all = plans("wrong");
  EXPECT_GE(all.size(), 110u);
  for (auto& path : all) {
    auto expected = fs::path(path).replace_extension(".expected");
    auto now = said(path);
    if (std::getenv("DAVY_ACCEPT")) std::ofstream(expected, std::ios::binary) << now;
    EXPECT_EQ(now, contents(expected)) << path;
    EXPECT_NE(now, "") << path << " is not wrong";
  }
}

TEST(Corpus, OfRightPlansValidates) {
  auto all = plans("right");
  EXPECT_GE(all.size(), 8u);
  for (auto& path : all) EXPECT_EQ(said(path), "") << path;
}

}  // namespace
}  // namespace davy::plan
