#include "io/data/mongo_place.h"

#include <gmock/gmock.h>

namespace davy::io {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

MongoPlace place(std::string_view url) {
  auto out = parse_mongo_url(url);
  EXPECT_TRUE(out) << url << ": " << out.error().message;
  return out.value_or(MongoPlace{});
}

TEST(MongoUrls, NameHostsOfAllKinds) {
  EXPECT_THAT(place("mongodb://a").addresses, ElementsAre("a:27017"));
  EXPECT_THAT(place("mongodb://a:1,[::1],[::1]:2,10.0.0.1,%2Ftmp%2Fmongodb-27017.sock").addresses,
              ElementsAre("a:1", "[::1]:27017", "[::1]:2", "10.0.0.1:27017", "/tmp/mongodb-27017.sock"));
  EXPECT_TRUE(place("mongodb://a").direct);
  EXPECT_FALSE(place("mongodb://a,b").direct);
  EXPECT_FALSE(place("mongodb://a/?readPreference=secondary").direct);
}

TEST(MongoUrls, NameWhoAsks) {
  auto p = place("mongodb://us%40er:p%3Aa%2Fss@a/shop");
  EXPECT_EQ(p.user, "us@er");
  EXPECT_EQ(p.password, "p:a/ss");
  EXPECT_EQ(p.database, "shop");
  EXPECT_EQ(p.source, "shop");
  EXPECT_EQ(place("mongodb://u:p@a/shop?authSource=admin").source, "admin");
  EXPECT_EQ(place("mongodb://u:p@a").source, "admin");
  EXPECT_EQ(place("mongodb://u:p@a/?authMechanism=SCRAM-SHA-1").mechanism, "SCRAM-SHA-1");
  EXPECT_EQ(place("mongodb://a/").user, "");
}

TEST(MongoUrls, SayHowAndWhom) {
  auto p = place("mongodb://a,b/?replicaSet=rs0&tls=true&tlsCAFile=%2Fetc%2Fca.pem&readPreference=secondaryPreferred");
  EXPECT_EQ(p.set, "rs0");
  EXPECT_TRUE(p.secure);
  EXPECT_EQ(p.ca, "/etc/ca.pem");
  EXPECT_EQ(p.member, MongoMember::secondary_preferred);
  EXPECT_TRUE(place("mongodb://a?SSL=true").secure);
  EXPECT_EQ(place("mongodb://a,b").member, MongoMember::primary);
  EXPECT_EQ(word(MongoMember::primary_preferred), "primaryPreferred");
}

TEST(MongoUrls, ArePassedOverWhereDriversAloneAreMeant) {
  auto p = place(
      "mongodb://u:p%3D%3D@a:10255/"
      "?ssl=true&retryWrites=false&maxIdleTimeMS=120000&appName=@a@&w=majority&journal=true&"
      "compressors=zstd,snappy&tlsAllowInvalidCertificates=false&sslAllowInvalidHostnames=false&directConnection=true&"
      "readConcernLevel=local&serverSelectionTimeoutMS=5&");
  EXPECT_EQ(p.password, "p==");
  EXPECT_THAT(p.addresses, ElementsAre("a:10255"));
}

TEST(MongoUrls, AreRefusedWhereTheyCannotBeFollowed) {
  for (std::string option :
       {"tlsAllowInvalidCertificates=true", "sslAllowInvalidHostnames=true", "tlsInsecure=true", "loadBalanced=true",
        "tlsCertificateKeyFile=%2Fx", "authMechanism=MONGODB-X509", "authMechanism=PLAIN", "maxStalenessSeconds=120",
        "readPreferenceTags=dc:a", "readConcernLevel=majority", "readPreference=any", "proxyHost=x", "nonsense=1",
        "tls=true&ssl=false"}) {
    auto refused = parse_mongo_url("mongodb://a/?" + option);
    ASSERT_FALSE(refused) << option;
    EXPECT_EQ(refused.error().code, Code::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("which Davy cannot follow")) << option;
  }
  EXPECT_THAT(parse_mongo_url("mongodb://a/?tlsInsecure=true").error().message, HasSubstr("the option tlsinsecure"));
  EXPECT_FALSE(parse_mongo_url("mongodb://a,b/?directConnection=true"));
  EXPECT_THAT(parse_mongo_url("mongodb+srv://u:hunter2@a.example").error().message, HasSubstr("mongodb+srv://"));
}

// What a password that is not percent-encoded makes of a URL, and other mistakes.
TEST(MongoUrls, ShowNothingOfWhatStandsInThem) {
  for (auto wrong : {"",
                     "hunter2",
                     "mongodb:",
                     "mongodb://",
                     "http://u:hunter2@a",
                     "mongodb://u:hunter2/x@a/shop",
                     "mongodb://u:12345/hunter2@a",
                     "mongodb://u:hunter2?x@a",
                     "mongodb://u:12345?hunter2@a",
                     "mongodb://u:12345?hunter2=@a",
                     "mongodb://u:p@1/x?hunter2=1@a",
                     "mongodb://hunter2@a",
                     "mongodb://u:@a",
                     "mongodb://:hunter2@a",
                     "mongodb://u:hunter2@",
                     "mongodb://u:hunter2@a:0",
                     "mongodb://u:hunter2@a:65536",
                     "mongodb://u:hunter2@a:x",
                     "mongodb://u:hunter2@a,,b",
                     "mongodb://u:hunter2@::1",
                     "mongodb://u:hunter2@a/x.y",
                     "mongodb://u:hunter2@a/x%00",
                     "mongodb://u:hunter2@a/?tls",
                     "mongodb://u:hunter2@a/?tls=yes",
                     "mongodb://u:hunter2@a/?tlsCAFile=x",
                     "mongodb+srv://u:hunter2@a"}) {
    auto refused = parse_mongo_url(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().code, Code::invalid) << wrong;
    EXPECT_THAT(to_string(refused.error()), Not(HasSubstr("hunter2"))) << wrong;
  }
  std::string many = "mongodb://a";
  for (int i = 0; i < 50; ++i) many += ",a";
  EXPECT_THAT(parse_mongo_url(many).error().message, HasSubstr("more than 50 hosts"));
}

}  // namespace
}  // namespace davy::io
