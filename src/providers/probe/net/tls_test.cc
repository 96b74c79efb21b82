#include "providers/probe/net/tls.h"

#include <gmock/gmock.h>

#include "ports/expect.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr Time kNow{1'700'000'000s};

ports::Certificate good_for(Duration left) {
  return {.subject = "CN=shop",
          .issuer = "CN=root",
          .names = {"shop", "10.0.0.1"},
          .from = kNow - 24h * 60,
          .until = kNow + left};
}

ports::TlsSeen shown(Duration left) {
  return {.chain = {good_for(left)}, .named = true, .version = "1.3", .took = 8ms};
}

std::optional<std::string> wrong(const ports::Observation& seen, const char* condition) {
  return ports::unmet(seen, {*spec::parse_condition(condition)});
}

TEST(TlsProbe, SeesHowLongAServersCertificateIsGood) {
  auto seen = observed({.place = "shop:443"}, shown(40 * 24h), kNow);
  EXPECT_TRUE(seen.ok) << seen.says;
  EXPECT_EQ(seen.says, "CN=shop, good for 40d");
  EXPECT_EQ(wrong(seen, "remaining > 30d"), std::nullopt);
  EXPECT_EQ(wrong(seen, "remaining > 60d"), "remaining is 40d, expected remaining > 60d");
  EXPECT_EQ(wrong(seen, "version >= 1.2"), std::nullopt);
  EXPECT_EQ(wrong(seen, "names contains 10.0.0.1"), std::nullopt);
}

TEST(TlsProbe, AnExpiredOneIsNotWellWhateverElseIsExpected) {
  auto seen = observed({.place = "shop:443"}, shown(-1h), kNow);
  EXPECT_FALSE(seen.ok);
  EXPECT_THAT(seen.unwell, ElementsAre("remaining"));
  EXPECT_EQ(wrong(seen, "subject is \"CN=shop\""), "CN=shop, expired 1h ago; `expect` says nothing of `remaining`");
}

TEST(TlsProbe, IsNotWellForAnotherNameOrUntrusted) {
  auto foreign = shown(40 * 24h);
  foreign.named = false;
  EXPECT_EQ(observed({.place = "www:443"}, foreign, kNow).says, "CN=shop, good for 40d, not for www");
  auto own = shown(40 * 24h);
  own.distrust = "self-signed certificate";
  auto seen = observed({.place = "shop:443"}, own, kNow);
  EXPECT_THAT(seen.unwell, ElementsAre("trusted"));
  EXPECT_EQ(wrong(seen, "trusted is false"), std::nullopt) << "the plan allows it";
}

TEST(TlsProbe, ReadsAFile) {
  World world;
  TempDir dir;
  std::ofstream(dir.path + "/shop.crt") << "PEM";
  world.certificates.files["PEM"] = {good_for(48h), good_for(4800h)};
  auto seen = run(perform(TlsProbe{.place = "shop.crt"}, world.outside, {.directory = dir.path}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_EQ(seen->numbers["chain"], 2);
  std::ofstream(dir.path + "/hosts") << "127.0.0.1";
  EXPECT_EQ(run(perform(TlsProbe{.place = dir.path + "/hosts"}, world.outside, {})).error().code, Code::invalid);
  EXPECT_FALSE(run(perform(TlsProbe{.place = dir.path + "/none"}, world.outside, {})));
}

TEST(TlsProbe, AsksAsThePlanSays) {
  World world;
  auto seen = run(perform(TlsProbe{.place = "mail:25", .name = "mail.example", .start = ports::StartTls::smtp},
                          world.outside, {.timeout = 3s}));
  EXPECT_EQ(seen.error().code, Code::unavailable);
  ASSERT_EQ(world.certificates.asked.size(), 1u);
  auto& asked = world.certificates.asked[0];
  EXPECT_EQ(asked.name, "mail.example");
  EXPECT_EQ(asked.start, ports::StartTls::smtp);
  EXPECT_EQ(asked.timeout, 3s);
}

TEST(TlsProbe, OptionsOfAServerStandBesideNoFile) {
  spec::Diagnostics mistakes;
  auto options = spec::from_json(*spec::parse_json(R"({"tls": "/etc/shop.crt", "starttls": "smtp"})"));
  EXPECT_FALSE(fit_together(*spec::decoded<TlsProbe>(options, "tls"), options, mistakes));
  EXPECT_EQ(mistakes.count(), 1u);
}

}  // namespace
}  // namespace davy::providers
