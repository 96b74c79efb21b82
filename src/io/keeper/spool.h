// What a run's keeper leaves on disk, so that a later Davy or a later keeper can say what became of a command:
//   <spool>/keeper.lock   flock = the keeper lives; pid, start time, boot id
//   <spool>/ctl           its socket
//   <spool>/keeper.log, engine.log
//   <spool>/armed, way-back                 the guard's: what is armed, what was taken
//   <spool>/<key>/begun, out, exit          one command
// Nothing here is synced: a killed process loses nothing, and after a power cut the boot id differs from `begun`.
#pragma once
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"
#include "io/posix/machine.h"

namespace davy::io {

// Written by the child itself, before it becomes the command: there is no moment in which a running one is unknown.
struct Begun {
  ProcessId process;
  Duration deadline = kForever;  // on the boot clock
  Duration grace{};
};
struct Ended {
  std::optional<int> exit_code;
  std::optional<int> signal;  // neither: nobody saw its end
  bool timed_out = false;
  Duration took{};
};

std::string to_text(const Begun&);
std::string to_text(const Ended&);
std::optional<Begun> parse_begun(const std::string&);
std::optional<Ended> parse_ended(const std::string&);
Ended ended_from_wait(int wait_status);

// A key as a file name: other characters than letters, digits and -_.~+ as %XX; a long one is cut and ends in a hash.
std::string file_name(std::string_view key);
std::string key_of(std::string_view name);  // the inverse, for names that were not cut

class Spool {
 public:
  explicit Spool(std::string root) : root_(std::move(root)) {}
  std::string file(std::string_view name) const { return root_ + "/" + std::string(name); }

  // What stands there about the command in folder `name`, its file_name(). Ended without code and signal: it began, and
  // nobody can say how it ended.
  struct NeverBegan {};
  using Standing = std::variant<NeverBegan, Begun, Ended>;  // Begun: it still runs
  Standing look(std::string_view name, std::string_view boot) const;

 private:
  std::string root_;
};

}  // namespace davy::io
