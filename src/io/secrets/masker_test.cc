#include "io/secrets/masker.h"

#include <gmock/gmock.h>

#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string masked(const std::vector<Masker::Secret>& secrets, const std::string& text, std::size_t piece) {
  Masker masker(secrets);
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += piece) out += masker.pass(text.substr(at, piece));
  return out + masker.rest();
}

TEST(Masker, FindsASecretHoweverTheReadsFall) {
  for (std::size_t piece = 1; piece < 40; ++piece)
    EXPECT_EQ(masked({{"KEY", "s3cr3t-value"}}, "a s3cr3t-value, s3cr3t-values3cr3t-value s3cr3t-valu", piece),
              "a [KEY], [KEY][KEY] s3cr3t-valu")
        << piece;
}

TEST(Masker, HoldsBackOnlyWhatMayBecomeASecret) {
  Masker masker({{"KEY", "s3cr3t"}});
  EXPECT_EQ(masker.pass("password: s3"), "password: ");
  EXPECT_EQ(masker.pass("lf\n"), "s3lf\n");
  EXPECT_EQ(masker.pass("s3cr3"), "");
  EXPECT_EQ(masker.rest(), "s3cr3");
}

TEST(Masker, TakesTheUnionOfSecretsThatOverlap) {
  for (std::size_t piece = 1; piece < 8; ++piece) {
    EXPECT_EQ(masked({{"A", "abc"}, {"B", "bcdef"}}, "xabcdefx", piece), "x[A]x");
    EXPECT_EQ(masked({{"A", "abc"}, {"B", "abcdef"}}, "xabcdefx xabcx", piece), "x[B]x x[A]x");
    EXPECT_EQ(masked({{"A", "aa"}}, "aaaaab", piece), "[A]b");
  }
}

TEST(Masker, FindsEveryEncodedForm) {
  const std::string value = "p@ss/w\"rd+é'<&> \\ 100%";
  const std::vector<Masker::Secret> secrets = {{"KEY", value}};
  for (const auto& form :
       {value, base64(value), base64("user:" + value), base64("u:" + value + "x"), base64("us:" + value + "xy"),
        url_encoded(value), url_encoded(value, {}, true), url_encoded(value, "/"),
        std::string("p@ss/w\\\"rd+\\u00e9'<&> \\\\ 100%"), std::string("p@ss/w\\\"rd+é'<&> \\\\ 100%"),
        std::string("p%40ss%2Fw%22rd%2B%C3%A9%27%3C%26%3E+%5C+100%25"), std::string("p@ss/w\"rd+é'\\''<&> \\ 100%")}) {
    auto out = masked(secrets, "[" + form + "]", 7);
    EXPECT_THAT(out, HasSubstr("[KEY]")) << form;
    EXPECT_LE(out.size(), 18U) << form << " became " << out;
  }
}

TEST(Masker, FindsTheLinesOfAKey) {
  const std::string pem =
      "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END KEY-----\n";
  auto out = masked({{"PEM", pem}}, "  | MIIEvQIBADANBgkqhkiG9w0B\n  | AQEFAASCBKcwggSjAgEAAoIB\n", 5);
  EXPECT_EQ(out, "  | [PEM]\n  | [PEM]\n");
}

TEST(Masker, PassesAllWhenThereIsNothingToMask) {
  EXPECT_EQ(masked({}, "any text", 3), "any text");
  EXPECT_EQ(masked({{"EMPTY", ""}}, "any text", 3), "any text");
}

// Slow and obviously right: cover every occurrence of every form, then join.
TEST(Masker, AgreesWithTheObviousWayOnSmallAlphabets) {
  const std::vector<Masker::Secret> secrets = {{"K", "ab"}, {"K", "bba"}, {"K", "aaa"}};
  for (unsigned bits = 0; bits < 1024; ++bits) {
    std::string text, expected;
    for (int i = 0; i < 10; ++i) text += bits >> i & 1 ? 'a' : 'b';
    std::string covered(text.size(), ' ');
    for (const auto& [name, value] : secrets)
      for (std::size_t at = 0; (at = text.find(value, at)) != std::string::npos; ++at)
        for (std::size_t i = 0; i < value.size(); ++i) covered[at + i] = '#';
    for (std::size_t i = 0; i < text.size(); ++i)
      if (covered[i] == ' ') expected += text[i];
    for (std::size_t piece : {1, 2, 3, 10}) {
      auto out = masked(secrets, text, piece);
      for (auto at = out.find("[K]"); at != std::string::npos; at = out.find("[K]")) out.erase(at, 3);
      EXPECT_EQ(out, expected) << text;
    }
  }
}

TEST(Wipe, LeavesNothingBehind) {
  std::string text(100, 'x');
  const char* where = text.data();
  wipe(text);
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(where[50], '\0');
}

}  // namespace
}  // namespace davy::io
