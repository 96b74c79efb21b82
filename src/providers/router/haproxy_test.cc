// Against a real HAProxy.
#include "providers/router/haproxy.h"

#include <gmock/gmock.h>
#include <regex.h>

#include "providers/testing/shop.h"

namespace davy::providers {
namespace {

using namespace testing;
using ports::Endpoint;
using ports::Served;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

struct Shop {
  explicit Shop(Haproxy::With with = {}) : haproxy(with) {
    options.socket = haproxy.socket();
    options.backend = "shop";
    options.up_within = 2s;
    options.patience = 2s;
    if (with.state_file) options.state_file = haproxy.file("state");
    make();
  }
  void make() { router = haproxy_router(options, outside, {}); }

  static Endpoint of(const std::string& release, const Release& r, int index = 0) {
    return {release, index, r.address(), true, ""};
  }
  std::vector<Endpoint> both() { return {of("one@1", one), of("two@2", two)}; }

  // one@1 serves everybody, two@2 is attached.
  void serving() {
    ASSERT_EQ(because(run(router->attach(both(), {}))), "fine");
    ASSERT_EQ(because(run(router->shift("one@1", Ratio{1}, "", both(), {}))), "fine");
  }
  std::map<std::string, int> weights() {
    std::map<std::string, int> out;
    auto all = run(router->read(both(), {}));
    EXPECT_EQ(because(all), "fine");
    for (auto& s : all.value_or(std::vector<Served>{})) out[s.release.empty() ? s.address : s.release] = s.weight;
    return out;
  }
  std::string state_of(const std::string& release) {
    auto all = run(router->read(both(), {}));
    for (auto& s : all.value_or(std::vector<Served>{}))
      if (s.release == release) return s.state;
    return "none";
  }
  std::map<std::string, int> answers(int n, std::string cookie = "") {
    std::map<std::string, int> out;
    for (int i = 0; i < n; ++i) {
      auto a = get(haproxy.port(), "/", cookie);
      ++out[a.status != 200 ? std::to_string(a.status) : a.body == one.address() ? "one" : "two"];
    }
    return out;
  }

  Release one, two;
  Haproxy haproxy;
  RealClock clock;
  RealDialer dialer;
  RealFiles files;
  FakeProcess process;
  FakeInstances instances;
  FakeHttp http;
  ports::Outside outside{clock, process, instances, http, dialer, files};
  HaproxyOptions options;
  std::unique_ptr<ports::Router> router;
};

TEST(Haproxy, AttachesToFreeSlotsAtWeightZero) {
  Shop shop;
  ASSERT_EQ(because(run(shop.router->attach(shop.both(), {}))), "fine");
  auto all = run(shop.router->read(shop.both(), {}));
  ASSERT_EQ(because(all), "fine");
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].server, "davy1");
  EXPECT_EQ((*all)[0].release, "one@1");
  EXPECT_TRUE((*all)[0].up);
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 0), Pair("two@2", 0)));
}

TEST(Haproxy, AddsServersWhereThereIsNoSlot) {
  Shop shop({.slots = 0});
  shop.serving();
  auto all = run(shop.router->read(shop.both(), {}));
  EXPECT_EQ((*all)[0].server, "davy-" + shop.one.address());
  EXPECT_THAT(shop.answers(3), ElementsAre(Pair("one", 3)));
}

TEST(Haproxy, AttachingTwiceTakesNoUsersAway) {
  Shop shop;
  shop.serving();
  ASSERT_EQ(because(run(shop.router->attach(shop.both(), {}))), "fine");
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 256), Pair("two@2", 0)));
}

