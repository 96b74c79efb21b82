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

// A traffic log (any format that can be guessed, gzip too); servers by name tell candidate and previous apart, `green*`
// is any that begins so. How it ended stands in no log.
Result<Recording> recording_of_log(const std::string& file, const std::vector<std::string>& candidate,
                                   const std::vector<std::string>& previous);

}  // namespace davy::cli
