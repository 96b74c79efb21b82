// Where a list is expected, one thing may stand alone: `check: infrastructure`, `pass: error_rate < 1%`. The tables
// know only lists; this wraps a value before it is decoded, and says so in the schema.
#pragma once
#include "spec/fields.h"

namespace davy::plan {

spec::Value with_lists(spec::Value, const spec::core::Handling&);

// The schema to it: a list, or one of its items.
spec::Json schema_with_lists(const spec::core::Handling&);

template <class T>
spec::Value with_lists(spec::Value v) {
  return with_lists(std::move(v), spec::kHandling<T>);
}
template <class T>
spec::Json schema_with_lists() {
  return schema_with_lists(spec::kHandling<T>);
}

}  // namespace davy::plan
