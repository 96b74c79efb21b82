#include "signals/metrics/recorded_metrics.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const Time kBegin{1'700'000'000s};
const double kNaN = std::numeric_limits<double>::quiet_NaN();

// A series whose numbers are 15 s apart; nothing where it has none.
struct Recorded {
  PromAnswer answer{.type = "matrix", .series = {}, .text = {}, .warnings = {}};
  void add(std::map<std::string, std::string> labels, std::vector<std::optional<double>> numbers) {
    PromSeries series{.labels = std::move(labels), .points = {}};
    for (std::size_t i = 0; i < numbers.size(); ++i)
      if (numbers[i]) series.points.push_back({1.7e9 + 15.0 * static_cast<double>(i), *numbers[i]});
    answer.series.push_back(std::move(series));
  }
  void requests(std::string version, std::string instance, std::vector<std::optional<double>> numbers,
                std::string status = "200") {
    add({{"__name__", "http_requests_total"},
         {"version", std::move(version)},
         {"instance", std::move(instance)},
         {"job", "shop"},
         {"status", std::move(status)}},
        std::move(numbers));
  }
  std::vector<judge::Window> windows(std::size_t moments) const {
    RecordedMetrics metrics({.release_by = "version"}, "");
    metrics.see(answer, {kBegin, kBegin + 15s * static_cast<int>(moments - 1)});
    return metrics.end();
  }
};

std::vector<std::uint64_t> requests_of(std::vector<judge::Window> windows, const std::string& release) {
  std::vector<std::uint64_t> out;
  for (auto& w : windows) out.push_back(w.releases[release].requests);
  return out;
}

TEST(RecordedMetrics, CountsWhatGrewBetweenTwoMoments) {
  Recorded r;
  r.requests("2", "a", {100, 130, 190});
  r.requests("2", "b", {0, 10, 10});
  r.requests("2", "a", {1, 1, 4}, "500");
  r.requests("1", "c", {7, 7, 8});
  auto all = r.windows(3);
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(requests_of(all, "2"), (std::vector<std::uint64_t>{0, 40, 63})) << "what was before is nobody's";
  EXPECT_EQ(all[2].releases["2"].errors, 3u);
  EXPECT_EQ(all[2].releases["1"].requests, 1u);
  EXPECT_EQ(all[1].from, kBegin);
  EXPECT_EQ(all[1].to, kBegin + 15s);
  EXPECT_TRUE(all[1].complete);
}

TEST(RecordedMetrics, CountsFromZeroAfterAReset) {
  Recorded r;
  r.requests("2", "a", {100, 130, 5, 9});
  EXPECT_EQ(requests_of(r.windows(4), "2"), (std::vector<std::uint64_t>{0, 30, 5, 4}));
}

TEST(RecordedMetrics, KnowsANewProcessThoughItsCounterRose) {
  Recorded r;
  r.requests("2", "a", {100, 130, 200});
  r.add({{"__name__", "process_start_time_seconds"}, {"instance", "a"}, {"job", "shop"}},
        {50, 50, seconds((kBegin + 20s).time_since_epoch())});
  auto all = r.windows(3);
  EXPECT_EQ(requests_of(all, "2"), (std::vector<std::uint64_t>{0, 30, 200}));
  EXPECT_EQ(all[2].numbers["restarts"][""], 1);
}

TEST(RecordedMetrics, CountsASeriesThatIsBornWhole) {
  Recorded r;
  r.requests("2", "a", {10, 20, 30});
  r.requests("2", "a", {{}, {}, 3}, "500");
  EXPECT_EQ(r.windows(3)[2].releases["2"].errors, 3u);
}

TEST(RecordedMetrics, SkipsWhatIsNoNumber) {
  Recorded r;
  r.requests("2", "a", {10, kNaN, 30});
  EXPECT_EQ(requests_of(r.windows(3), "2"), (std::vector<std::uint64_t>{0, 0, 20}));
}

TEST(RecordedMetrics, DoubtsMomentsWithoutNumbers) {
  Recorded r;
  r.requests("2", "a", {10, {}, {}, 40, 41});
  auto all = r.windows(5);
  EXPECT_FALSE(all[1].complete);
  EXPECT_EQ(all[1].gap, "Prometheus has no numbers of this time");
  EXPECT_FALSE(all[2].complete);
  EXPECT_FALSE(all[3].complete) << "it counts what it gained meanwhile, too";
  EXPECT_TRUE(all[4].complete);
  EXPECT_EQ(requests_of(all, "2"), (std::vector<std::uint64_t>{0, 0, 0, 30, 1}));
}

TEST(RecordedMetrics, DoubtsTheAbsenceOfOneTargetThatComesBack) {
  Recorded r;
  r.requests("1", "a", {10, 20, 30, 40, 50});
  r.requests("2", "b", {10, {}, 30, 40, {}});
  auto all = r.windows(5);
  EXPECT_THAT(all[1].gap, HasSubstr("no numbers of shop/b from 22:13:20 to 22:13:50"));
  EXPECT_FALSE(all[2].complete);
  EXPECT_TRUE(all[3].complete);
  EXPECT_TRUE(all[4].complete) << "one that has gone for good has ended";
}

