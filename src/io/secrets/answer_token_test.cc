#include "io/secrets/answer_token.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "io/io_testing.h"

namespace davy::io {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

const Answerable kAsked{"20261129-100000-001", 7, "on.call", Time(std::chrono::seconds(1795942800))};

TEST(AnswerToken, SaysWhoMayAnswerWhatAndIsNotForgedByACharacter) {
  Scratch folder;
  auto key = AnswerKey::of(folder / "key");
  ASSERT_TRUE(key) << key.error().message;
  auto token = key->token(kAsked);
  EXPECT_THAT(token, MatchesRegex("20261129-100000-001\\.7\\.on\\.call\\.1795942800\\.[0-9a-z]+"));
  ASSERT_TRUE(key->read(token));
  EXPECT_EQ(*key->read(token), kAsked);
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto other = token;
    other[i] = other[i] == '1' ? '2' : '1';
    EXPECT_FALSE(key->read(other)) << i;
  }
  for (auto text : {"", ".", "....", "a.b.c.d.e", "20261129-100000-001.7.on.call.1795942800."})
    EXPECT_FALSE(key->read(text)) << text;
  EXPECT_FALSE(key->read(token + token));
  EXPECT_FALSE(key->read(std::string(1 << 20, 'x')));
}

TEST(AnswerToken, IsOfOneDirectoryAndItsKeyOfOneUser) {
  Scratch folder;
  auto key = AnswerKey::of(folder / "key"), same = AnswerKey::of(folder / "key"), other = AnswerKey::of(folder / "k2");
  ASSERT_TRUE(key && same && other);
  EXPECT_EQ(key->token(kAsked), same->token(kAsked));
  EXPECT_FALSE(other->read(key->token(kAsked)));
  struct stat seen{};
  ASSERT_EQ(::stat((folder / "key").c_str(), &seen), 0);
  EXPECT_EQ(seen.st_mode & 0777, 0600U);
  ::chmod((folder / "key").c_str(), 0644);
  auto open = AnswerKey::of(folder / "key");
  ASSERT_FALSE(open);
  EXPECT_EQ(open.error().code, Code::refused);
}

TEST(AnswerToken, WhatIsNoKeyIsNotTakenForOne) {
  Scratch folder;
  std::ofstream(folder / "key") << "short";
  ::chmod((folder / "key").c_str(), 0600);
  auto key = AnswerKey::of(folder / "key");
  ASSERT_FALSE(key);
  EXPECT_THAT(key.error().message, HasSubstr("no key"));
}

}  // namespace
}  // namespace davy::io
