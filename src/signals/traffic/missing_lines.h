// Does the log tell of all requests that the router counts? A line is dropped without a word when the kernel's queue is
// full, and none comes at all when the router logs elsewhere. Then few errors mean nothing: no data is never a pass.
#pragma once
#include <cstdint>
#include <deque>

#include "base/time.h"

namespace davy::signals {

class MissingLines {
 public:
  explicit MissingLines(Time now = {}) : sure_(now) {}

  // Lines that came since the last call.
  void came(std::uint64_t lines);

  // The router's counters: requests since the look before, and how many of all are inside a server now, whose lines are
  // still to come. Lines get the time of two more looks to arrive.
  void counted(std::uint64_t requests, std::uint64_t inside, Time now);

  // Requests ended of which no line came, and no line since then.
  bool doubtful() const { return doubtful_; }

  // All that ended until then has its line.
  Time sure() const { return sure_; }

  // Other servers are looked at from now on.
  void begin_anew() { *this = MissingLines(sure_); }

 private:
  std::uint64_t counted_ = 0, lines_ = 0;
  struct Ended {
    std::uint64_t requests = 0;  // in all
    Time at{};
  };
  std::deque<Ended> ended_;  // whose lines are still given time
  Time sure_{};
  bool doubtful_ = false;
};

}  // namespace davy::signals