TEST(RecordedMetrics, FollowsAcrossPortions) {
  Recorded first, second;
  first.requests("2", "a", {10, 20});
  second.requests("2", "a", {{}, {}, 35});
  RecordedMetrics metrics({.release_by = "version"}, "");
  metrics.see(first.answer, {kBegin, kBegin + 15s});
  metrics.see(second.answer, {kBegin + 30s, kBegin + 30s});
  EXPECT_EQ(requests_of(metrics.end(), "2"), (std::vector<std::uint64_t>{0, 10, 15}));
}

TEST(RecordedMetrics, MakesLatenciesOfBuckets) {
  Recorded r;
  for (auto& [le, n] : std::map<std::string, double>{{"0.1", 90}, {"1", 100}, {"+Inf", 100}})
    r.add({{"__name__", "http_request_duration_seconds_bucket"}, {"version", "2"}, {"instance", "a"}, {"le", le}},
          {0, n});
  auto latency = r.windows(2)[1].releases["2"].latency;
  EXPECT_EQ(latency.count(), 100u);
  EXPECT_NEAR(seconds(latency.quantile(.5)), .05, .01);
}

TEST(RecordedMetrics, AsksForAllThatItWouldTakeAnythingFrom) {
  RecordedMetrics usual({}, "");
  EXPECT_THAT(usual.query(), HasSubstr("{__name__=~\"process_start_time_seconds|"));
  EXPECT_THAT(usual.query(), HasSubstr("|http_request_duration_seconds_bucket|"));
  RecordedMetrics own({.requests = *parse_selector("orders_total"), .release_by = "build_info.version"}, "job=\"a\"");
  EXPECT_THAT(own.query(), HasSubstr("orders_total"));
  EXPECT_THAT(own.query(), HasSubstr("build_info"));
  EXPECT_TRUE(own.query().ends_with("\",job=\"a\"}")) << own.query();
}

TEST(RecordedMetrics, PutsAQuerysNumbersWhereTheyBelong) {
  Recorded r;
  r.add({{"version", "green-1"}}, {3, kNaN, 5});
  r.add({{"version", "stranger"}}, {1, 1, 1});
  std::vector<judge::Window> windows{{.from = kBegin, .to = kBegin + 15s}, {.from = kBegin + 15s, .to = kBegin + 30s}};
  ReleaseMap map;
  map.set("green*", "candidate");
  ASSERT_TRUE(put_numbers(r.answer, "version", "queue", "length", {}, map, windows));
  EXPECT_TRUE(windows[0].numbers.empty()) << "NaN is no number";
  EXPECT_EQ(windows[1].numbers["queue.length"], (std::map<std::string, double>{{"candidate", 5}}));
  std::vector<judge::Window> measured{{.from = kBegin + 15s, .to = kBegin + 30s}};
  auto ms = spec::Measure{"ms", spec::Unit::seconds, 0.001};
  ASSERT_TRUE(put_numbers(r.answer, "version", "queue", "wait", ms, map, measured));
  EXPECT_EQ(measured[0].numbers["queue.wait"]["candidate"], 0.005) << "as it is read while it is watched";
  EXPECT_FALSE(put_numbers(r.answer, "", "queue", "", {}, map, windows)) << "two series: which one?";
}

TEST(RecordedMetrics, IsNotImpressedByImpossibleTimes) {
  PromAnswer wild{.type = "matrix", .series = {{{}, {{1e300, 1}, {-1e300, 1}, {kNaN, 1}}}}, .text = {}, .warnings = {}};
  EXPECT_TRUE(by_moment(wild).empty());
}

TEST(Portions, CoverAllMomentsOnce) {
  for (std::size_t bytes : {100, 1'000'000, 100'000'000}) {
    Stretch whole{kBegin, kBegin + 30001s, 1s};
    Portions portions(whole);
    std::size_t moments = 0;
    auto next = kBegin;
    while (auto one = portions.next()) {
      EXPECT_EQ(one->from, next);
      EXPECT_LE(one->moments(), 11'000u);
      moments += one->moments(), next = one->to + 1s;
      if (moments > whole.moments()) break;
      portions.answered(bytes);
    }
    EXPECT_EQ(moments, 30'002u);
  }
}

TEST(Portions, AreSmallWhereAnswersAreLarge) {
  Portions portions({kBegin, kBegin + 1000s, 1s});
  EXPECT_EQ(portions.next()->moments(), 1u);
  portions.answered(100 * 1024);
  EXPECT_EQ(portions.next()->moments(), 10u);
  portions.answered(100 * 1024 * 1024);
  EXPECT_EQ(portions.next()->moments(), 1u);
}

}  // namespace
}  // namespace davy::signals
