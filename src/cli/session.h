// What every command shares: the runs of the state directory, and how to print.
#pragma once
#include "control/plan_file.h"
#include "control/runs.h"

namespace davy::cli {

// docs/operating.md; the same for every command.
enum Exit {
  kDone = 0,
  kFailed = 1,
  kWrong = 2,
  kRolledBack = 3,
  kHeld = 4,
  kNeedsPeople = 5,
  kRefused = 6,
  kDetached = 7,
};

struct Common {
  std::string state;
  bool json = false;
  std::string colour = "auto";  // auto, always, never
};

class Session {
 public:
  explicit Session(const Common&);

  control::Runs runs;

  const Common& common() const { return common_; }
  view::Look look() const;  // of standard output
  bool live() const;        // standard output is a terminal that can be redrawn

 private:
  Common common_;
};

// Prints an Error to stderr as `davy: message` and its hint, and answers the exit code that its Code means. With --json
// it is a document on standard output as well: { "error": { "code", "message", "hint" } }.
int complain(const Error&);
void complain_in_json(bool);
int exit_of(run::Ending);

// A plan file that was read and parsed; its mistakes were printed, and the exit code says so, when there is none.
std::expected<control::PlanFile, int> load(const std::string& file, const Session&);

void print_json(const spec::Json&);

// Why something that was printed cannot be written, by what the system said first; empty: all of it was.
std::string unwritten();

}  // namespace davy::cli
