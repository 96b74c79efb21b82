// What systemd says of a unit, read: org.freedesktop.systemd1(5). Answers are hostile.
#pragma once
#include <systemd/sd-bus.h>

#include <optional>

#include "ports/units.h"

namespace davy::io {

// Of GetAll of all interfaces. Code::invalid: it makes no sense.
Result<ports::UnitState> unit_state(sd_bus_message*);

// Of PropertiesChanged: SubState, where that is among what changed.
std::optional<std::string> changed_sub_state(sd_bus_message*);

std::string unit_path(const std::string& unit);  // the object that stands for it

}  // namespace davy::io
