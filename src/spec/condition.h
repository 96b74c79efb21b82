// The one form of every condition: name, operator, value, and then how long.
//
//   error_rate > 5% for 5m          latency.p95 over 1m > 5s for 2m      free > 10 GB
//   health is not healthy for 2m    pool = 15..20                        memory grows > 100 MB/min
//   latency.p95 > 150% of baseline  memory rises                         errors == 0 for 30s
//   status not in 500..599          output lacks "error"                 header.via contains CDN
//
// Grammar (PEGTL) in condition.cc. Values are kept in base units: seconds, bytes, shares (5% is 0.05), per second.
#pragma once
#include "base/error.h"
#include "base/time.h"
#include "spec/fields.h"

namespace davy::spec {

enum class Operator {
  less,
  less_equal,
  equal,
  not_equal,
  greater_equal,
  greater,
  is,
  is_not,
  contains,
  lacks,
  in_range,
  not_in_range,
  grows,
  grows_less,  // `grows < 1 MB/min`
  rises
};

// What a value was written in; rates are per second. ratio_rate: `memory grows > 2%/h`.
enum class Unit { none, ratio, seconds, bytes, rate, bytes_rate, ratio_rate };

struct Quantity {
  double value = 0;
  Unit unit = Unit::none;
  auto operator<=>(const Quantity&) const = default;
};

// `grows` carries its comparison (`grows > 100 MB/min`): op is grows or grows_less, value the slope that it is compared
// with.
struct Condition {
  std::string text;    // as written, white space folded: for people, for the journal, for equality
  std::string series;  // "error_rate"
  std::string field;   // "p95" of `latency.p95`; empty when there is none
  Operator op = Operator::greater;
  Quantity value;        // unused by rises and of words
  Quantity high;         // the upper end of a range
  std::string word;      // what `is` compares with, what `contains` looks for
  std::string baseline;  // of what value is a share: `> 150% of baseline`; empty: it stands for itself
  Duration over{};       // the window a number is read from; zero means the judge's own default
  Duration held{};       // `for 5m`; zero means at once
  bool relative() const { return !baseline.empty(); }
};

// offset: byte in the text at which it stopped making sense; what: what was expected there.
struct ConditionMistake {
  std::size_t offset = 0;
  std::string found, expected;
};

std::expected<Condition, ConditionMistake> parse_condition(std::string_view);

// The name of a series alone, `latency.p95`: a condition of which only series and field mean anything; nothing where it
// is none.
std::optional<Condition> parse_series(std::string_view name);

// How a value would be written: "5%", "300ms", "10 GB", "2/s".
std::string print(Quantity);

// Compares a number as the operator says; what is not for numbers alone (words, slopes) answers false.
bool compare(double seen, const Condition&);

// is, is not, contains, lacks: of words; and whether it holds of one.
bool of_words(Operator);
// Of a slope: what is read is how fast it changes.
inline bool of_slope(Operator op) {
  return op == Operator::grows || op == Operator::grows_less || op == Operator::rises;
}
bool holds(std::string_view word, const Condition&);
// A range, or its outside.
inline bool of_range(Operator op) { return op == Operator::in_range || op == Operator::not_in_range; }

// In a table a condition is a text; mistakes carry the column inside it.
template <>
struct Codec<Condition> {
  static bool decode(const Value& v, Condition& out, Diagnostics& d);
  static Json encode(const Condition& c) { return c.text; }
  static Json schema();
};

}  // namespace davy::spec
