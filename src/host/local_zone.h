#pragma once
#include "ports/calendar.h"
#include "watch/due.h"

namespace davy::host {

// A time zone by its name, from the machine's database.
class LocalZone final : public watch::Zone {
 public:
  explicit LocalZone(std::string name) : name_(std::move(name)) {}
  std::int32_t day(Time t) const override { return ports::local_day(name_, t); }
  Time moment(std::int32_t day, std::int32_t minute) const override { return ports::local_moment(name_, day, minute); }

 private:
  std::string name_;
};

}  // namespace davy::host
