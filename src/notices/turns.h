// Whose turn it is.
#pragma once
#include "base/time.h"
#include "notices/book.h"

namespace davy::notices {

// "2026-01-05"; nothing when it is no day of the calendar.
std::optional<std::chrono::sys_days> day_of(std::string_view);

// The one of `turns` whose turn it is then: turns pass at midnight UTC, months on the day of `from` (or on their last).
// Before the first day it is the first one's.
const std::string& on_turn(const Person&, Time);

}  // namespace davy::notices
