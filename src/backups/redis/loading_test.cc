#include "backups/redis/loading.h"

#include <gtest/gtest.h>

namespace davy::backups {
namespace {

TEST(ScannedKeys, MayHaveAnyName) {
  auto step = scanned("17\n2 0 3\nk1abc3 1795942800123 0\na\nb0 0 1\nx");
  ASSERT_TRUE(step);
  EXPECT_EQ(step->cursor, "17");
  ASSERT_EQ(step->keys.size(), 3u);
  EXPECT_EQ(step->keys[0].name, "k1");
  EXPECT_EQ(step->keys[0].expires, "0");
  EXPECT_EQ(step->keys[0].dump, "abc");
  EXPECT_EQ(step->keys[1].name, "a\nb");
  EXPECT_EQ(step->keys[1].expires, "1795942800123");
  EXPECT_EQ(step->keys[1].dump, "");
  EXPECT_EQ(step->keys[2].name, "");
  EXPECT_EQ(step->keys[2].dump, "x");
  EXPECT_TRUE(scanned("0\n")->keys.empty());
}

TEST(ScannedKeys, AnAnswerThatIsCutIsNone) {
  std::string whole = "17\n2 0 3\nk1abc";
  for (std::size_t size : {0u, 2u, 4u, 8u, 10u, 13u}) EXPECT_FALSE(scanned(whole.substr(0, size))) << size;
  EXPECT_FALSE(scanned("0\n99999999999999999999 0 0\nk"));
  EXPECT_FALSE(scanned("0\n-1 0 0\nk"));
}

}  // namespace
}  // namespace davy::backups
