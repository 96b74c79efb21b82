// The time types. Pure code sees one clock reading, handed in: wall time at the process's start plus the monotonic time
// since, so it never steps while a process lives. Only src/io reads clocks.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace davy {

using Duration = std::chrono::nanoseconds;
using Time = std::chrono::sys_time<Duration>;

inline constexpr Duration kForever = Duration::max();

// "1.5s", "300ms", "2m 5s", "3d 4h": at most two units, for people.
std::string human(Duration);

// "14:03:07" in UTC, and "2026-11-21T14:03:07.123Z" (RFC 3339).
std::string clock_text(Time);
std::string timestamp(Time);

// The form of timestamp(), "2026-11-21T10:30:00Z"; fractions of a second are dropped. Nothing when it is another.
std::optional<Time> parse_timestamp(std::string_view);

inline double seconds(Duration d) { return std::chrono::duration<double>(d).count(); }

}  // namespace davy
