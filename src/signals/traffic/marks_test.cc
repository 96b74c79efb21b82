#include "signals/traffic/marks.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace davy::signals {
namespace {

constexpr Dividers kDividers{.first = ' ', .second = '"', .listed = true};

// Every length around the widths of the registers, in a buffer that ends where the text does; some longer ones.
std::vector<std::string> texts() {
  std::mt19937_64 random(7);
  std::vector<std::string> out;
  auto add = [&](std::size_t size) {
    std::string text(size, 'x');
    for (auto& c : text)
      if (random() % 7 == 0) c = " \"\n"[random() % 3];
    if (size > 0 && random() % 4 == 0) text[random() % size] = '\\';
    text.shrink_to_fit();
    out.push_back(std::move(text));
  };
  for (std::size_t size = 0; size < 300; ++size)
    for (int i = 0; i < 8; ++i) add(size);
  for (auto size : {Marks::kMost - 1, Marks::kMost}) add(size);
  return out;
}

std::vector<std::size_t> all(std::string_view text, char wanted) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == wanted) out.push_back(i);
  return out;
}

// With what was looked at in advance, and without: `both` is called with each.
void marked(const std::string& text, auto both) {
  Marks marks(kDividers, text.data() + text.size());
  both(marks);
  std::vector<std::uint16_t> ends(Marks::kMost + 1);
  ends.resize(marks.look(text, ends.data()));
  EXPECT_EQ(std::vector<std::size_t>(ends.begin(), ends.end()), all(text, '\n')) << text;
  EXPECT_EQ(std::vector<std::size_t>(marks.list().begin(), marks.list().end()), all(text, kDividers.first)) << text;
  EXPECT_EQ(marks.escapes(), text.contains('\\')) << text;
  EXPECT_TRUE(marks.covers(text) || text.empty());
  both(marks);
}

TEST(Marks, WindowsAreThoseOfALoop) {
  for (auto& text : texts())
    marked(text, [&](const Marks& marks) {
      for (std::size_t at = 0; at < text.size(); at += 1 + at / 300) {
        std::uint64_t first = 0, second = 0;
        for (std::size_t i = 0; i < Marks::kWindow && at + i < text.size(); ++i) {
          first |= std::uint64_t{text[at + i] == kDividers.first} << i;
          second |= std::uint64_t{text[at + i] == kDividers.second} << i;
        }
        ASSERT_EQ(marks.first(text.data() + at), first) << text;
        ASSERT_EQ(marks.second(text.data() + at), second) << text;
      }
    });
}

TEST(Marks, PlacesAreThoseOfALoop) {
  for (auto& text : texts())
    marked(text, [&](const Marks& marks) {
      auto part = std::string_view(text).substr(0, text.size() * 2 / 3);
      auto slow = all(part, kDividers.first);
      slow.resize(std::min<std::size_t>(slow.size(), 60));
      Places<60> fast(part, marks);
      EXPECT_EQ(std::vector<std::size_t>(fast.all().begin(), fast.all().end()), slow) << text;
    });
}

TEST(Marks, SeparatorsAreThoseOfALoop) {
  std::mt19937_64 random(3);
  for (auto& text : texts())
    marked(text, [&](const Marks& marks) {
      Separators fast(marks, text.data());
      for (std::size_t at = 0; at < text.size();) {
        auto slow = text.find(kDividers.first, at);
        auto found = fast.next();
        if (slow == text.npos) {
          EXPECT_EQ(found, marks.readable()) << text;
          return;
        }
        ASSERT_EQ(found, text.data() + slow) << text;
        at = slow + 1;
        if (random() % 3 == 0 && at < text.size()) at += random() % (text.size() - at), fast.from(text.data() + at);
      }
    });
}

TEST(Marks, SeveralSeparatorsAtOnceAreTheSameAsOneByOne) {
  for (auto& text : texts())
    marked(text, [&](const Marks& marks) {
      Separators one(marks, text.data()), many(marks, text.data());
      for (int i = 0; i < 20; ++i)
        for (auto at : many.next<3>()) EXPECT_EQ(at, one.next()) << text;
    });
}

}  // namespace
}  // namespace davy::signals
