#include "judge/statistics/counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <vector>

namespace davy::judge {
namespace {
using namespace std::chrono_literals;

Count independent(std::uint64_t requests, std::uint64_t errors) { return {requests, errors, errors, requests, true}; }
Count anonymous(std::uint64_t requests, std::uint64_t errors) { return {requests, errors}; }

// The textbook: every window kept, every start and every ratio multiplied out in long double, no logarithms.
struct Textbook {
  struct Seen {
    Count c, p;
    long double weight;
  };
  std::vector<Seen> windows;
  static long double later(int w) { return 0.25L / std::sqrt(1 + 0.1L * static_cast<long double>(w) / 60); }
  static long double product(std::span<const Seen> from, long double r) {
    long double out = 1;
    for (auto& [c, p, _] : from) {
      auto n = static_cast<long double>(c.requests + p.requests), theta = static_cast<long double>(c.requests) / n;
      auto own = r * theta / (1 - theta + r * theta);
      for (auto k = c.clients; k > 0; --k) out *= own / theta;
      for (auto k = p.clients; k > 0; --k) out *= (1 - own) / (1 - theta);
    }
    return out;
  }
  long double see(Count c, Count p) {
    auto w = static_cast<int>(windows.size());
    windows.push_back({c, p, later(w) - later(w + 1)});
    long double all = 0, ratios[] = {1.25L, 1.5L, 2, 3, 5, 10, 25, 50, 100};
    for (auto r : ratios) {
      all += product(windows, r) * 0.75L;
      for (std::size_t t = 0; t < windows.size(); ++t)
        all += windows[t].weight * product(std::span(windows).subspan(t), r);
    }
    return all / 9 + later(w + 1);
  }
};

TEST(CountTest, EqualsTheTextbookSumOfProducts) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    CountTest test(0.01);
    Textbook textbook;
    for (int window = 0; window < 40; ++window) {
      auto c = independent(4 + random() % 50, random() % 3), p = independent(100 + random() % 500, random() % 4);
      test.see(c, p, 100ms);
      auto expected = static_cast<double>(textbook.see(c, p));
      ASSERT_NEAR(test.evidence() / expected, 1, 1e-9) << "seed " << seed << " window " << window;
    }
  }
}

TEST(CountTest, AFailureAfterTwoGoodDaysIsSeenAsSoon) {
  CountTest test(0.01);
  for (int second = 0; second < 172'800; ++second)
    test.see(independent(100, second % 10 == 0), independent(1900, 2), 1s);
  ASSERT_FALSE(test.decided());
  std::uint64_t errors = 0;
  for (int i = 0; i < 100 && !test.decided(); ++i)
    test.see(independent(10, 2), independent(190, i % 5 == 0), 100ms), errors += 2;
  EXPECT_LE(errors, 12u);
  EXPECT_FALSE(test.from_start());
}

// Lindon & Malek's own statistic (arXiv 2011.03567, multinomial with a Dirichlet prior α₀ = kθ), as an oracle.
double dirichlet_p(double share, double k, double previous, double candidate) {
  auto log_beta = [](double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); };
  double a = k * share, b = k * (1 - share);
  double log_bayes_factor = log_beta(a + previous, b + candidate) - log_beta(a, b) - previous * std::log(share) -
                            candidate * std::log(1 - share);
  return std::min(1.0, std::exp(-log_bayes_factor));
}

TEST(CountTest, KnownNumberOfLindonAndMalek) {
  EXPECT_NEAR(dirichlet_p(0.8, 100, 148, 62), 0.0455796318, 1e-10);
  CountTest ours(0.01);
  ours.see(independent(200, 62), independent(800, 148), 1s);
  EXPECT_NEAR(1 / ours.evidence(), 0.0455796318, 0.02) << "another mixture, of the same strength";
  EXPECT_TRUE(ours.from_start());
}

