#pragma once
#include "ports/outside.h"
#include "spec/value.h"

namespace davy::ports {

// What a probe saw. ok: by the probe's own idea of well (2xx, exit 0), used when the plan names no `expect`. An Error
// instead of an Observation: it could not be asked.
struct Observation {
  bool ok = false;
  std::string says;                          // "200 in 12ms", "exit 3: no such table"
  std::map<std::string, double> numbers;     // time (seconds), status, free (bytes), value …
  std::map<std::string, std::string> words;  // value, exit, output …
  spec::Value evidence;
};

}  // namespace davy::ports
