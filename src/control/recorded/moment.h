// Moments as people write them on the command line.
#pragma once
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace davy::control {

// "10:30" (today), "30m" (before now), or a date as logs have it; `zone` is east of Greenwich, for what names none.
// Nothing of an empty text. option: what it was given to, for the Error.
Result<std::optional<Time>> moment(const std::string& text, const char* option, Duration zone, Time now);

}  // namespace davy::control
