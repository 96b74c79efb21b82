#pragma once
#include "ports/outside.h"
#include "spec/condition.h"

namespace davy::ports {

// What a probe saw. ok: by the probe's own idea of well (2xx, exit 0), to which `expect` adds. An Error instead of an
// Observation: it could not be asked.
struct Observation {
  bool ok = false;
  // Where it is not well: by which of what it found. A plan that expects something of all of them (`status = 404`)
  // decides itself whether they are well. None: nothing that a condition could speak of.
  std::vector<std::string> unwell = {};
  std::string says;                          // "200 in 12ms", "exit 3: no such table"
  std::map<std::string, double> numbers;     // time (seconds), status, free (bytes), value …
  std::map<std::string, std::string> words;  // value, exit, output …
  spec::Value evidence;
  std::map<std::string, spec::Unit> units = {};     // of numbers of which nobody knew beforehand what they would be
  std::map<std::string, std::string> part_of = {};  // `free` of `total`; from the probe's table (ports/registry.h)
};

}  // namespace davy::ports
