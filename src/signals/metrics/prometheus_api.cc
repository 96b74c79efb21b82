#include "signals/metrics/prometheus_api.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "base/text.h"
#include "signals/metrics/exposition.h"
#include "spec/json.h"

namespace davy::signals {
namespace {

using spec::Json;

constexpr std::size_t kMostSeries = 10'000, kMostWarnings = 10;
constexpr double kLatest = 9e9;  // seconds since 1970: what nanoseconds can hold

const Json* member(const Json& j, const char* key) {
  if (!j.is_object()) return nullptr;
  auto found = j.find(key);
  return found == j.end() ? nullptr : &*found;
}
std::string text_of(const Json& j, const char* key) {
  auto found = member(j, key);
  return found && found->is_string() ? found->get<std::string>() : "";
}

// [1435781451.781, "1"]
std::optional<PromPoint> point(const Json& j) {
  if (!j.is_array() || j.size() != 2 || !j[0].is_number() || !j[1].is_string()) return {};
  auto value = exposition_number(j[1].get_ref<const std::string&>());
  return value ? std::optional(PromPoint{j[0].get<double>(), *value}) : std::nullopt;
}

bool labels(const Json* metric, PromSeries& out) {
  if (!metric || !metric->is_object()) return false;
  for (auto& [name, value] : metric->items()) {
    if (!value.is_string()) return false;
    out.labels[name] = value.get<std::string>();
  }
  return true;
}

bool points(const Json& j, PromSeries& out) {
  auto add = [&](const Json& one) {
    auto p = point(one);
    return p && (out.points.push_back(*p), true);
  };
  if (auto one = member(j, "value")) return add(*one);
  auto many = member(j, "values");
  if (!many || !many->is_array()) return false;
  for (auto& one : *many)
    if (!add(one)) return false;
  return true;
}

bool result(const Json& j, PromAnswer& out) {
  if (out.type == "string") return j.is_array() && j.size() == 2 && j[1].is_string() && (out.text = j[1], true);
  if (out.type == "scalar") {
    auto p = point(j);
    return p && (out.series.push_back({{}, {*p}}), true);
  }
  if (!j.is_array()) return false;
  for (auto& one : j) {
    PromSeries series;
    if (member(one, "histogram") || member(one, "histograms")) continue;  // native histograms are no numbers
    if (!labels(member(one, "metric"), series) || !points(one, series)) return false;
    out.series.push_back(std::move(series));
  }
  return true;
}

std::unexpected<Error> refused(const Json& j, int status) {
  auto type = text_of(j, "errorType");
  auto code = type == "bad_data" || type == "execution" ? Code::invalid
              : type == "timeout"                       ? Code::timed_out
                                                        : Code::unavailable;
  return fail(code, fmt::format("Prometheus answered {}: {}: {}", status, printable(type),
                                printable(text_of(j, "error").substr(0, 300))));
}

std::string shown(const PromSeries& s) {
  std::string out;
  for (auto& [name, value] : s.labels) out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, value);
  return printable(("{" + out + "}").substr(0, 200));
}

std::string unix_seconds(Time t) { return fmt::format("{:.3f}", seconds(t.time_since_epoch())); }

}  // namespace

Result<PromAnswer> parse_prometheus(std::string_view body, int status) {
  auto json = spec::parse_json(body);
  auto said = json ? text_of(*json, "status") : "";
  if (said == "error") return refused(*json, status);
  if (status == 401 || status == 403)
    return fail(Code::refused, fmt::format("Prometheus answered {}: not allowed in", status));
  if (status / 100 != 2) return fail(Code::unavailable, fmt::format("Prometheus answered {}", status));
  auto data = json ? member(*json, "data") : nullptr;
  auto found = data ? member(*data, "result") : nullptr;
  if (found && found->is_array() && found->size() > kMostSeries)
    return fail(Code::invalid,
                fmt::format("Prometheus answered with {} series, and {} are the most", found->size(), kMostSeries));
  PromAnswer out;
  if (data) out.type = text_of(*data, "resultType");
  if (said != "success" || !found || !result(*found, out))
    return fail(Code::invalid, "the answer is not one of Prometheus's API: " + printable(body.substr(0, 60)));
  if (auto warnings = member(*json, "warnings"); warnings && warnings->is_array())
    for (auto& one : *warnings)
      if (one.is_string() && out.warnings.size() < kMostWarnings)
        out.warnings.push_back(printable(one.get<std::string>().substr(0, 300)));
  return out;
}

Result<std::map<std::string, double>> newest_by(const PromAnswer& answer, const std::string& label) {
  PromMoment newest;
  for (auto& series : answer.series)
    if (!series.points.empty()) newest.emplace_back(&series, series.points.back().value);
  return numbers_by(newest, label);
}

std::map<Time, PromMoment> by_moment(const PromAnswer& answer) {
  std::map<Time, PromMoment> out;
  for (auto& series : answer.series)
    for (auto& point : series.points)
      if (std::abs(point.at) < kLatest)  // a server may say anything
        out[Time(std::chrono::milliseconds(std::llround(point.at * 1e3)))].emplace_back(&series, point.value);
  return out;
}

Result<std::map<std::string, double>> numbers_by(const PromMoment& moment, const std::string& label) {
  std::map<std::string, double> out;
  std::map<std::string, const PromSeries*> of;
  for (auto& [series, value] : moment) {
    if (std::isnan(value)) continue;
    auto found = series->labels.find(label);
    auto key = label.empty() || found == series->labels.end() ? "" : found->second;
    if (auto [before, fresh] = of.emplace(key, series); !fresh)
      return fail(Code::invalid,
                  fmt::format("the query gives several series{}: {} and {}",
                              key.empty() ? "" : fmt::format(" for {}=\"{}\"", label, printable(key)),
                              shown(*before->second), shown(*series)),
                  label.empty() ? "sum(…) or avg(…) around it, or `release-by`"
                                : fmt::format("sum by ({}) (…) or the like around it", label));
    out[key] = value;
  }
  return out;
}

std::string query_body(std::string_view promql, Time at) {
  return fmt::format("query={}&time={}", percent_encoded(promql), unix_seconds(at));
}

std::string range_body(std::string_view promql, Time from, Time to, Duration step) {
  return fmt::format("query={}&start={}&end={}&step={}", percent_encoded(promql), unix_seconds(from), unix_seconds(to),
                     seconds(step));
}

}  // namespace davy::signals