TEST(CountTest, SaysNothingWhereOneSideHasNoTraffic) {
  CountTest test(0.01);
  for (int i = 0; i < 50; ++i) test.see(independent(100, 50), independent(0, 0), 1s);
  EXPECT_FALSE(test.decided());
  EXPECT_NEAR(test.evidence(), 1, 1e-12);
}

// 100 ms windows at two requests a second: none holds both. What fails always is found all the same.
TEST(CountTest, LittleTrafficIsGatheredUntilBothWereMet) {
  CountTest test(0.001);
  std::uint64_t errors = 0;
  for (int i = 0; !test.decided() && i < 10'000; ++i)
    if (i % 50 == 0)
      test.see(independent(1, 1), independent(0, 0), 100ms), ++errors;
    else
      test.see(independent(0, 0), independent(i % 5 == 0, 0), 100ms);
  EXPECT_TRUE(test.decided());
  EXPECT_LE(errors, 8u);
  EXPECT_EQ(test.candidate().requests, errors) << "all that was seen is said, compared yet or not";
}

TEST(CountTest, WhatWaitsIsDroppedWhenTheSharesChange) {
  CountTest test(0.01);
  for (int i = 0; i < 9; ++i) test.see(independent(1, 1), independent(0, 0), 100ms);
  test.drop_pending();
  test.see(independent(0, 0), independent(20, 0), 100ms);
  EXPECT_NEAR(test.evidence(), 1, 1e-12);
}

// One release has one client who makes nine requests of ten; which of the many others fail is a matter of clients.
// Each endpoint fails as often on both releases; a fifth of the candidate's requests go to the harder one, a twentieth
// of the others'.
TEST(CountTest, AnotherMixOfEndpointsAccusesNobody) {
  auto accused = [](bool told, double candidate_worse) {
    int out = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
      std::mt19937_64 random(seed);
      auto drawn = [&](std::uint64_t n, double p) { return std::binomial_distribution<std::uint64_t>(n, p)(random); };
      auto side = [&](std::uint64_t n, double hard_part, double worse) {
        auto hard = drawn(n, hard_part), hard_errors = drawn(hard, 0.02 * worse);
        auto errors = hard_errors + drawn(n - hard, 0.001 * worse);
        auto c = independent(n, errors);
        if (told) c.endpoints["/hard"] = {hard, hard_errors, hard_errors};
        return c;
      };
      CountTest test(0.001, Sided::candidate_worse, 0.25);
      for (int window = 0; window < 3000 && !test.decided(); ++window)
        test.see(side(50, 0.2, candidate_worse), side(150, 0.05, 1), 100ms);
      out += test.decided();
    }
    return out;
  };
  EXPECT_GE(accused(false, 1), 38) << "what nobody told it cannot know";
  EXPECT_EQ(accused(true, 1), 0);
  EXPECT_GE(accused(true, 4), 38) << "it still finds what is worse everywhere";
}

TEST(CountTest, AnEndpointWaitsForTheOtherReleaseByItself) {
  CountTest test(0.001);
  auto asked = [&](std::uint64_t own, std::uint64_t own_errors, std::uint64_t other) {
    auto c = independent(own, own_errors), p = independent(other, 0);
    c.endpoints["/a"] = {own, own_errors, own_errors}, p.endpoints["/a"] = {other, 0, 0};
    return test.see(c, p, 100ms);
  };
  EXPECT_FALSE(asked(1, 1, 0));
  EXPECT_FALSE(asked(0, 0, 8));
  auto counted = asked(0, 0, 1);
  ASSERT_TRUE(counted);
  ASSERT_EQ(counted->parts.size(), 1u);
  EXPECT_EQ(counted->parts[0].own_requests, 1);
  EXPECT_EQ(counted->parts[0].other_requests, 9);
}

