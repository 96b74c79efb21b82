// When a deployment may begin, by the calendar of a time zone. Reads the machine's time zone database (tzdata).
#pragma once
#include <optional>
#include <string>

#include "base/time.h"
#include "spec/calendar.h"

namespace davy::ports {

struct Calendar {
  std::string zone = "UTC";
  spec::Windows windows;
  spec::Freezes freeze;
};

// Of the step that waits for a window, what rollout wrote there.
Calendar calendar_of(const spec::Value& args);

// Whether the database knows this name.
bool is_zone(const std::string& name);

// Of the day that `now` is there: the freeze that it is in.
std::optional<spec::Freeze> frozen(const Calendar&, Time now);

// The first moment from `now` on, `now` included, that is in a window and on no frozen day. An hour that a clock change
// leaves out begins when it would have; one that comes twice begins the first time. Nothing: none within two years.
std::optional<Time> opens(const Calendar&, Time now);

// The day that it is there, counted from 1970-01-01; and the moment at which the clocks there show that minute of that
// day: the first one where it comes twice, and where it is left out the moment at which they go on. UTC where the
// database does not know the zone.
std::int32_t local_day(const std::string& zone, Time);
Time local_moment(const std::string& zone, std::int32_t day, std::int32_t minute);

// "Mon 2026-11-30 09:00 CST"
std::string local_text(const std::string& zone, Time);

}  // namespace davy::ports
