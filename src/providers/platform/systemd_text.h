// What platform `systemd` says, and how it reads what systemd says. Pure.
#pragma once
#include "ports/units.h"
#include "providers/platform/systemd.h"

namespace davy::providers {

// Kept with a unit, in what it is given (ports::Gift::note).
struct SystemdNote {
  std::string release, version;
  std::int32_t index = 0, port = 0;
};
std::optional<SystemdNote> note_in(const ports::Given&);

bool is_template(std::string_view unit);                            // "shop@", "shop@.service"
std::string full_name(std::string_view unit);                       // "shop" is "shop.service"
std::string instance_name(std::string_view of_template, int port);  // "shop@18100.service"

// What a unit's environment has of its release, beside what the environment of the unit itself has.
ports::Gift gift(const SystemdNote&, const ports::Place&, const ports::Asking&);

bool runs(const ports::UnitState&);    // it is active, and has not ended meanwhile
bool starts(const ports::UnitState&);  // for the first time, and not once more
bool lives(const ports::UnitState&);   // a process of it may be there
bool is_down(const ports::UnitState&);

std::string says(const ports::UnitState&, Time now);  // "active (running), pid 4711, for 2m"

// Why it runs no more, of one that somebody started: "ended: exit 7", "ended: signal 9, and systemd starts it again".
// Empty: it may still become what it should be.
std::string failure(const ports::UnitState&);

// What a job that did not end well means; empty for those of which the unit itself says more.
std::string failure(const ports::JobEnd&);

// What its processes printed since then. At most some lines.
ports::CommandSpec journal_request(ports::Manager, const std::string& unit, Time since);

// It does not load what it was given: which lines to change.
Error not_loaded(const ports::UnitState&, const ports::Given&);

}  // namespace davy::providers

namespace davy::spec {
template <>
inline constexpr bool kApart<providers::SystemdNote> = true;
}  // namespace davy::spec
