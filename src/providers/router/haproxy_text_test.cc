// What is said to HAProxy, word for word, and how its answers read.
#include "providers/router/haproxy_text.h"

#include <gmock/gmock.h>

#include "providers/router/haproxy.h"
#include "providers/router/haproxy_maintenance.h"
#include "providers/router/haproxy_return.h"
#include "providers/router/haproxy_workers.h"
#include "providers/testing/world.h"

namespace davy::providers::haproxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

const Layout kLayout{"shop", "", "127.0.0.1:1", "check inter 1s"};

Server slot(std::string name, int unchanged = 0) {
  return {.name = std::move(name),
          .address = "127.0.0.1:1",
          .weight = 1,
          .maint = true,
          .checked = true,
          .unchanged = unchanged};
}
Server serves(std::string name, std::string address, int weight, bool up = true) {
  return {.name = std::move(name), .address = std::move(address), .weight = weight, .up = up, .checked = true};
}

// Answered by HAProxy 2.6.12 (columns after the 38th cut).
constexpr std::string_view kAnswer =
    "1\n# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight "
    "srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state "
    "bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr "
    "srv_agent_addr srv_agent_port\n"
    "3 shop 1 davy1 127.0.0.1 2 4 243 1 34 15 3 2 6 0 0 0 - 19081 - 0 0 - - 0\n"
    "3 shop 2 davy2 ::1 0 12 13 1 33 8 2 0 6 0 0 0 - 19082 - 0 0 - - 0\n"
    "3 shop 3 davy3 127.0.0.1 0 5 1 1 1 1 0 0 14 0 0 0 - 1 - 0 0 - - 0\n\n\n"
    "# pxname,svname,scur,bck,check_status,check_code,addr\n"
    "shop,davy1,7,0,* L7OK,200,127.0.0.1:19081\n"
    "shop,davy2,0,0,L7STS,503,[::1]:19082\n"
    "shop,davy3,0,0,,,127.0.0.1:1\n\n";

TEST(HaproxyAnswers, AreReadByTheNamesOfTheirColumns) {
  auto all = servers(kAnswer, "shop");
  ASSERT_TRUE(all) << to_string(all.error());
  ASSERT_EQ(all->size(), 3u);
  auto &one = all->at(0), &two = all->at(1), &three = all->at(2);
  EXPECT_EQ(one.address, "127.0.0.1:19081");
  EXPECT_EQ(one.weight, 243);
  EXPECT_TRUE(one.up && !one.maint && !one.drain && one.checked);
  EXPECT_EQ(one.sessions, 7);
  EXPECT_EQ(one.check, "L7OK 200");
  EXPECT_EQ(two.address, "[::1]:19082");
  EXPECT_TRUE(two.drain && !two.up);
  EXPECT_EQ(two.check, "L7STS 503");
  EXPECT_TRUE(three.maint);
  EXPECT_TRUE(is_free(kLayout, three));
}

TEST(HaproxyAnswers, ThatAreGarbageAreErrors) {
  for (std::string_view garbage : {"", "\n", "HTTP/1.1 200 OK\r\n\r\nhello", "# be_id be_name\n1 2\n",
                                   "# be_id srv_name\n3\n\n# pxname,svname\n", "# \n# \n", "1\n# be_id srv_name\n"}) {
    auto all = servers(garbage, "shop");
    ASSERT_FALSE(all) << garbage;
    EXPECT_EQ(all.error().code, Code::invalid);
  }
  EXPECT_THAT(servers("Permission denied\n", "shop").error().hint, HasSubstr("level admin"));
  EXPECT_THAT(servers("Can't find backend.\n", "shop").error().message, HasSubstr("no backend `shop`"));
}

TEST(HaproxyAnswers, CutAnywhereDoNoHarm) {
  for (std::size_t n = 0; n < kAnswer.size(); ++n) (void)servers(kAnswer.substr(0, n), "shop");
}

TEST(HaproxyAnswers, OnlyComplaintsAreComplaints) {
  EXPECT_EQ(
      complaint(
          "no need to change the addr, port changed from '1' to '2' by 'stats socket command'\n\n\n\n1\n# be_id\n"),
      "");
  EXPECT_EQ(complaint("No such server.\n\nNew server registered.\n\nServer still has connections.\n\n"),
            "No such server. Server still has connections.");
}

TEST(HaproxyCommands, ASlotMustPassACheckBeforeItIsUp) {
  EXPECT_THAT(placed(kLayout, {serves("web", "10.0.0.1:80", 256), slot("davy1"), slot("davy2")}, {"127.0.0.1:18100"}),
              ElementsAre("set server shop/davy1 addr 127.0.0.1 port 18100", "set server shop/davy1 weight 0",
                          "enable health shop/davy1", "set server shop/davy1 state ready",
                          "set server shop/davy1 health down"));
}

