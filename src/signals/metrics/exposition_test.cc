#include "signals/metrics/exposition.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>
#include <random>

namespace davy::signals {
namespace {

struct Read {
  std::string name;
  std::vector<std::pair<std::string, std::string>> labels;
  double value = 0;
  std::optional<double> at;
  bool operator==(const Read& o) const {
    return name == o.name && labels == o.labels && (value == o.value || (std::isnan(value) && std::isnan(o.value))) &&
           at == o.at;
  }
};
Read copy(const Sample& s) {
  Read out{std::string(s.name), {}, s.value, s.at};
  for (auto& [name, value] : s.labels) out.labels.emplace_back(name, value);
  return out;
}

struct Page {
  std::vector<Read> samples;
  ExpositionTotals totals;
};
Page read(std::string_view text, Exposition format = Exposition::text, std::size_t chunk = 1 << 20) {
  Page out;
  ExpositionReader reader(format, [&](const Sample& s) { out.samples.push_back(copy(s)); });
  for (std::size_t at = 0; at < text.size(); at += chunk) reader.feed(text.substr(at, chunk));
  out.totals = reader.finish();
  return out;
}
Read one(std::string_view line, Exposition format = Exposition::text) {
  auto page = read(line, format);
  EXPECT_EQ(page.samples.size(), 1u) << line;
  return page.samples.empty() ? Read{} : page.samples[0];
}

// The example of Prometheus's own documentation.
constexpr std::string_view kManual = R"(# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\DIR\\FILE.TXT",error="Cannot find file:\n\"FILE.TXT\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320
)";

TEST(Exposition, ReadsTheManualsExample) {
  auto page = read(kManual);
  ASSERT_EQ(page.samples.size(), 9u);
  EXPECT_EQ(page.totals.broken, 0u);
  EXPECT_EQ(page.samples[0], (Read{"http_requests_total", {{"method", "post"}, {"code", "200"}}, 1027, 1395066363.0}));
  EXPECT_EQ(page.samples[2].labels[0].second, "C:\\DIR\\FILE.TXT");
  EXPECT_EQ(page.samples[2].labels[1].second, "Cannot find file:\n\"FILE.TXT\"");
  EXPECT_EQ(page.samples[3], (Read{"metric_without_timestamp_and_labels", {}, 12.47, {}}));
  EXPECT_EQ(page.samples[4].value, INFINITY);
  EXPECT_EQ(page.samples[4].at, -3982.045);
}

TEST(Exposition, RemembersTypes) {
  ExpositionReader reader(Exposition::text, [](auto&) {});
  reader.feed(kManual);
  EXPECT_EQ(reader.type("http_requests_total"), MetricType::counter);
  EXPECT_EQ(reader.type("http_request_duration_seconds"), MetricType::histogram);
  EXPECT_EQ(reader.type("metric_without_timestamp_and_labels"), MetricType::unknown);
}

// After the examples of the OpenMetrics specification.
TEST(Exposition, ReadsOpenMetrics) {
  auto page = read(
      "# TYPE acme_http_router_request_seconds summary\n# UNIT acme_http_router_request_seconds seconds\n"
      "# HELP acme_http_router_request_seconds Latency though all of ACME's HTTP request router.\n"
      "acme_http_router_request_seconds_sum{path=\"/api/v1\",method=\"GET\"} 9036.32\n"
      "acme_http_router_request_seconds_created{path=\"/api/v1\",method=\"GET\"} 1605281325.0\n"
      "# TYPE foo histogram\n"
      "foo_bucket{le=\"0.1\"} 8 # {} 0.054\n"
      "foo_bucket{le=\"1.0\"} 11 # {trace_id=\"KOO5S4vxi0o\"} 0.67\n"
      "foo_bucket{le=\"10.0\"} 17 # {trace_id=\"oHg5SJYRHA0\"} 9.8 1520879607.789\n"
      "foo_total 17.0 1520879607.789 # {trace_id=\"a # b\"} 9.8 1520879607.789\n# EOF\n",
      Exposition::openmetrics);
  EXPECT_EQ(page.samples.size(), 6u);
  EXPECT_EQ(page.totals.broken, 0u) << page.totals.first_broken;
  EXPECT_EQ(page.totals.exemplars, 4u);
  EXPECT_TRUE(page.totals.ended);
  EXPECT_EQ(page.samples[5].at, 1520879607.789);
}

TEST(Exposition, OfOpenMetricsHasItsEndLast) {
  EXPECT_FALSE(read("a 1\n", Exposition::openmetrics).totals.ended);
  EXPECT_FALSE(read("# EOF\na 1\n", Exposition::openmetrics).totals.ended);
  EXPECT_FALSE(read("a 1\n# EO", Exposition::openmetrics).totals.ended);
  EXPECT_TRUE(read("a 1\n# EOF", Exposition::openmetrics).totals.ended);
  EXPECT_EQ(exposition_of("application/openmetrics-text; version=1.0.0; charset=utf-8"), Exposition::openmetrics);
  EXPECT_EQ(exposition_of("text/plain; version=0.0.4"), Exposition::text);
}

TEST(Exposition, ReadsEveryNumberThatGoWrites) {
  EXPECT_TRUE(std::isnan(one("a NaN").value));
  EXPECT_EQ(one("a -Inf").value, -INFINITY);
  EXPECT_EQ(one("a +Inf").value, INFINITY);
  EXPECT_EQ(one("a 1.7560473e+07").value, 17560473);
  EXPECT_EQ(one("a +5").value, 5);
  EXPECT_EQ(one("a .5").value, .5);
  EXPECT_EQ(one("a 123456789012345678").value, 123456789012345678.0);
  EXPECT_EQ(one("a 1e999").value, INFINITY);
  EXPECT_EQ(one("a 1e-999").value, 0);
}

TEST(Exposition, BearsBlanksWhereTheFormatAllowsThem) {
  EXPECT_EQ(one(" \t a{ b = \"c\" , d=\"\", }\t 1  2000 \r"), (Read{"a", {{"b", "c"}, {"d", ""}}, 1, 2}));
  EXPECT_EQ(one("a{} 1"), (Read{"a", {}, 1, {}}));
  EXPECT_EQ(one("a:b{c=\"}\"} 1"), (Read{"a:b", {{"c", "}"}}, 1, {}}));
  EXPECT_EQ(one("a{b=\"ü\\x\"}1"), (Read{"a", {{"b", "ü\\x"}}, 1, {}}));
}

TEST(Exposition, CountsWhatIsBroken) {
  for (auto line : {"<html>",
                    "a",
                    "a{",
                    "a{b}",
                    "a{b=c} 1",
                    "a{b=\"c} 1",
                    "a{b=\"c\"",
                    "a{b=\"c\"}",
                    "a{1b=\"c\"} 1",
                    "a{b=\"c\\",
                    "a{,} 1",
                    "a one",
                    "a 1 2 3",
                    "a 1 x",
                    "a 0x1p3",
                    "a --5",
                    "a{b=\"c\" d=\"e\"} 1",
                    "9a 1",
                    "a 1 # {b=\"c\"}",
                    "a 1 # b",
                    "a{b:c=\"d\"} 1",
                    "a 1e",
                    "a 1_000"}) {
    auto page = read(line);
    EXPECT_EQ(page.totals.broken, 1u) << line;
    EXPECT_EQ(page.samples.size(), 0u) << line;
  }
  EXPECT_EQ(read("a 1\nb\nc\x1b[2J\nd 4\n").totals.first_broken, "b");
  EXPECT_EQ(read("c\x1b[2J\n").totals.first_broken, "c\\x1b[2J");
}

TEST(Exposition, DropsALineThatIsTooLongAndGoesOn) {
  auto text = "a{b=\"" + std::string(ExpositionReader::kLongestLine, 'x') + "\"} 1\nc 2\n";
  for (std::size_t chunk : {7u, 4096u, 1u << 20}) {
    auto page = read(text, Exposition::text, chunk);
    EXPECT_EQ(page.totals.broken, 1u);
    ASSERT_EQ(page.samples.size(), 1u);
    EXPECT_EQ(page.samples[0].name, "c");
  }
}

TEST(Exposition, BoundsTheLabelsOfALine) {
  std::string many;
  for (std::size_t i = 0; i <= ExpositionReader::kMostLabels; ++i) many += fmt::format("l{}=\"\",", i);
  EXPECT_EQ(read("a{" + many + "} 1").totals.broken, 1u);
}

// The oracle: what was written is what is read, for any content, cut anywhere.
struct Writer {
  std::mt19937_64 random{7};
  std::size_t below(std::size_t n) { return random() % n; }
  std::string name() {
    static constexpr std::string_view kFirst = "abz_AZ", kLater = "abz_AZ059";
    std::string out(1, kFirst[below(kFirst.size())]);
    for (auto n = below(8); n > 0; --n) out += kLater[below(kLater.size())];
    return out;
  }
  std::string value() {
    static constexpr std::string_view kBytes = "abc\\\"\n{},= #\xc3\xbc\t";
    std::string out;
    for (auto n = below(12); n > 0; --n) out += kBytes[below(kBytes.size())];
    return out;
  }
  static std::string escaped(const std::string& s) {
    std::string out;
    for (char c : s) out += c == '\\' ? "\\\\" : c == '"' ? "\\\"" : c == '\n' ? "\\n" : std::string(1, c);
    return out;
  }
  Read sample() {
    Read out{name(), {}, 0, {}};
    for (auto n = below(5); n > 0; --n) out.labels.emplace_back(name(), value());
    out.value = below(3) ? static_cast<double>(random() >> below(60)) : std::ldexp(1.0 + below(1000), below(200) - 100);
    if (below(4) == 0) out.at = static_cast<double>(below(1000000));
    return out;
  }
  std::string line(const Read& r, Exposition format) {
    std::string out = r.name;
    if (!r.labels.empty()) out += '{';
    for (auto& [name, value] : r.labels) out += name + "=\"" + escaped(value) + "\",";
    if (!r.labels.empty()) out += '}';
    out += fmt::format(" {}", r.value);
    if (r.at) out += fmt::format(" {}", format == Exposition::text ? *r.at * 1000 : *r.at);
    if (below(5) == 0) out += " # {t=\"" + escaped(value()) + "\"} 1";
    return out + (below(9) ? "\n" : "\r\n");
  }
};

TEST(Exposition, ReadsBackWhateverWasWrittenInChunksOfAnySize) {
  Writer w;
  for (int round = 0; round < 300; ++round) {
    auto format = round % 2 ? Exposition::text : Exposition::openmetrics;
    std::vector<Read> written;
    std::string text;
    for (int i = 0; i < 20; ++i) {
      written.push_back(w.sample());
      text += w.line(written.back(), format);
      if (w.below(4) == 0) text += "# HELP " + w.name() + " anything {at} 1\n";
    }
    auto page = read(text, format, 1 + w.below(50));
    ASSERT_EQ(page.totals.broken, 0u) << page.totals.first_broken;
    ASSERT_EQ(page.samples, written);
  }
}

}  // namespace
}  // namespace davy::signals