TEST(Haproxy, AttachSaysWhatTheHealthCheckFound) {
  Shop shop;
  shop.two.sick = true;
  shop.options.up_within = 300ms;
  shop.make();
  auto done = run(shop.router->attach(shop.both(), {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::timed_out);
  EXPECT_THAT(done.error().message, HasSubstr("down: L7STS"));
}

TEST(Haproxy, RestoringMakesNobodyKnownWhoDoesNotLive) {
  Shop shop;
  shop.serving();
  auto found = run(shop.router->read(shop.both(), {})).value();
  auto dead = "127.0.0.1:" + std::to_string(free_port());
  found.push_back({.address = dead, .release = "one@1", .weight = 256, .state = "ready"});
  auto all = shop.both();
  all.push_back({"one@1", 1, dead, false, "exit 1"});
  ASSERT_EQ(because(run(shop.router->restore(found, all, 0s, {}))), "fine");
  for (auto& s : run(shop.router->read(all, {})).value()) EXPECT_NE(s.address, dead) << "its next tenant has its users";
}

TEST(Haproxy, AServerWithoutHealthCheckMustAtLeastListen) {
  Shop shop({.checks = false});
  shop.options.up_within = 200ms;
  shop.make();
  EXPECT_EQ(because(run(shop.router->attach(shop.both(), {}))), "fine");
  auto nobody = "127.0.0.1:" + std::to_string(free_port());
  auto done = run(shop.router->attach({{"three@3", 0, nobody, true, ""}}, {}));
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("unchecked"));
}

TEST(Haproxy, SharesAreExactOf256) {
  Shop shop;
  shop.serving();
  for (auto [share, parts] : {std::pair(.01, 3), {.05, 13}, {.25, 64}, {.5, 128}, {1., 256}, {0., 0}}) {
    ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{share}, "one@1", shop.both(), {}))), "fine");
    EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 256 - parts), Pair("two@2", parts)));
  }
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.25}, "one@1", shop.both(), {}))), "fine");
  EXPECT_THAT(shop.answers(256), ElementsAre(Pair("one", 192), Pair("two", 64)));
}

TEST(Haproxy, NobodyMeetsA503WhileWeightsMove) {
  Shop shop;
  shop.serving();
  Users users(shop.haproxy.port());
  for (int i = 0; i < 60 || (i < 10'000 && users.by_status()[200] <= 50); ++i)
    ASSERT_EQ(because(run(
                  shop.router->shift(i % 2 ? "one@1" : "two@2", Ratio{1}, i % 2 ? "two@2" : "one@1", shop.both(), {}))),
              "fine");
  users.stop();
  EXPECT_EQ(users.by_status().size(), 1u) << "others than 200";
  EXPECT_GT(users.by_status()[200], 50);
}

TEST(Haproxy, RefusesToSendUsersToAReleaseThatIsDown) {
  Shop shop;
  shop.serving();
  shop.two.sick = true;
  std::this_thread::sleep_for(400ms);
  auto done = run(shop.router->shift("two@2", Ratio{.05}, "one@1", shop.both(), {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::refused);
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 256), Pair("two@2", 0)));
}

TEST(Haproxy, RefusesTheWayBackToNobody) {
  Shop shop;
  shop.serving();
  auto found = run(shop.router->read(shop.both(), {}));
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
  shop.one.sick = true;
  std::this_thread::sleep_for(400ms);
  auto done = run(shop.router->restore(*found, shop.both(), 0s, {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::refused);
  EXPECT_THAT(shop.answers(5), ElementsAre(Pair("two", 5)));
}

TEST(Haproxy, TakesStickyUsersBackToo) {
  for (int slots : {4, 0}) {
    Shop shop({.slots = slots, .cookie = true});
    shop.serving();
    auto found = run(shop.router->read(shop.both(), {}));
    ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
    auto cookie = cookie_of(get(shop.haproxy.port()));
    ASSERT_NE(cookie, "") << "slots: " << slots;
    ASSERT_EQ(because(run(shop.router->restore(*found, shop.both(), 100ms, {}))), "fine");
    EXPECT_THAT(shop.answers(5, cookie), ElementsAre(Pair("one", 5)));
    EXPECT_EQ(shop.state_of("two@2"), "maint");
    EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 256), Pair("two@2", 0)));
  }
}

TEST(Haproxy, TheWayBackEndsWhatHangsOnTheCandidate) {
  Shop shop;
  shop.serving();
  auto found = run(shop.router->read(shop.both(), {}));
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
  std::jthread slow([&] { (void)get(shop.haproxy.port(), "/slow"); });
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(run(shop.router->sessions({Shop::of("two@2", shop.two)}, {})).value_or(-1), 1);
  auto begin = shop.clock.now();
  ASSERT_EQ(because(run(shop.router->restore(*found, shop.both(), 200ms, {}))), "fine");
  EXPECT_LT(shop.clock.now() - begin, 1500ms);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(run(shop.router->sessions({Shop::of("two@2", shop.two)}, {})).value_or(-1), 0);
}

