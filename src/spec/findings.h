// What a probe or a signal finds: each thing by the name that conditions read, with what it is measured in. One table a
// provider; `davy validate`, the schema of editors and the reference page come from it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "spec/measure.h"

namespace davy::spec {

// How one of them reads.
struct As {
  enum class Kind {
    unit,  // a number of that unit
    word,  // a text: is, contains, lacks
    own,   // a text, or a number of which the plan says the unit (`unit: ms`); bare without
    any    // a number that is compared with what one likes: 2 cores are 200% of one
  };
  Kind kind;
  Unit unit = Unit::none;
  constexpr As(Unit u) : kind(Kind::unit), unit(u) {}  // NOLINT: Unit::seconds in a table
  constexpr explicit As(Kind k) : kind(k) {}
};
inline constexpr As kWord{As::Kind::word}, kOwn{As::Kind::own}, kAny{As::Kind::any};

// name: `free`; `header.*`: any that begins so; `*`: any. Of a signal "" is the signal itself, which is a probe's
// `value`.
struct Finding {
  std::string name;
  As as;
  std::string doc;           // what it is, for people
  std::string part_of = {};  // `free` is a part of `total`: `free > 10%` compares its share
};

struct Findings {
  std::vector<Finding> all;
  Measures units = {};  // what the plan says of those that are its own

  const Finding* find(std::string_view name) const;  // by its own name, else by the closest pattern
  // Nothing: it is no number, or one that may be compared with anything.
  std::optional<Measured> measured(std::string_view name) const;
  std::vector<std::string_view> names() const;  // without patterns, the signal itself and what is only seen by others
};

// Of a provider with these options: what it finds, and what it does with the plan's `unit`.
template <class O>
Findings findings_of(const std::vector<Finding>& table, const O& options) {
  Findings out{table};
  if constexpr (requires { options.unit.by_name; })
    out.units = options.unit;
  else if constexpr (requires { options.unit.factor; })
    out.units.own = options.unit;
  return out;
}

// "a duration", "a word": how one reads, for messages and pages.
std::string noun(const As&);

// A condition on it as people would write one, for editors: `free > 10 GB`.
std::string example_of(const Finding&);

}  // namespace davy::spec
