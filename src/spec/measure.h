// What a number of the plan's own means: `unit: percent` of a query that answers 75. Without one it is a bare number,
// and only bare numbers compare with it: whether 12 is seconds or milliseconds nobody can know but who wrote the query.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "spec/condition.h"

namespace davy::spec {

struct Measure {
  std::string name = {};  // as it stands in the plan: percent, share, ms, MB, MB/s, /min; empty: a bare number
  Unit unit = Unit::none;
  double factor = 1;  // to base units: percent is 0.01
  bool operator==(const Measure&) const = default;
};

// Of a source: one word for its own number, or a map by name.
struct Measures {
  Measure own = {};
  std::map<std::string, Measure, std::less<>> by_name = {};
  const Measure& of(std::string_view name) const;
  bool operator==(const Measures&) const = default;
};

// The number in base units, as a source found it: bare, or with a unit that was written behind it ("12 ms"), which must
// be of the kind that the plan says. Nothing: nobody knows what it means.
std::optional<double> in_base(Quantity found, const Measure&);

// What is known of a number beforehand. own: the plan may say its unit, and has not where it is none.
struct Measured {
  Unit unit = Unit::none;
  bool own = false;
};

// Whether a condition compares like with like. 0 is 0 in every unit, and a share of a baseline has none.
bool comparable(const Condition&, Unit);

// "a duration, such as 300ms"
std::string_view noun(Unit);

template <>
struct Leaf<Measure> {
  static constexpr std::string_view kNoun = "a unit: percent (75), share (0.75), ms, s, m, h, d, B, KB … TiB, /s, MB/s";
  static std::optional<Measure> parse(const Value&);
  static Json print(const Measure& m) { return m.name; }
  static Json schema() { return {{"type", "string"}}; }
};

template <>
struct Codec<Measures> {
  static bool decode(const Value&, Measures&, Diagnostics&);
  static Json encode(const Measures&);
  static Json schema();
};

}  // namespace davy::spec
