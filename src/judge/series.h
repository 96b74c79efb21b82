// What a condition reads: the numbers of the last `over` of time, by release.
#pragma once
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "judge/window.h"
#include "spec/condition.h"

namespace davy::judge {

// The series that every traffic source gives, for the plan's vocabulary and the reference.
struct TrafficSeries {
  std::string_view name;
  spec::Unit unit;
  bool convicts_by_errors;  // a share of errors: too few errors prove nothing
  std::string_view doc;
};
std::span<const TrafficSeries> traffic_series();
bool is_volume(std::string_view series);  // requests, request_rate: little of it is a finding, not a lack of data
const TrafficSeries* find_traffic_series(std::string_view name);  // null: a gauge or a state
std::optional<double> quantile_of_field(std::string_view field);  // p95 -> 0.95, max -> 1; nothing for what is neither

// What is seen of a series that is a number, in one stretch of time.
struct Gauge {
  double last = 0, least = 0, most = 0, sum = 0;
  std::uint64_t samples = 0;
  void see(double);
  void merge(const Gauge& later);
};

// The last `over` of a stream of windows, in about 60 slots, so that a window costs one addition and a read none. It
// holds between `over` and 61/60 of it, and always the newest window, however long.
class Rolling {
 public:
  explicit Rolling(Duration over);
  void see(const Window&);

  Duration over() const { return over_; }
  Duration covered() const { return covered_; }  // time of the windows in it
  bool full() const { return covered_ >= over_; }
  Time now() const { return slots_.empty() ? Time{} : slots_.back().to; }
  const Tally* tally(const std::string& release) const;  // null: it had no request
  std::optional<Gauge> gauge(const std::string& series, const std::string& release) const;
  const std::string* word(const std::string& series, const std::string& release) const;  // the newest

 private:
  using Key = std::pair<std::string, std::string>;  // series, release
  struct Slot {
    Time from{}, to{};
    Duration covered{};
    std::map<std::string, Tally> releases;
    std::map<Key, Gauge> gauges;
  };
  struct Word {
    std::string word;
    Time at{};
  };
  void forget(Time now);

  Duration over_, covered_{};
  std::deque<Slot> slots_;
  std::map<std::string, Tally> total_;
  std::map<Key, Word> words_;
};

// What a condition finds: a number, or a word, or neither and what is lacking ("12 of 20 requests").
struct Reading {
  std::optional<double> number = {};
  std::optional<std::string> word = {};
  std::string lacking = {};
  std::uint64_t requests = 0;
  bool of_service = false;  // it says nothing about one release
};

// The least evidence for which a traffic series has a number.
struct Least {
  std::uint64_t requests = 20, errors = 3;
};

// The traffic number as it is, enough or not. length: the time that the tally covers.
double traffic_number(const spec::Condition&, const Tally&, Duration length);

// release first; where it has no such series, the service's ("").
Reading read(const spec::Condition&, const Rolling&, const std::string& release, Least);

// The same series on the frozen window from before the run; previous may be empty.
Reading read_frozen(const spec::Condition&, const Window&, const std::string& previous, Least);

// "5.1%", "310ms", "12": in the unit of the series.
std::string said(const spec::Condition&, double number);

}  // namespace davy::judge
