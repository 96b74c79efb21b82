#include "signals/traffic/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace davy::signals {
namespace {

// Every length around the widths of the registers, in a buffer that ends where the text does.
std::vector<std::string> texts() {
  std::mt19937_64 random(7);
  std::vector<std::string> out;
  for (std::size_t size = 0; size < 300; ++size)
    for (int i = 0; i < 8; ++i) {
      std::string text(size, 'x');
      for (auto& c : text)
        if (random() % 7 == 0) c = random() % 2 ? ' ' : '"';
      text.shrink_to_fit();
      out.push_back(std::move(text));
    }
  return out;
}

TEST(Scan, FindsWhatALoopFinds) {
  for (auto& text : texts()) {
    auto begin = text.data(), end = begin + text.size();
    for (auto at = begin; at <= end; at += 5) {
      auto slow = at;
      while (slow != end && *slow != ' ' && *slow != '"') ++slow;
      EXPECT_EQ(find_either(at, end, ' ', '"'), slow);
      if (end - at < 5) break;
    }
  }
}

TEST(Scan, HasWhatALoopFinds) {
  for (auto& text : texts()) EXPECT_EQ(has(text.data(), text.data() + text.size(), '"'), text.contains('"')) << text;
}

TEST(Scan, FindsUpToTheEndWhereMoreMayBeRead) {
  for (auto& text : texts()) {
    auto begin = text.data(), readable = begin + text.size(), end = begin + text.size() * 2 / 3;
    auto slow = begin;
    while (slow != end && *slow != ' ') ++slow;
    EXPECT_EQ(find_in(begin, end, readable, ' '), slow) << text;
  }
}

}  // namespace
}  // namespace davy::signals
