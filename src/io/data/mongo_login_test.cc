#include "io/data/mongo_login.h"

#include <gmock/gmock.h>

namespace davy::io {
namespace {

using testing::HasSubstr;
using testing::Not;

// RFC 5802, 5 and RFC 7677, 3.
struct Exchange {
  ScramHash hash;
  std::string nonce, first, server_first, answer, server_final;
};
const Exchange kExchanges[] = {
    {ScramHash::sha1, "fyko+d2lbbFgONRv9qkxdawL", "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
     "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
     "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="},
    {ScramHash::sha256, "rOprNGfwEbeRWgbNEkqO", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
     "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
     "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
     "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="}};

TEST(Scram, SaysWhatTheRfcsSay) {
  for (auto& x : kExchanges) {
    Scram scram(x.hash, "user", "pencil", x.nonce);
    EXPECT_EQ(scram.first(), x.first);
    auto answer = scram.answer(x.server_first);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(*answer, x.answer);
    EXPECT_TRUE(scram.believe(x.server_final));
  }
}

TEST(Scram, BelievesNobodyWhoDoesNotKnowThePassword) {
  auto& x = kExchanges[1];
  for (auto wrong : {"", "v=", "v=AAAA", "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5=", "x", "v=!!!!",
                     "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="}) {
    Scram scram(x.hash, "user", "pencil", x.nonce);
    EXPECT_FALSE(scram.believe(x.server_final)) << "before anything was said";
    ASSERT_TRUE(scram.answer(x.server_first));
    EXPECT_EQ(scram.believe(wrong).error().code, Code::invalid) << wrong;
  }
  Scram scram(x.hash, "user", "pencil", x.nonce);
  EXPECT_EQ(scram.believe("e=invalid-proof").error().code, Code::refused);
}

TEST(Scram, AnswersNothingThatMakesNoSense) {
  for (std::string wrong :
       {"", "r=abcdef", "r=abcdef,s=AAAA", "r=abc,s=AAAA,i=4096", "r=xbcdef,s=AAAA,i=4096", "r=abcdef,s=,i=4096",
        "r=abcdef,s=A,i=4096", "r=abcdef,s=AAAA,i=", "r=abcdef,s=AAAA,i=4096x", "r=abcdef,s=AAAA,i=-5000",
        "m=x,r=abcdef,s=AAAA,i=4096", "s=AAAA,r=abcdef,i=4096", "r=abcdef,s=AAAA,i=99999999999999999999"}) {
    Scram scram(ScramHash::sha256, "user", "secret", "abc");
    EXPECT_EQ(scram.answer(wrong).error().code, Code::invalid) << wrong;
  }
}

TEST(Scram, HashesNeitherTooSeldomNorForEver) {
  for (auto rounds : {"1", "4095", "200001", "2147483647"}) {
    Scram scram(ScramHash::sha256, "user", "secret", "abc");
    auto answer = scram.answer("r=abcdef,s=AAAA,i=" + std::string(rounds));
    ASSERT_FALSE(answer) << rounds;
    EXPECT_THAT(answer.error().message, HasSubstr(rounds));
    EXPECT_THAT(answer.error().message, Not(HasSubstr("secret")));
  }
}

TEST(Scram, KeepsNamesApartFromItsOwnSigns) {
  EXPECT_EQ(Scram(ScramHash::sha256, "a=b,c", "x", "n").first(), "n,,n=a=3Db=2Cc,r=n");
}

TEST(ScramPasswords, ArePreparedAsMongoDbHasThem) {
  EXPECT_EQ(*scram_password(ScramHash::sha1, "user", "pencil"), "1c33006ec1ffd90f9cadcbcc0e118200");
  EXPECT_EQ(*scram_password(ScramHash::sha256, "user", "p %~1"), "p %~1");
  EXPECT_TRUE(scram_password(ScramHash::sha1, "user", "päncil"));
  for (auto other : {"päncil", "a\tb", "\x7f"}) {
    auto refused = scram_password(ScramHash::sha256, "user", other);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("not in printable ASCII"));
    EXPECT_THAT(refused.error().message, Not(HasSubstr(other)));
  }
}

TEST(Base64, IsDecodedOrNothing) {
  EXPECT_EQ(base64_decoded("YQ=="), "a");
  EXPECT_EQ(base64_decoded("YWI="), "ab");
  EXPECT_EQ(base64_decoded("YWJj"), "abc");
  for (auto wrong : {"", "Y", "YWJ", "Y!==", "===="}) EXPECT_EQ(base64_decoded(wrong), "") << wrong;
}

}  // namespace
}  // namespace davy::io
