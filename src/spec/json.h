// Values to and from JSON: the journal's bodies, --json, schemas.
#pragma once
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "spec/value.h"

extern template class nlohmann::basic_json<nlohmann::ordered_map>;  // compiled once, in json.cc

namespace davy::spec {

using Json = nlohmann::ordered_json;

Json to_json(const Value&);
Value from_json(const Json&);

// Text that is not JSON is an Error with the byte at which it stops making sense.
Result<Json> parse_json(std::string_view);

// One line; bytes that are not UTF-8 become U+FFFD, since command output may hold anything.
std::string dump(const Json&);

}  // namespace davy::spec