TEST(Haproxy, AStepBackLeavesTheCandidateItsSmallerShare) {
  Shop shop;
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.05}, "one@1", shop.both(), {}))), "fine");
  auto found = run(shop.router->read(shop.both(), {}));
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.25}, "one@1", shop.both(), {}))), "fine");
  ASSERT_EQ(because(run(shop.router->restore(*found, shop.both(), 0s, {}))), "fine");
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 243), Pair("two@2", 13)));
  EXPECT_EQ(shop.state_of("two@2"), "ready");
}

TEST(Haproxy, AfterTheWayBackTheCandidateCanBeShippedAgain) {
  Shop shop;
  shop.serving();
  auto found = run(shop.router->read(shop.both(), {}));
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
  ASSERT_EQ(because(run(shop.router->restore(*found, shop.both(), 0s, {}))), "fine");
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 128), Pair("two@2", 128)));
}

TEST(Haproxy, DrainsAndGivesTheSlotBack) {
  for (int slots : {4, 0}) {
    Shop shop({.slots = slots});
    shop.serving();
    ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
    std::vector one{Shop::of("one@1", shop.one)};
    ASSERT_EQ(because(run(shop.router->drain(one, 2s, {}))), "fine");
    ASSERT_EQ(because(run(shop.router->detach(one, {}))), "fine");
    ASSERT_EQ(because(run(shop.router->detach(one, {}))), "fine");  // repeatable
    EXPECT_EQ(shop.state_of("one@1"), "none");
    EXPECT_THAT(shop.answers(3), ElementsAre(Pair("two", 3)));
    ASSERT_EQ(because(run(shop.router->attach(one, {}))), "fine");  // and it can come back
  }
}

TEST(Haproxy, ADrainThatTakesTooLongSaysHowManyAreLeft) {
  Shop shop;
  shop.serving();
  std::jthread slow([&] { (void)get(shop.haproxy.port(), "/slow"); });
  std::this_thread::sleep_for(200ms);
  std::vector one{Shop::of("one@1", shop.one)};
  auto done = run(shop.router->drain(one, 300ms, {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::timed_out);
  EXPECT_THAT(done.error().message, HasSubstr("1 sessions"));
  EXPECT_EQ(shop.state_of("one@1"), "maint");
  EXPECT_EQ(because(run(shop.router->detach(one, {}))), "fine");
}

// No command reaches the worker from before a reload, and it still has the request.
TEST(Haproxy, ADrainWaitsForTheFormerWorkerOfAReload) {
  Shop shop({.state_file = true});
  shop.serving();
  std::atomic<int> answered = 0;
  std::jthread slow([&] { answered = get(shop.haproxy.port(), "/slow").status; });
  std::this_thread::sleep_for(200ms);
  shop.haproxy.reload();
  std::vector one{Shop::of("one@1", shop.one)};
  ASSERT_EQ(because(run(shop.router->drain(one, 20s, {}))), "fine");
  EXPECT_EQ(answered, 200) << "stopped now, it would have been a 503";
}

TEST(Haproxy, MaintenanceIsA503WithRetryAfterAndThePage) {
  Shop shop({.maintenance = true});
  shop.options.retry_after = 90s;
  shop.make();
  shop.serving();
  for (int twice = 0; twice < 2; ++twice)
    ASSERT_EQ(because(run(shop.router->maintenance(true,
                                                   "<h1>Zur\xc3\xbc"
                                                   "ck um 5;\n \"%[x]\"</h1>",
                                                   {}))),
              "fine");
  auto a = get(shop.haproxy.port());
  EXPECT_EQ(a.status, 503);
  EXPECT_THAT(a.head, HasSubstr("retry-after: 90"));
  EXPECT_EQ(a.body,
            "<h1>Zur\xc3\xbc"
            "ck um 5;  \"%[x]\"</h1>");
  shop.haproxy.stop();
  shop.haproxy.start();  // a restart does not let users in
  EXPECT_EQ(get(shop.haproxy.port()).body, a.body);
  for (int twice = 0; twice < 2; ++twice) ASSERT_EQ(because(run(shop.router->maintenance(false, "", {}))), "fine");
  EXPECT_EQ(shop.files.read(shop.haproxy.file("davy.map")).value_or("?"), "");
  ASSERT_EQ(because(run(shop.router->shift("one@1", Ratio{1}, "", shop.both(), {}))), "fine");
  EXPECT_THAT(shop.answers(3), ElementsAre(Pair("one", 3)));
}

TEST(Haproxy, MaintenanceNeedsItsRule) {
  Shop shop;
  auto done = run(shop.router->maintenance(true, "", {}));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::refused);
  EXPECT_THAT(done.error().hint, HasSubstr("map(/etc/haproxy/davy.map) -m found"));
}

TEST(Haproxy, ThatIsGoneIsUnavailable) {
  Shop shop;
  shop.options.patience = 200ms;
  shop.make();
  shop.haproxy.stop();
  auto all = run(shop.router->read({}, {}));
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, Code::unavailable);
  EXPECT_THAT(all.error().hint, HasSubstr("level admin"));
}

