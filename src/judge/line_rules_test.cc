// Rules on what logs say: counts, and errors that are new.
#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

// The previous release has twenty times the traffic.
Window canary(Windows& windows, std::uint64_t own, std::uint64_t previous) {
  auto w = windows.next(tally(100), tally(2000));
  w.counts["app.ERROR"] = {{kNew, own}, {kOld, previous}, {"", 0}};
  return w;
}

std::vector<Verdict> watch(Judge& judge, Windows& windows, int n, std::uint64_t own, std::uint64_t previous) {
  std::vector<Verdict> out;
  for (int i = 0; i < n; ++i)
    for (auto& v : judge.see(canary(windows, own, previous))) out.push_back(v);
  return out;
}

TEST(LineRules, ACountOverItsTimeTakesBack) {
  Judge judge(setup({rule("app.ERROR over 1m > 10")}));
  Windows windows(1s);
  EXPECT_TRUE(watch(judge, windows, 10, 1, 11).empty()) << "ten are not more than ten";
  auto said = watch(judge, windows, 1, 1, 11);
  ASSERT_EQ(kinds(said), (std::vector{Kind::roll_back}));
  EXPECT_EQ(said[0].sentence,
            "shop 3: app.ERROR is 11 against 6.05 on shop 2 at the same traffic: app.ERROR over 1m > 10");
}

TEST(LineRules, APreviousReleaseThatSaysAsManyAtTheSameTrafficIsAsSick) {
  Judge judge(setup({rule("app.ERROR over 1m > 10")}));
  Windows windows(1s);
  auto said = watch(judge, windows, 11, 1, 20);
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_TRUE(said[0].sentence.contains("shop 2 is as sick")) << said[0].sentence;
}

TEST(LineRules, ManyErrorsAMomentAgoAreForgottenInTime) {
  Judge judge(setup({rule("app.ERROR over 10s > 10")}));
  Windows windows(1s);
  EXPECT_EQ(watch(judge, windows, 1, 11, 0).size(), 1u);
  EXPECT_TRUE(watch(judge, windows, 12, 0, 0).empty());
  EXPECT_EQ(watch(judge, windows, 1, 11, 0).size(), 1u) << "it is said again when it happens again";
}

TEST(LineRules, ANewErrorIsToldWithItsLine) {
  auto given = setup({rule("app.new_errors > 0", run::Consequence::hold)});
  Windows windows(1s);
  given.baselines.before = windows.empty();
  given.baselines.before->shown["app.new_errors"][""]["no card"] = "ERROR no card";
  Judge judge(given);
  auto see = [&](const char* pattern) {
    auto w = canary(windows, 0, 0);
    w.counts["app.new_errors"] = {{kNew, 0}, {kOld, 0}, {"", 0}};
    w.shown["app.new_errors"][kNew][pattern] = std::string("ERROR ") + pattern;
    judge.count_news(w);
    return judge.see(w);
  };
  EXPECT_TRUE(see("no card").empty()) << "an old tale";
  auto said = see("no money");
  ASSERT_EQ(kinds(said), (std::vector{Kind::hold}));
  EXPECT_EQ(said[0].sentence,
            "shop 3: app.new_errors is 1 against 0 on shop 2 at the same traffic: app.new_errors > 0; such as: "
            "ERROR no money");
  EXPECT_TRUE(see("no money").empty());
}

TEST(LineRules, ABakeAddsUpAllOfItsTime) {
  for (auto [each, kind] : {std::pair{0u, Kind::pass}, {1u, Kind::hold}}) {
    Bake bake(setup({}), {condition("app.ERROR < 10")}, 20s);
    Windows windows(1s);
    for (int i = 0; i < 20; ++i) bake.see(canary(windows, each, 0));
    EXPECT_EQ(bake.verdict().kind, kind) << bake.verdict().sentence;
  }
}

TEST(LineRules, ALogThatIsAwayIsBakedByNobody) {
  Bake bake(setup({}), {condition("app.ERROR < 10")}, 20s);
  Windows windows(1s);
  auto away = canary(windows, 0, 0);
  away.away["app"] = "there is no file";
  bake.see(away);
  EXPECT_EQ(bake.observed(), Duration{});
  bake.see(canary(windows, 0, 0));
  EXPECT_EQ(bake.observed(), 1s);
}

}  // namespace
}  // namespace davy::judge
