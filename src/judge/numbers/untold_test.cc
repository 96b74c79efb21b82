// Requests of which nobody can tell how they ended are no success: neither a rule nor a bake has a number of errors
// then.
#include "judge/numbers/series.h"
#include "judge/numbers/windows_testing.h"

namespace davy::judge {
namespace {
using namespace testing;

Tally untold_tally(std::uint64_t requests, std::uint64_t untold) {
  auto out = tally(requests);
  out.untold = out.untold_client = untold;
  return out;
}

TEST(Untold, ABakeCannotTellErrorsOfRequestsWhoseEndNobodyKnows) {
  for (auto pass : {std::vector{condition("error_rate < 0.5%")}, std::vector{condition("client_error_rate < 5%")},
                    std::vector<spec::Condition>{}}) {
    Bake bake(setup({}), pass, 2s);
    Windows windows(1s);
    for (int i = 0; i < 2; ++i) bake.see(windows.next(untold_tally(401, 401), tally(190)));
    EXPECT_EQ(bake.verdict().kind, Kind::cannot_tell);
    EXPECT_TRUE(bake.verdict().sentence.contains("nothing says how 802 of 802 requests ended: name it in the signal"))
        << bake.verdict().sentence;
  }
}

TEST(Untold, OneInAHundredDecidesNothingUnlessTheGateHangsOnIt) {
  Bake narrow(setup({}), {condition("error_rate < 0.5%")}, 1s), bake(setup({}), {condition("error_rate < 2%")}, 1s);
  Windows windows(1s);
  auto window = windows.next(untold_tally(400, 4), tally(190));
  bake.see(window), narrow.see(window);
  EXPECT_EQ(bake.verdict().kind, Kind::pass) << bake.verdict().sentence;
  EXPECT_EQ(narrow.verdict().kind, Kind::cannot_tell);
  EXPECT_TRUE(narrow.verdict().sentence.contains("4 of 400 requests ended, and `error_rate < 0.5%` hangs on them"))
      << narrow.verdict().sentence;
}

TEST(Untold, NoPassWhereNobodySaysHowRequestsEnded) {
  Bake bake(setup({}), {condition("requests > 100")}, 1s);
  Windows windows(1s);
  bake.see(windows.next(untold_tally(400, 400), tally(190)));
  EXPECT_EQ(bake.verdict().kind, Kind::cannot_tell) << bake.verdict().sentence;
}

TEST(Untold, TrafficOfASignalOfItsOwnIsReadByItsName) {
  Judge judge(setup({rule("critical.error_rate > 5%")}));
  Bake bake(setup({}), {condition("critical.error_rate < 1%")}, 2s);
  Windows windows(1s);
  std::vector<Kind> said;
  for (int i = 0; i < 2; ++i) {
    auto w = windows.next(tally(1000), tally(1000));
    w.releases[of_signal("critical", kNew)] = tally(50, 20);
    w.releases[of_signal("critical", kOld)] = tally(50, 0);
    for (auto& v : judge.see(w)) said.push_back(v.kind);
    bake.see(w);
  }
  EXPECT_EQ(said, std::vector{Kind::roll_back});
  EXPECT_EQ(bake.verdict().kind, Kind::hold) << bake.verdict().sentence;
}

TEST(Untold, IsKeptWithTheSamples) {
  Window w{.from = Time(1s), .to = Time(2s)};
  w.releases["2"] = untold_tally(400, 30);
  EXPECT_EQ(*decode(encode(w)), w);
}

TEST(Untold, RequestsThatDoNotSayHowLongTheyTookAreNotFast) {
  Windows windows(1s);
  Rolling rolling(10s);
  auto timeless = tally(100);
  timeless.latency = {};
  rolling.see(windows.next(timeless));
  EXPECT_EQ(read(condition("latency.p95 > 2s"), rolling, kNew, {}).lacking,
            "100 of 100 requests do not say how long they took");
  EXPECT_TRUE(read(condition("error_rate > 5%"), rolling, kNew, {}).number);
  Bake bake(setup({}), {condition("latency.p95 < 2s")}, 1s);
  bake.see(windows.next(timeless));
  EXPECT_EQ(bake.verdict().kind, Kind::cannot_tell) << bake.verdict().sentence;
}

}  // namespace
}  // namespace davy::judge
