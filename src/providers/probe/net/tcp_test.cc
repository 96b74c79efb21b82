#include "providers/probe/net/tcp.h"

#include <gtest/gtest.h>

#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;

const TcpProbe kMail{.address = "mail:25", .talk = {{"", "220 "}, {"EHLO davy", "250 "}, {"raw\n", ""}}};

TEST(TcpProbe, EndsItsLinesAsProtocolsDo) {
  auto all = turns(kMail);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].send, "");
  EXPECT_EQ(all[1].send, "EHLO davy\r\n");
  EXPECT_EQ(all[1].until, "250 ");
  EXPECT_EQ(all[2].send, "raw\n");
}

TEST(TcpProbe, ATalkThatWentAsItShouldIsWell) {
  auto seen = observed(kMail, {.heard = {"220 ", "mail\r\n250 ", ""}, .whole = true}, 5ms);
  EXPECT_TRUE(seen.ok);
  EXPECT_EQ(seen.words["value"], "open");
  EXPECT_EQ(seen.words["answer"], "220 mail\n250");
  EXPECT_EQ(seen.numbers["turns"], 3);
}

TEST(TcpProbe, SaysInWhichTurnSomethingElseWasHeard) {
  auto seen = observed(kMail, {.heard = {"220 ", "421 busy\x1b[31m\r\n"}}, 5ms);
  EXPECT_FALSE(seen.ok);
  EXPECT_EQ(seen.says, "turn 2: expected `250 `, heard `421 busy\\x1b[31m`");
  EXPECT_EQ(seen.words["value"], "silent");
  EXPECT_EQ(seen.numbers["turns"], 1);
  EXPECT_EQ(observed(kMail, {.heard = {""}}, 5ms).says, "turn 1: expected `220 `, heard nothing");
  EXPECT_FALSE(observed(kMail, {}, 5ms).ok);
}

TEST(TcpProbe, NobodyThereIsWhatItSees) {
  struct Away : FakeDialer {
    ports::Task<ports::Dialogue> talk(std::string, std::vector<ports::Turn>, Duration) override {
      co_return fail(code, "refused");
    }
    Code code = Code::unavailable;
  } dialer;
  World world;
  ports::Outside out{world.clock, world.process, world.instances, world.http, dialer, world.files};
  auto seen = testing::run(perform(kMail, out, {}));
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_FALSE(seen->ok);
  EXPECT_EQ(seen->words["value"], "closed");
  dialer.code = Code::invalid;
  EXPECT_FALSE(testing::run(perform(kMail, out, {}))) << "no address is no answer";
}

TEST(TcpProbe, ATurnSaysOrHears) {
  spec::Diagnostics mistakes;
  TcpProbe o;
  auto v = spec::from_json(*spec::parse_json(R"({"tcp": "a:1", "talk": [{}]})"));
  EXPECT_TRUE(spec::decode(v, o, mistakes));
  EXPECT_FALSE(fit_together(o, v, mistakes));
}

}  // namespace
}  // namespace davy::providers
