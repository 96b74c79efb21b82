#include "signals/scan.h"

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

TEST(Scan, PlacesAreThoseOfALoop) {
  for (auto& text : texts()) {
    std::vector<std::size_t> slow;
    for (std::size_t i = 0; i < text.size() && slow.size() < 20; ++i)
      if (text[i] == ' ' || text[i] == '"') slow.push_back(i);
    Places<20> fast(text, ' ', '"');
    ASSERT_EQ(fast.size(), slow.size()) << text;
    for (std::size_t i = 0; i < slow.size(); ++i) EXPECT_EQ(fast[i], slow[i]) << text;
  }
}

TEST(Scan, FieldsAreWhatStandsBetweenSpaces) {
  std::string text = "a bc  d ";
  Fields fields(text);
  ASSERT_EQ(fields.size(), 5u);
  EXPECT_EQ(fields[0], "a");
  EXPECT_EQ(fields.before_last(1), "bc");
  EXPECT_EQ(fields[2], "");
  EXPECT_EQ(fields[3], "d");
  EXPECT_EQ(fields[4], "");
  EXPECT_EQ(fields.from(3), "d ");
}

}  // namespace
}  // namespace davy::signals