TEST(Haproxy, ARestartIsHealedByTheNextShiftOrRestore) {
  for (int slots : {4, 0}) {
    Shop shop({.slots = slots});
    shop.serving();
    ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.25}, "one@1", shop.both(), {}))), "fine");
    auto wanted = run(shop.router->read(shop.both(), {}));
    shop.haproxy.stop();
    std::jthread later([&] {
      std::this_thread::sleep_for(300ms);  // the router is patient
      shop.haproxy.start();
    });
    ASSERT_EQ(because(run(shop.router->restore(*wanted, shop.both(), 0s, {}))), "fine");
    later.join();
    EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 192), Pair("two@2", 64)));
    shop.haproxy.stop();
    shop.haproxy.start();
    ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
    EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 128), Pair("two@2", 128)));
  }
}

TEST(Haproxy, WhoStoodByBeforeARestartStandsByAgain) {
  Shop shop;
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
  auto wanted = run(shop.router->read(shop.both(), {}));
  shop.haproxy.stop();
  shop.haproxy.start();
  ASSERT_EQ(because(run(shop.router->restore(*wanted, shop.both(), 0s, {}))), "fine");
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 0), Pair("two@2", 256)));
}

TEST(Haproxy, AServerThatStumblesGetsItsShareAllTheSame) {
  Shop shop;
  shop.serving();
  shop.two.sick = true;
  std::this_thread::sleep_for(400ms);
  std::jthread later([&] {
    std::this_thread::sleep_for(200ms);
    shop.two.sick = false;
  });
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 128), Pair("two@2", 128)));
}

TEST(Haproxy, AStateFileBringsWeightsThroughARestart) {
  Shop shop({.state_file = true});
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.25}, "one@1", shop.both(), {}))), "fine");
  shop.haproxy.stop();
  shop.haproxy.start();
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 192), Pair("two@2", 64)));
}

TEST(Haproxy, AReloadUnderLoadLosesNobodyWithAStateFile) {
  Shop shop({.state_file = true});
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.25}, "one@1", shop.both(), {}))), "fine");
  Users users(shop.haproxy.port());
  shop.haproxy.reload();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  users.stop();
  EXPECT_EQ(users.by_status().size(), 1u) << "others than 200";
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 128), Pair("two@2", 128)));
}

TEST(Haproxy, SeveralServersShareTheirReleasesPart) {
  Shop shop({.slots = 6});
  Release one_b, two_b;
  auto all = shop.both();
  all.push_back(Shop::of("one@1", one_b, 1));
  all.push_back(Shop::of("two@2", two_b, 1));
  ASSERT_EQ(because(run(shop.router->attach(all, {}))), "fine");
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.01}, "one@1", all, {}))), "fine");
  auto now = run(shop.router->read(all, {}));
  std::map<std::string, std::vector<int>> weights;
  for (auto& s : *now) weights[s.release].push_back(s.weight);
  EXPECT_THAT(weights, UnorderedElementsAre(Pair("one@1", ElementsAre(254, 253)), Pair("two@2", ElementsAre(3, 2))));
}

// As the keeper looks at it.
bool finds(const std::string& expression, const std::string& text) {
  regex_t compiled{};
  EXPECT_EQ(::regcomp(&compiled, expression.c_str(), REG_EXTENDED | REG_NEWLINE | REG_NOSUB), 0) << expression;
  bool found = ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
  ::regfree(&compiled);
  return found;
}

