// Answers of Prometheus's HTTP API to instant and range queries (prometheus.io/docs/prometheus/latest/querying/api).
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace davy::signals {

struct PromPoint {
  double at = 0;  // seconds since 1970
  double value = 0;
  bool operator==(const PromPoint&) const = default;
};
struct PromSeries {
  std::map<std::string, std::string> labels;
  std::vector<PromPoint> points;  // one of an instant query; oldest first
};
struct PromAnswer {
  std::string type;  // vector, matrix, scalar, string
  std::vector<PromSeries> series;
  std::string text;                   // of a string
  std::vector<std::string> warnings;  // printable; the answer may be partial
};

// Code::invalid: the query is wrong, as Prometheus says (errorType bad_data), or the answer is none of Prometheus's;
// Code::timed_out, Code::unavailable: its other errors. status: of the HTTP answer.
Result<PromAnswer> parse_prometheus(std::string_view body, int status);

// The newest number of each series, by the value of `label` ("" where it has none). NaN is no number. Two series for
// one value are an error that says how to write the query: nobody knows whether to add or to average them.
Result<std::map<std::string, double>> newest_by(const PromAnswer&, const std::string& label);

// What a range query says of one moment: the series that have a number there, and the number. Of an instant query there
// is one moment. They point into the answer.
using PromMoment = std::vector<std::pair<const PromSeries*, double>>;
std::map<Time, PromMoment> by_moment(const PromAnswer&);

// The numbers of a moment by the value of `label`, as newest_by.
Result<std::map<std::string, double>> numbers_by(const PromMoment&, const std::string& label);

// path and parameters of the request body: application/x-www-form-urlencoded.
std::string query_body(std::string_view promql, Time at);
std::string range_body(std::string_view promql, Time from, Time to, Duration step);

}  // namespace davy::signals
