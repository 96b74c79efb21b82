#include "providers/signal/vitals.h"

#include <gmock/gmock.h>

#include "providers/testing/source.h"

namespace davy::providers {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Posts that live in memory.
struct FakeListener : ports::Listener {
  struct Box : ports::Mailbox {
    explicit Box(FakeListener& f) : from(f) {}
    ports::Posted take() override { return std::exchange(from.posted, {}); }
    FakeListener& from;
  };
  bool taken = false;
  ports::ListenAt at;
  ports::Posted posted;
  Result<std::unique_ptr<ports::Mailbox>> listen(ports::ListenAt a) override {
    if (taken) return fail(Code::unavailable, "listening on " + a.address + ": Address already in use");
    at = a;
    return std::make_unique<Box>(*this);
  }
  void views(int n, std::string_view version) {
    for (int i = 0; i < n; ++i)
      posted.bodies.push_back(R"([{"name":"LCP","value":2000,"id":"l)" + std::to_string(i) + R"(","version":")" +
                              std::string(version) + "\"}]");
  }
};

struct Page : World {
  FakeListener listener;
  Page() { outside.listener = &listener; }
};

TEST(VitalsSource, GivesPercentilesByRelease) {
  Page page;
  Watched vitals(page.outside, "vitals", R"({"vitals": "127.0.0.1:9180", "origins": ["https://shop.example.com"]})");
  EXPECT_TRUE(vitals.look().numbers.empty());
  EXPECT_EQ(page.listener.at.address, "127.0.0.1:9180");
  EXPECT_EQ(page.listener.at.path, "/vitals");
  EXPECT_THAT(page.listener.at.origins, ElementsAre("https://shop.example.com"));
  page.listener.views(30, "2");
  page.listener.posted.bodies.emplace_back("garbage");
  page.listener.posted.refused = 3;
  page.clock.time += 1s;
  auto w = vitals.look();
  EXPECT_EQ(number(w, "lcp", "2"), 2);
  EXPECT_EQ(number(w, "views", "2"), 30);
  EXPECT_EQ(number(w, "broken"), 1);
  EXPECT_EQ(number(w, "refused"), 3);
  page.clock.time += 5min;
  EXPECT_EQ(number(vitals.look(), "lcp", "2"), std::nullopt) << "old views say nothing of now";
}

TEST(VitalsSource, IsAwayWhileItCannotListen) {
  Page page;
  page.listener.taken = true;
  Watched vitals(page.outside, "vitals", R"({"vitals": "127.0.0.1:9180"})");
  EXPECT_THAT(vitals.try_look().error().message, HasSubstr("Address already in use; away since"));
  page.listener.taken = false;
  vitals.look();
  page.listener.views(20, "2");
  EXPECT_EQ(number(vitals.look(), "lcp", "2"), 2);
}

TEST(VitalsSource, CanBeTheWholeServices) {
  Page page;
  Watched vitals(page.outside, "vitals", R"({"vitals": "127.0.0.1:9180", "release-by": "", "last": "1m"})");
  vitals.look();
  page.listener.views(20, "2");
  EXPECT_EQ(number(vitals.look(), "lcp", ""), 2);
}

TEST(VitalsSource, RefusesOptionsThatMeanNothing) {
  Page page;
  for (auto& options : {VitalsSignal{.address = "a:1", .path = "vitals"}, VitalsSignal{.address = "a:1", .last = {}}})
    EXPECT_FALSE(vitals_source(options, page.outside, {}));
  World deaf;
  EXPECT_FALSE(vitals_source(VitalsSignal{.address = "a:1"}, deaf.outside, {})) << "nothing listens there";
}

}  // namespace
}  // namespace davy::providers
