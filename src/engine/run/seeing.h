// Whether the judge sees. Windows come ten times a second whatever happens; what tells the guard that somebody watches
// over the candidate's users is one of which nothing is missing.
#pragma once
#include "judge/numbers/window.h"

namespace davy::engine {

class Seeing {
 public:
  // patience: how long nothing may be seen until the way back is taken; the guard itself waits for the last part of it
  // (run/patience.h).
  explicit Seeing(Duration patience);

  void see(const judge::Window&);

  // A sign of life may be given now.
  bool sees(Time now) const;

  // Why the newest window of which something is missing was not whole; empty: there was none.
  const std::string& gap() const { return gap_; }

 private:
  Duration grace_;      // between the last whole window and the last sign of life
  Time whole_until_{};  // of the newest whole window
  bool whole_ = false;  // the newest window is
  std::string gap_;
};

}  // namespace davy::engine