TEST(CountTest, RemembersSoManyEndpointsAndTakesTheOthersForTheRest) {
  CountTest test(0.001);
  for (int i = 0; i < 1000; ++i) {
    auto c = independent(1, 0), p = independent(0, 0);
    c.endpoints["/" + std::to_string(i)] = {1, 0, 0};
    test.see(c, p, 100ms);
  }
  auto counted = test.see(independent(0, 0), independent(10'000, 0), 100ms);
  ASSERT_TRUE(counted);
  EXPECT_EQ(counted->own_requests, 1000.0 - static_cast<double>(Tally::kMostEndpoints));
}

TEST(CountTest, WhereClientsStayTheyAreWhatIsCounted) {
  CountTest test(0.01);
  for (int i = 0; i < 600; ++i) {
    Count own{20, 1, 1, 40, true};
    own.newcomers = own.returns = 10;
    Count other{100, 1, 1, 1000, true};
    other.newcomers = 10, other.returns = 90;
    test.see(own, other, 1s);
  }
  EXPECT_TRUE(test.sticky());
  EXPECT_FALSE(test.decided()) << "as many errors as clients, on both";
}

// All have been met at 5 %; at 25 % a fifth of them is sent over, and nobody is new.
TEST(CountTest, WhenTheShareStepsAHashSendsOldClientsElsewhereAndTheyAreItsShare) {
  CountTest test(0.01);
  auto watch = [&](std::uint64_t own_clients, std::uint64_t newcomers) {
    test.drop_pending();
    for (int i = 0; i < 300; ++i) {
      bool own_fails = static_cast<std::uint64_t>(i) % (100 / own_clients) == 0;
      auto side = [&](std::uint64_t clients) {
        bool fails = (clients == own_clients) == own_fails;
        return Count{.requests = 4 * clients,
                     .errors = fails,
                     .clients = fails,
                     .repeats = 16 * clients,
                     .known = true,
                     .newcomers = newcomers * clients,
                     .returns = 3 * clients};
      };
      test.see(side(own_clients), side(100 - own_clients), 1s);
    }
  };
  watch(5, 1);
  watch(25, 0);
  EXPECT_TRUE(test.sticky());
  EXPECT_FALSE(test.decided()) << "a quarter of the errors, and of the clients who come";
}

TEST(CountTest, ABetterCandidateIsNeverAccused) {
  CountTest test(0.01);
  for (int i = 0; i < 1000; ++i) test.see(independent(100, 0), independent(1900, 20), 1s);
  EXPECT_FALSE(test.decided());
  EXPECT_FALSE(test.outlook());
}

TEST(CountTest, TwoSidedSeesABetterOneToo) {
  CountTest test(0.01, Sided::either_worse);
  for (int i = 0; i < 100; ++i) test.see(independent(1000, 0), independent(1000, 5), 1s);
  EXPECT_TRUE(test.decided());
}

TEST(CountTest, WhatWasDecidedStays) {
  CountTest test(0.01);
  test.see(independent(100, 20), independent(1900, 2), 1s);
  ASSERT_TRUE(test.decided());
  for (int i = 0; i < 100; ++i) test.see(independent(100, 0), independent(1900, 20), 1s);
  EXPECT_TRUE(test.decided());
}

TEST(CountTest, SaysHowMuchMoreWouldDecide) {
  CountTest test(0.01);
  for (int i = 0; i < 20; ++i) test.see(independent(100, i % 4 == 0), independent(1900, 1), 1s);
  ASSERT_FALSE(test.decided());
  auto outlook = test.outlook();
  ASSERT_TRUE(outlook);
  int more = 0;
  for (int i = 0; !test.decided(); ++i)
    test.see(independent(100, i % 4 == 0), independent(1900, 1), 1s), more += i % 4 == 0;
  EXPECT_NEAR(outlook->errors, more, 2);
  EXPECT_NEAR(seconds(outlook->time), more * 4, 8);
}

TEST(CountTest, ManyErrorsOfOneClientCountOnce) {
  CountTest test(0.01);
  test.see({100, 60, 1, 110, true}, {1900, 2, 2, 2000, true}, 1s);
  EXPECT_FALSE(test.decided());
  EXPECT_TRUE(test.by_client());
}

TEST(CountTest, ACrowdBehindOneAddressIsNotInvisible) {
  CountTest test(0.01);  // one client makes all: 200 requests in the window, 100 before each on average
  int windows = 0;
  for (; !test.decided() && windows < 100; ++windows)
    test.see({10, 2, windows == 0, 1000, true}, {190, 0, 0, 19000, true}, 100ms);
  EXPECT_FALSE(test.by_client());
  EXPECT_LE(windows, 3);
}

TEST(CountTest, OneBurstOfUnknownClientsDoesNotDecide) {
  for (std::uint64_t burst = 1; burst < 1000; burst += 1 + burst / 8) {
    CountTest test(0.01);
    for (int i = 0; i < 50; ++i) {
      test.see(anonymous(100, i == 10 ? burst : 0), anonymous(1900, 0), 100ms);
      ASSERT_FALSE(test.decided()) << burst << " errors";
    }
  }
}

TEST(Dispersion, IsMeasuredWhateverTheRateDoes) {
  std::mt19937_64 random(5);
  Dispersion even, bursts;
  for (int i = 0; i < 20000; ++i) {
    double rate = 1 + 0.9 * std::sin(i / 300.0);
    even.see(static_cast<std::uint64_t>(std::poisson_distribution<>(rate)(random)));
    bursts.see(4 * static_cast<std::uint64_t>(std::poisson_distribution<>(rate / 4)(random)));
  }
  EXPECT_NEAR(even.value(), 1, 0.05);
  EXPECT_NEAR(bursts.value(), 4, 0.3);
}

// An equal canary under what breaks textbook tests: bursts (a failing client makes 3 errors on average, all on one
// release), shares that drift between 3 and 8 % and step up, an error rate that swings. bench/judge_bench.cc does
// this 10⁵ times.
int false_alarms(std::uint64_t seed, int canaries, bool clients_known) {
  std::mt19937_64 random(seed);
  auto poisson = [&](double mean) { return mean <= 0 ? 0 : std::poisson_distribution<int>(mean)(random); };
  auto errors = [&](double mean) {
    Count c;
    for (auto n = poisson(mean / 3); n > 0; --n)
      ++c.clients, c.errors += 1u + std::geometric_distribution<unsigned>(1. / 3)(random);
    if (!clients_known) c.clients = 0;
    return c;
  };
  int alarms = 0;
  for (int i = 0; i < canaries; ++i) {
    CountTest test(0.01);
    for (int w = 0; w < 600 && !test.decided(); ++w) {
      double share = (w < 300 ? 0.05 : 0.25) * (0.7 + 0.6 * static_cast<double>(random() % 1000) / 1000);
      auto own = std::binomial_distribution<std::uint64_t>(2000, share)(random);
      double rate = 0.001 * (1 + 0.9 * std::sin(w / 50.0));
      auto c = errors(static_cast<double>(own) * rate), p = errors(static_cast<double>(2000 - own) * rate);
      c.requests = own, p.requests = 2000 - own;
      if (clients_known) c.repeats = own, p.repeats = 2000 - own, c.known = p.known = true;
      test.see(c, p, 1s);
    }
    alarms += test.decided();
  }
  return alarms;
}

TEST(CountTest, FalseAlarmsStayBelowAlphaWithBurstsAndDriftingShares) {
  EXPECT_LE(false_alarms(11, 2000, true), 20);
  EXPECT_LE(false_alarms(12, 2000, false), 20);
}

// Half of all requests are 401s, of the candidate's three fifths: 1.2 times as many are no news, whatever their odds
// are.
TEST(CountTest, WhereHalfFailsWorseByAQuarterIsOfRatesAndNotOfOdds) {
  std::mt19937_64 random(3);
  CountTest test(0.001, Sided::candidate_worse, 0.25);
  auto side = [&](int n, double rate) {
    auto e = static_cast<std::uint64_t>(std::binomial_distribution<int>(n, rate)(random));
    return independent(static_cast<std::uint64_t>(n), e);
  };
  for (int i = 0; i < 18000; ++i) test.see(side(10, 0.6), side(10, 0.5), 100ms);
  EXPECT_FALSE(test.decided());
}

TEST(CountTest, APreviousReleaseThatFailsEverythingAccusesNobody) {
  CountTest test(0.001, Sided::candidate_worse, 0.25);
  for (int i = 0; i < 600; ++i) {
    test.see(independent(10, i < 300 ? 10 : 0), independent(10, 10), 100ms);
    ASSERT_LT(test.evidence(), 20) << i;
  }
}

// Forty clients of a proxy: each has failed once, and for an hour none of its errors would be its first.
TEST(CountTest, WhereMostRequestsAreOfClientsThatFailedBeforeEachErrorCounts) {
  CountTest test(0.001);
  for (int second = 0; second < 60; ++second) {
    Count own{.requests = 50, .repeats = 250, .known = true, .spent = 45}, other = own;
    other.requests = 150, other.repeats = 750, other.spent = 135;
    if (second >= 30) own.errors = 25;
    test.see(own, other, 1s);
  }
  EXPECT_FALSE(test.by_client());
  EXPECT_TRUE(test.decided());
}

Count of_endpoints(std::map<std::string, Count::Part> parts) {
  Count out{.known = true};
  for (auto& [_, part] : parts) out.requests += part.requests, out.errors += part.errors, out.clients += part.clients;
  out.repeats = out.requests, out.endpoints = std::move(parts);
  return out;
}

TEST(CountTest, WhatOnlyTheCandidateIsAskedForIsComparedWithTheRest) {
  CountTest test(0.001);
  for (int second = 0; second < 60; ++second)
    test.see(of_endpoints({{"/a", {.requests = 40}}, {"/v2/new", {.requests = 5, .errors = 5, .clients = 5}}}),
             of_endpoints({{"/a", {.requests = 40}}, {"/v1/old", {.requests = 5}}}), 1s);
  EXPECT_TRUE(test.decided()) << test.evidence();
}

TEST(CountTest, WhereThereIsNoRestItIsComparedWithAllThatIsAskedFor) {
  CountTest test(0.001);
  for (int second = 0; second < 120; ++second)
    test.see(of_endpoints({{"/a", {.requests = 40}}, {"/new", {.requests = 5, .errors = 5, .clients = 5}}}),
             of_endpoints({{"/a", {.requests = 45}}}), 1s);
  EXPECT_TRUE(test.decided()) << test.evidence();
}

// Nine in a hundred fail there, one in a hundred elsewhere, of both: at 5 % its share of the candidate is another for
// a while, and that accuses nobody.
TEST(CountTest, AnEndpointThatBothAreAskedForStaysByItselfAtASmallShare) {
  CountTest test(0.001);
  std::mt19937_64 random(7);
  for (int second = 0; second < 600; ++second) {
    auto hard = std::binomial_distribution<int>(1, 0.3)(random);
    auto part = [&](int n, double rate) {
      auto e = static_cast<std::uint64_t>(std::binomial_distribution<int>(n, rate)(random));
      return Count::Part{static_cast<std::uint64_t>(n), e, e};
    };
    std::map<std::string, Count::Part> own{{"/a", part(9, 0.01)}};
    if (hard > 0) own["/hard"] = part(2, 0.09);
    test.see(of_endpoints(std::move(own)), of_endpoints({{"/a", part(171, 0.01)}, {"/hard", part(6, 0.09)}}), 1s);
  }
  EXPECT_LT(test.evidence(), 100);
}

}  // namespace
}  // namespace davy::judge
