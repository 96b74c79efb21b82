#include "signals/metrics/prometheus_api.h"

#include <gmock/gmock.h>

namespace davy::signals {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// The documentation's own examples.
constexpr std::string_view kVector = R"({"status":"success","data":{"resultType":"vector","result":[
  {"metric":{"__name__":"up","job":"prometheus","instance":"localhost:9090"},"value":[1435781451.781,"1"]},
  {"metric":{"__name__":"up","job":"node","instance":"localhost:9100"},"value":[1435781451.781,"0"]}]}})";

TEST(PrometheusApi, ReadsAVector) {
  auto answer = parse_prometheus(kVector, 200);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->type, "vector");
  EXPECT_EQ(answer->series[0].points, std::vector({PromPoint{1435781451.781, 1}}));
  EXPECT_THAT(*newest_by(*answer, "job"), ElementsAre(Pair("node", 0), Pair("prometheus", 1)));
}

TEST(PrometheusApi, ReadsScalarStringAndMatrix) {
  auto scalar = parse_prometheus(R"({"status":"success","data":{"resultType":"scalar","result":[1,"0.5"]}})", 200);
  EXPECT_THAT(*newest_by(*scalar, ""), ElementsAre(Pair("", .5)));
  auto text = parse_prometheus(R"({"status":"success","data":{"resultType":"string","result":[1,"x"]}})", 200);
  EXPECT_EQ(text->text, "x");
  auto matrix = parse_prometheus(R"({"status":"success","data":{"resultType":"matrix","result":[
    {"metric":{"version":"2"},"values":[[1,"1"],[2,"+Inf"],[3,"7e-1"]]},{"metric":{},"values":[]}]}})",
                                 200);
  ASSERT_TRUE(matrix);
  EXPECT_EQ(matrix->series[0].points.size(), 3u);
  EXPECT_THAT(*newest_by(*matrix, "version"), ElementsAre(Pair("2", .7)));
}

TEST(PrometheusApi, KnowsThatNaNIsNoNumber) {
  auto answer = parse_prometheus(
      R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"NaN"]}]}})", 200);
  EXPECT_TRUE(newest_by(*answer, "")->empty());
}

TEST(PrometheusApi, DoesNotGuessWhichOfTwoSeriesIsMeant) {
  auto one = newest_by(*parse_prometheus(kVector, 200), "");
  ASSERT_FALSE(one);
  EXPECT_THAT(one.error().message, HasSubstr("several series: {__name__=\"up\",instance=\"localhost:9090\""));
  EXPECT_THAT(newest_by(*parse_prometheus(kVector, 200), "__name__").error().hint, HasSubstr("sum by (__name__)"));
}

TEST(PrometheusApi, PassesWarningsOn) {
  auto answer = parse_prometheus(
      R"({"status":"success","data":{"resultType":"vector","result":[]},"warnings":["store a is away\u001b"]})", 200);
  EXPECT_THAT(answer->warnings, ElementsAre("store a is away\\x1b"));
}

TEST(PrometheusApi, SaysWhatPrometheusSays) {
  auto bad = parse_prometheus(R"({"status":"error","errorType":"bad_data","error":"1:3: parse error"})", 400);
  EXPECT_EQ(bad.error().code, Code::invalid);
  EXPECT_EQ(bad.error().message, "Prometheus answered 400: bad_data: 1:3: parse error");
  EXPECT_EQ(parse_prometheus(R"({"status":"error","errorType":"timeout"})", 503).error().code, Code::timed_out);
  EXPECT_EQ(parse_prometheus("Unauthorized", 401).error().code, Code::refused);
  EXPECT_EQ(parse_prometheus("<html>", 502).error().code, Code::unavailable);
}

TEST(PrometheusApi, RefusesWhatIsNoneOfItsAnswers) {
  for (auto body :
       {"", "null", "[]", "{}", R"({"status":"success"})", R"({"status":"success","data":[]})",
        R"({"status":"success","data":{"resultType":"vector","result":{}}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{}}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":1},"value":[1,"1"]}]}})",
        R"({"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,1]}]}})",
        R"({"status":"success","data":{"resultType":"scalar","result":["1","1"]}})"}) {
    auto answer = parse_prometheus(body, 200);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code, Code::invalid) << body;
  }
}

TEST(PrometheusApi, EscapesWhatItAsks) {
  EXPECT_EQ(query_body("a{b=\"c\"} + 1", Time(std::chrono::milliseconds(1500))),
            "query=a%7Bb%3D%22c%22%7D%20%2B%201&time=1.500");
  EXPECT_EQ(range_body("up", Time(std::chrono::seconds(1)), Time(std::chrono::seconds(61)), std::chrono::seconds(15)),
            "query=up&start=1.000&end=61.000&step=15");
}

}  // namespace
}  // namespace davy::signals
