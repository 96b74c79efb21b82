// When a line of an application's log was written, by what stands in it.
#pragma once
#include <optional>
#include <string_view>

#include "base/time.h"

namespace davy::signals {

// A date at its beginning or in brackets, or JSON's and logfmt's time, ts, timestamp and @timestamp. Only what says its
// zone, or seconds since 1970: of a date without one nobody knows when that was. Nothing: it does not say.
std::optional<Time> line_time(std::string_view line);

}  // namespace davy::signals
