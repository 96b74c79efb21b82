// Whether the judge sees. Windows come ten times a second whatever happens; what tells the guard that somebody watches
// over the candidate's users is one of which nothing is missing. For how long there may be none is the guard's to know
// (judge/patience.h).
#pragma once
#include "judge/numbers/window.h"

namespace davy::engine {

class Seeing {
 public:
  void see(const judge::Window&);

  // A sign of life may be given now: a whole window came within the last second.
  bool sees(Time now) const;

  // Why nothing whole came for longer than a moment; empty: it did.
  std::string blind(Time now) const;

  // The same, once for each such stretch: people hear of it before the guard
  // acts.
  std::optional<std::string> news(Time now);

  // Why the newest window of which something is missing was not whole; empty: there was none.
  const std::string& gap() const { return gap_; }

 private:
  std::optional<Time> whole_until_;  // of the newest whole window
  std::optional<Time> blind_since_;  // no whole window came since
  bool told_ = false;
  std::string gap_;
};

}  // namespace davy::engine
