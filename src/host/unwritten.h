// What a watch has found and not written yet: a look that found what the one before found is written with those that
// follow. Shown to whoever looks meanwhile; it may be lost, and nothing is decided by it.
#pragma once
#include <optional>
#include <vector>

#include "host/state_dir.h"
#include "watch/event.h"

namespace davy::host {

struct Unwritten {
  std::int64_t seq = 0;  // of the record behind which they will be written
  Time at{};
  std::vector<watch::Event> events;
};
// Replaces what was shown before; not synced.
void show_unwritten(const StateDir&, const std::string& stream, const Unwritten&);
// Nothing where there is none, or it cannot be read.
std::optional<Unwritten> unwritten(const StateDir&, const std::string& stream);

}  // namespace davy::host
