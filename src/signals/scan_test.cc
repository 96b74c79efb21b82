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

TEST(Scan, FindsUpToTheEndWhereMoreMayBeRead) {
  for (auto& text : texts()) {
    auto begin = text.data(), readable = begin + text.size(), end = begin + text.size() * 2 / 3;
    auto slow = begin;
    while (slow != end && *slow != ' ') ++slow;
    EXPECT_EQ(find_in(begin, end, readable, ' '), slow) << text;
  }
}

TEST(Scan, PlacesAreThoseOfALoop) {
  for (auto& text : texts()) {
    auto part = std::string_view(text).substr(0, text.size() * 2 / 3);
    std::vector<std::size_t> slow;
    for (std::size_t i = 0; i < part.size(); ++i)
      if (part[i] == ' ') slow.push_back(i);
    Places<60> fast(part, text.data() + text.size(), ' ', '"');
    ASSERT_EQ(fast.size(), slow.size()) << text;
    EXPECT_EQ(fast.other(), part.contains('"')) << text;
    for (std::size_t i = 0; i < slow.size(); ++i) EXPECT_EQ(fast[i], slow[i]) << text;
  }
}

template <bool kRoomy>
void separators_are_those_of_a_loop(std::string_view text, const char* readable, std::mt19937_64& random) {
  Separators<kRoomy> fast(text.data(), readable, ' ');
  for (std::size_t at = 0; at < text.size();) {
    auto slow = std::min(text.find(' ', at), text.size());
    auto found = fast.next();
    if (slow == text.size()) {
      EXPECT_GE(found, text.data() + slow) << text;
      return;
    }
    ASSERT_EQ(found, text.data() + slow) << text;
    at = slow + 1;
    if (random() % 3 == 0) at += random() % (text.size() - slow), fast.from(text.data() + at);
  }
}

TEST(Scan, SeparatorsAreThoseOfALoop) {
  std::mt19937_64 random(3);
  for (auto& text : texts()) {
    separators_are_those_of_a_loop<false>(text, text.data() + text.size(), random);
    if (text.size() < 64) continue;
    separators_are_those_of_a_loop<true>(std::string_view(text).substr(0, text.size() - 64), text.data() + text.size(),
                                         random);
  }
}

TEST(Scan, SeveralSeparatorsAtOnceAreTheSameAsOneByOne) {
  for (auto& text : texts()) {
    auto readable = text.data() + text.size();
    Separators<false> one(text.data(), readable, ' '), many(text.data(), readable, ' ');
    for (int i = 0; i < 20; ++i) {
      const char* three[3];
      many.next(three);
      for (auto at : three) EXPECT_EQ(at, one.next()) << text;
    }
  }
}

}  // namespace
}  // namespace davy::signals
