// A deployment that was recorded, as windows by release: what `davy rehearse` carries through the gates of a plan.
#pragma once
#include "cli/session.h"

namespace davy::cli {

struct Recording {
  std::string name;  // "run 20261121-…"
  std::vector<run::Subject> subjects;
  std::string environment, version;
  std::vector<judge::Window> windows;  // in order of time
  // How it ended, as far as that is known.
  struct End {
    Time at{};
    std::string what;  // "rolled back", "done"
    bool taken_back = false;
  };
  std::optional<End> end;
};

// A run of this Davy, by its id; it may still go on.
Result<Recording> recording_of_run(Session&, const std::string& run);

}  // namespace davy::cli
