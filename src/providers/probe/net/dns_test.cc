#include "providers/probe/net/dns.h"

#include <gmock/gmock.h>

#include "ports/expect.h"
#include "providers/testing/world.h"

namespace davy::providers {
namespace {

using namespace testing;
using ports::DnsType;

struct DnsTest : ::testing::Test {
  World world;
  DnsTest() {
    world.names.zone["shop.example"] = {{DnsType::a, {"192.0.2.2", "192.0.2.1"}}, {DnsType::aaaa, {"2001:db8::1"}}};
  }
  Result<ports::Observation> look(DnsProbe o) { return run(perform(std::move(o), world.outside, {.timeout = 4s})); }
};

TEST_F(DnsTest, SeesAddressesOfEitherKind) {
  auto seen = look({.name = "shop.example"});
  ASSERT_TRUE(seen) << because(seen);
  EXPECT_TRUE(seen->ok);
  EXPECT_EQ(seen->says, "shop.example is 192.0.2.1, 192.0.2.2, 2001:db8::1");
  EXPECT_EQ(seen->numbers["count"], 3);
  EXPECT_EQ(seen->numbers["ttl"], 300);
  ASSERT_EQ(world.names.asked.size(), 2u);
  EXPECT_EQ(world.names.asked[0].timeout, 2s) << "half of the time for each";
}

TEST_F(DnsTest, AsksForATypeAtAServer) {
  EXPECT_EQ(look({.name = "shop.example", .type = DnsType::aaaa, .server = "192.0.2.53"})->words["value"],
            "2001:db8::1");
  EXPECT_EQ(world.names.asked[0].server, "192.0.2.53");
}

TEST_F(DnsTest, TellsNoSuchNameFromNoSuchRecordAndFromNoAnswer) {
  auto none = look({.name = "nobody.example"});
  EXPECT_FALSE(none->ok);
  EXPECT_EQ(none->says, "nobody.example does not exist");
  EXPECT_EQ(ports::unmet(*none, {*spec::parse_condition("exists is false")}), std::nullopt);
  auto record = look({.name = "shop.example", .type = DnsType::mx});
  EXPECT_EQ(record->says, "shop.example has no such record");
  EXPECT_EQ(ports::unmet(*record, {*spec::parse_condition("count = 0")}), std::nullopt);
  world.names.away.insert("");
  EXPECT_EQ(look({.name = "shop.example"}).error().code, Code::timed_out);
}

}  // namespace
}  // namespace davy::providers