// As the keeper does it.
void carry_out(Shop& shop, const ports::Move& move) {
  for (auto& act : move.acts) {
    auto answer = run(shop.dialer.ask(act.address, act.text, 1s));
    ASSERT_EQ(because(answer), "fine");
    if (!act.expect.empty() && !finds(act.expect, *answer)) return;
  }
}

bool proof_holds(Shop& shop, const ports::Move& move) {
  auto answer = run(shop.dialer.ask(move.proof.address, move.proof.text, 1s)).value_or("");
  return std::ranges::all_of(move.expect, [&](auto& e) { return finds(e, answer); }) &&
         std::ranges::none_of(move.lacks, [&](auto& e) { return finds(e, answer); });
}

TEST(Haproxy, TheWayBackAsDataWorksWithoutDavy) {
  Shop shop({.cookie = true});
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  auto way = run(shop.router->way_back({"", "one@1"}, shop.both(), {}));
  ASSERT_EQ(because(way), "fine");
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{1}, "one@1", shop.both(), {}))), "fine");
  auto cookie = cookie_of(get(shop.haproxy.port()));
  ASSERT_EQ(way->size(), 1u);
  EXPECT_FALSE(proof_holds(shop, way->at(0)));
  carry_out(shop, way->at(0));
  EXPECT_THAT(shop.answers(4, cookie), ElementsAre(Pair("one", 4)));
  EXPECT_TRUE(proof_holds(shop, way->at(0)));
  EXPECT_EQ(run(shop.router->way_back({"", "nine@9"}, shop.both(), {})).error().code, Code::refused);
}

// The keeper rehearses it before the candidate's first user: nobody is moved, and the candidate can be shipped.
TEST(Haproxy, TheWayBackCanBeRehearsed) {
  Shop shop;
  shop.serving();
  auto way = run(shop.router->way_back({"", "one@1"}, shop.both(), {}));
  ASSERT_EQ(because(way), "fine");
  carry_out(shop, way->at(0));
  EXPECT_TRUE(proof_holds(shop, way->at(0)));
  EXPECT_THAT(shop.answers(4), ElementsAre(Pair("one", 4)));
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  EXPECT_FALSE(proof_holds(shop, way->at(0)));
  EXPECT_THAT(shop.weights(), ElementsAre(Pair("one@1", 128), Pair("two@2", 128)));
}

TEST(Haproxy, AServerThatIsDownProvesNoWayBack) {
  Shop shop;
  shop.serving();
  auto way = run(shop.router->way_back({"", "one@1"}, shop.both(), {}));
  ASSERT_EQ(because(way), "fine");
  ASSERT_TRUE(proof_holds(shop, way->at(0)));
  shop.one.sick = true;
  std::this_thread::sleep_for(600ms);
  EXPECT_FALSE(proof_holds(shop, way->at(0)));
}

// Nobody judges, and the release that users would go to is dead: they stay where somebody serves, until it is up.
TEST(Haproxy, TheWayBackTakesNobodyFromTheOnlyOneThatServes) {
  Shop shop;
  shop.serving();
  ASSERT_EQ(because(run(shop.router->shift("two@2", Ratio{.5}, "one@1", shop.both(), {}))), "fine");
  auto way = run(shop.router->way_back({"", "one@1"}, shop.both(), {}));
  ASSERT_EQ(because(way), "fine");
  shop.one.sick = true;
  std::this_thread::sleep_for(600ms);
  carry_out(shop, way->at(0));
  EXPECT_THAT(shop.answers(4), ElementsAre(Pair("two", 4)));
  EXPECT_FALSE(proof_holds(shop, way->at(0)));
  shop.one.sick = false;
  std::this_thread::sleep_for(600ms);
  carry_out(shop, way->at(0));
  EXPECT_THAT(shop.answers(4), ElementsAre(Pair("one", 4)));
  EXPECT_TRUE(proof_holds(shop, way->at(0)));
}

TEST(Haproxy, AnUnknownBackendIsNamed) {
  Shop shop;
  shop.options.backend = "shpo";
  shop.make();
  EXPECT_THAT(run(shop.router->read({}, {})).error().message, HasSubstr("no backend `shpo`"));
}

}  // namespace
}  // namespace davy::providers