TEST(HaproxyCommands, TheSlotThatWasFreeForLongestIsTakenFirst) {
  EXPECT_THAT(placed(kLayout, {slot("davy1", 3), slot("davy2", 90)}, {"[::1]:18100"}).front(),
              "set server shop/davy2 addr ::1 port 18100");
}

TEST(HaproxyCommands, WithoutASlotAServerIsAdded) {
  EXPECT_THAT(placed(kLayout, {}, {"127.0.0.1:18100"}),
              ElementsAre("add server shop/davy-127.0.0.1:18100 127.0.0.1:1 check inter 1s",
                          "set server shop/davy-127.0.0.1:18100 addr 127.0.0.1 port 18100",
                          "set server shop/davy-127.0.0.1:18100 weight 0", "enable health shop/davy-127.0.0.1:18100",
                          "set server shop/davy-127.0.0.1:18100 state ready",
                          "set server shop/davy-127.0.0.1:18100 health down"));
}

TEST(HaproxyCommands, WhatIsThereIsLeftAlone) {
  auto drained = serves("b", "127.0.0.1:2", 5);
  drained.drain = true;
  EXPECT_THAT(placed(kLayout, {serves("a", "127.0.0.1:9", 7), drained}, {"127.0.0.1:9", "127.0.0.1:2"}),
              ElementsAre("set server shop/b weight 0", "set server shop/b state ready"));
}

TEST(HaproxyCommands, GiveBackWhatWasTaken) {
  auto one = serves("davy1", "127.0.0.1:9", 0), fixed = serves("web", "127.0.0.1:8", 0),
       added = serves("davy-127.0.0.1:7", "127.0.0.1:7", 0);
  std::vector all{one, fixed, added, slot("davy2")};
  EXPECT_THAT(emptied(kLayout, all, one),
              ElementsAre("set server shop/davy1 weight 0", "set server shop/davy1 addr 127.0.0.1 port 1"));
  EXPECT_THAT(emptied(kLayout, all, fixed), IsEmpty());
  EXPECT_THAT(emptied(kLayout, all, added), ElementsAre("del server shop/davy-127.0.0.1:7"));
}

TEST(HaproxyCommands, FitOnLinesThatHaproxyCanRead) {
  Commands many(900, "set server shop/davy1 weight 12");
  auto all = lines(many);
  EXPECT_GT(all.size(), 1u);
  for (auto& line : all) EXPECT_LE(line.size(), 8100u);
  EXPECT_THAT(lines({"a", "b"}), ElementsAre("a; b"));
}

TEST(HaproxyShares, SpreadEvenly) {
  EXPECT_THAT(spread(13, 3), ElementsAre(5, 4, 4));
  EXPECT_THAT(spread(3, 4), ElementsAre(1, 1, 1, 0));
}

TEST(HaproxyShares, RaiseBeforeTheyLower) {
  std::vector now{serves("a", "1:1", 256), serves("b", "2:2", 0)};
  auto c = change("shop", now, *weights(now, {{"2:2"}, {"1:1"}}, Ratio{.05}));
  EXPECT_THAT(c.raise, ElementsAre("set server shop/b weight 13"));
  EXPECT_THAT(c.lower, ElementsAre("set server shop/a weight 243"));
}

TEST(HaproxyShares, WithoutARestGoToWhoeverHasUsers) {
  std::vector now{serves("a", "1:1", 3), serves("b", "2:2", 1), serves("c", "3:3", 0), serves("idle", "4:4", 0)};
  EXPECT_THAT(*weights(now, {{"3:3"}, {}}, Ratio{.5}), ElementsAre(Pair("a", 96), Pair("b", 32), Pair("c", 128)));
}

TEST(HaproxyShares, AFirstReleaseHasNobodyToShareWith) {
  EXPECT_THAT(*weights({serves("a", "1:1", 0)}, {{"1:1"}, {}}, Ratio{.05}), ElementsAre(Pair("a", 256)));
}

TEST(HaproxyShares, NeverSumToZero) {
  std::vector now{serves("a", "1:1", 256), serves("b", "2:2", 0, false)};
  EXPECT_EQ(weights(now, {{"2:2"}, {"1:1"}}, Ratio{1}).error().code, Code::refused);
  EXPECT_EQ(weights(now, {{"1:1"}, {}}, Ratio{0}).error().code, Code::refused);
}

// Up a moment later, it would give the candidate more than was asked for; where it has all, it serves once it is up.
TEST(HaproxyShares, AServerThatIsDownGetsItsPartForLaterWhereThatIsNoMoreThanWasAsked) {
  std::vector now{serves("a", "1:1", 256), serves("b", "2:2", 0), serves("c", "3:3", 0, false)};
  EXPECT_THAT(*weights(now, {{"2:2", "3:3"}, {"1:1"}}, Ratio{.25}),
              ElementsAre(Pair("a", 192), Pair("b", 64), Pair("c", 0)));
  EXPECT_THAT(*weights(now, {{"2:2", "3:3"}, {"1:1"}}, Ratio{1}),
              ElementsAre(Pair("a", 0), Pair("b", 256), Pair("c", 256)));
  std::vector previous_down{serves("a", "1:1", 0), serves("d", "4:4", 256, false), serves("b", "2:2", 0)};
  EXPECT_THAT(*weights(previous_down, {{"2:2"}, {"1:1", "4:4"}}, Ratio{.25}),
              ElementsAre(Pair("a", 192), Pair("b", 64), Pair("d", 192)));
}

