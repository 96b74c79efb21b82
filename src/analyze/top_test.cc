#include "analyze/top.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace davy::analyze {
namespace {

struct Seen {
  std::uint64_t n = 0;
  void merge(const Seen& other) { n += other.n; }
};

using Counts = std::map<std::string, std::uint64_t>;

// Few common names among very many rare ones.
std::string name(std::mt19937_64& random) {
  return random() % 3 == 0 ? "common" + std::to_string(random() % 5) : "rare" + std::to_string(random() % 100'000);
}

void expect_bounds(const Top<Seen>& top, const Counts& truth, std::uint64_t all, std::size_t most) {
  EXPECT_LE(top.size(), most);
  std::map<std::string, bool> there;
  for (auto& e : top.sorted()) {
    there[e.name] = true;
    auto found = truth.find(e.name);
    auto n = found == truth.end() ? 0 : found->second;
    EXPECT_GE(e.count, n) << e.name;
    EXPECT_LE(e.count - e.over, n) << e.name;
    EXPECT_LE(e.value.n, n) << e.name;
  }
  for (auto& [word, n] : truth)
    if (n > all / most) EXPECT_TRUE(there[word]) << word << " " << n;
}

TEST(Top, IsExactWhileAllHaveAPlace) {
  Top<Seen> top(10);
  for (auto word : {"b", "a", "c", "a", "b", "a"}) ++top.add(word).n;
  auto sorted = top.sorted();
  ASSERT_EQ(sorted.size(), 3u);
  EXPECT_EQ(sorted[0].name, "a");
  EXPECT_EQ(sorted[0].count, 3u);
  EXPECT_EQ(sorted[0].over, 0u);
  EXPECT_EQ(sorted[2].name, "c");
}

TEST(Top, BoundsHoldAgainstAMap) {
  std::mt19937_64 random(1);
  Top<Seen> top(50);
  Counts truth;
  for (int i = 0; i < 50'000; ++i) {
    auto word = name(random);
    ++top.add(word).n, ++truth[word];
  }
  expect_bounds(top, truth, 50'000, 50);
}

TEST(Top, BoundsHoldWhenMerged) {
  std::mt19937_64 random(2);
  std::vector<Top<Seen>> tops(4, Top<Seen>(50));
  Counts truth;
  for (int i = 0; i < 40'000; ++i) {
    auto word = name(random);
    ++tops[random() % 4].add(word).n, ++truth[word];
  }
  for (int i = 1; i < 4; ++i) tops[0].merge(tops[static_cast<std::size_t>(i)]);
  expect_bounds(tops[0], truth, 40'000, 50);
  for (int i = 0; i < 10'000; ++i) {  // and it goes on
    auto word = name(random);
    ++tops[0].add(word).n, ++truth[word];
  }
  expect_bounds(tops[0], truth, 50'000, 50);
}

TEST(Top, LongNamesAreCut) {
  Top<Seen> top(10);
  top.add(std::string(100'000, 'x'));
  EXPECT_LE(top.sorted()[0].name.size(), 400u);
}

}  // namespace
}  // namespace davy::analyze
