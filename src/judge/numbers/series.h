// What a condition reads: the numbers of the last `over` of time, by release.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "judge/numbers/rolling.h"
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

// The series that a condition on a gauge or a state reads: `database.pool_use` of the signal `database`, or `memory` of
// `memory.max`, whose field is a statistic.
std::string series_of(const spec::Condition&);

bool is_slope(const spec::Condition&);       // grows, rises
bool is_up_or_down(const spec::Condition&);  // `database is up`

// A state's word as this condition asks for it: `up` and `down` are about health, whatever its own word for that is.
std::string word_asked(const spec::Condition&, const std::string& word);

// What a condition finds: a number, or a word, or neither and what is lacking ("12 of 20 requests").
struct Reading {
  std::optional<double> number = {};
  std::optional<std::string> word = {};
  std::string lacking = {};
  std::uint64_t requests = 0;
  bool of_service = false;  // it says nothing about one release
  bool counted = false;     // it is how many there were
  bool few_errors = false;  // there were requests enough, and too few errors to prove anything

  bool tells() const { return number || word || few_errors; }  // something; else nobody sees
};

// `critical.error_rate`: the traffic series of a signal that is not the one of the bare names. Nothing: it is no such
// name. Whether the signal tells traffic, only its windows say.
struct OfSignal {
  std::string signal;
  spec::Condition bare;  // the same of `error_rate`
};
std::optional<OfSignal> of_signal(const spec::Condition&);

// The least evidence for which a traffic series has a number.
struct Least {
  std::uint64_t requests = 20, errors = 3;
};

// Why a series has no number though there were requests: of errors, if for more than one in a hundred nobody can tell
// how it ended; of latency, if most do not say how long they took. Empty: it can be told.
std::string untold(const spec::Condition&, const Tally&);
std::string untold(const Tally&);  // of errors

// The traffic number as it is, enough or not. length: the time that the tally covers.
double traffic_number(const spec::Condition&, const Tally&, Duration length);

// release first; where it has no such series, the service's ("").
Reading read(const spec::Condition&, const Rolling&, const std::string& release, Least);

// The same series on a stretch of another time; previous may be empty. Counts are those of an `over`.
Reading read_recorded(const spec::Condition&, const Window&, const std::string& previous, Least, Duration over);

// A count of the previous release as it would be at the candidate's traffic; as it is where nobody knows the traffic.
double at_traffic_of(const Tally* candidate, const Tally* previous, double count);

// The number of a condition on counts: how many, or per second where its value says so (`> 2/s`).
double count_number(const spec::Condition&, double count, Duration length);

// "5.1%", "310ms", "12": in the unit of the series.
std::string said(const spec::Condition&, double number);

}  // namespace davy::judge