TEST(HaproxyShares, LeaveTheUsersBackupServersAlone) {
  auto sorry = serves("sorry", "9:9", 1);
  sorry.backup = true;
  EXPECT_THAT(*weights({serves("a", "1:1", 0), sorry}, {{"1:1"}, {}}, Ratio{1}), ElementsAre(Pair("a", 256)));
}

TEST(HaproxyReturn, GoesAsFoundAndMaintForWhoLosesAll) {
  std::vector<ports::Served> found{{.server = "a", .address = "1:1", .weight = 256, .state = "ready"}};
  std::vector now{serves("a", "1:1", 0), serves("b", "2:2", 256)};
  auto back = as_found(kLayout, now, found);
  ASSERT_TRUE(back);
  EXPECT_THAT(back->weights, ElementsAre(Pair("a", 256), Pair("b", 0)));
  EXPECT_THAT(back->states, ElementsAre("set server shop/b state maint"));
  EXPECT_THAT(back->losers, ElementsAre("2:2"));
}

TEST(HaproxyReturn, IsFinishedByADavyThatFindsItHalfDone) {
  std::vector<ports::Served> found{{.server = "a", .address = "1:1", .weight = 256, .state = "ready"}};
  auto gone = serves("b", "2:2", 256);
  gone.maint = true;
  auto back = as_found(kLayout, {serves("a", "1:1", 256), gone}, found);
  EXPECT_THAT(back->states, IsEmpty());
  EXPECT_THAT(back->losers, ElementsAre("2:2"));
}

TEST(HaproxyReturn, AsDataNamesAllThatMustBeSo) {
  auto home = everything_to(kLayout, {serves("a", "127.0.0.1:1000", 0), serves("b", "127.0.0.1:2000", 256), slot("c")},
                            {"127.0.0.1:1000"});
  EXPECT_EQ(home.question, "show servers state shop");
  EXPECT_FALSE(home.expect.empty() || home.lacks.empty()) << "an answer is proven both ways";
  EXPECT_THAT(home.raise, ElementsAre("set server shop/a addr 127.0.0.1 port 1000", "enable health shop/a",
                                      "set server shop/a weight 256", "set server shop/a state ready"));
  EXPECT_THAT(home.lower, ElementsAre("set server shop/b state maint"));
}

TEST(HaproxyMaintenance, IsAMapEntryThatTheSwitchComesLastTo) {
  Maintenance m{"shop", "", std::chrono::seconds(30)};
  EXPECT_EQ(base64("a"), "YQ==");
  EXPECT_EQ(base64("ab"), "YWI=");
  EXPECT_EQ(base64("abc"), "YWJj");
  EXPECT_THAT(switched(m, "/m", true, "abc", {}),
              ElementsAre("add map /m shop.retry-after 30", "add map /m shop YWJj"));
  EXPECT_THAT(switched(m, "/m", true, "abc", {{"shop.retry-after", "30"}, {"shop", "x"}}),
              ElementsAre("set map /m shop YWJj"));
  EXPECT_THAT(switched(m, "/m", false, "", {{"shop.retry-after", "30"}, {"shop", "x"}}),
              ElementsAre("del map /m shop", "del map /m shop.retry-after"));
  EXPECT_EQ(rewritten("other 1\nshop x\n", m, true, "abc"), "other 1\nshop.retry-after 30\nshop YWJj\n");
  EXPECT_EQ(rewritten("other 1\nshop x\n", m, false, ""), "other 1\n");
}

// In a container, on another machine, or where /proc hides what others run.
TEST(HaproxyWorkers, ThatCannotBeSeenAreNotThoughtToBeGone) {
  testing::World world;
  auto older = older_workers(world.outside.files, 1 << 28);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, Code::unavailable);
}

TEST(HaproxyRouter, SaysSoWhenHaproxyDoesNotDoWhatItIsTold) {
  testing::World world;
  world.dialer.answer = [](auto&) { return std::string(kAnswer); };
  auto router = haproxy_router({.socket = "/s", .backend = "shop"}, world.outside, {});
  auto done = testing::run(router->shift("one", Ratio{1}, "", {{"one", 0, "127.0.0.1:19081", true, ""}}, {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  EXPECT_THAT(done.error().message, HasSubstr("davy1 has weight 243 instead of 256"));
}

}  // namespace
}  // namespace davy::providers::haproxy
