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

// "Mon 2026-11-30 09:00 CST"
std::string local_text(const std::string& zone, Time);

}  // namespace davy::ports
