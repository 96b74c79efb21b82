// Does the log tell of all requests that the router counts? A line is dropped without a word when the kernel's queue is
// full, and none comes at all when the router logs elsewhere. Then few errors mean nothing: no data is never a pass.
#pragma once
#include <cstdint>
#include <deque>

namespace davy::signals {

class MissingLines {
 public:
  // Lines that came since the last call.
  void came(std::uint64_t lines);

  // The router's counters: requests since the look before, and how many of all are inside a server now, whose lines are
  // still to come. Lines get the time of two more looks to arrive.
  void counted(std::uint64_t requests, std::uint64_t inside);

  // Requests ended of which no line came, and no line since then.
  bool doubtful() const { return doubtful_; }

  // Other servers are looked at from now on.
  void begin_anew() { *this = {}; }

 private:
  std::uint64_t counted_ = 0, lines_ = 0;
  std::deque<std::uint64_t> ended_;
  bool doubtful_ = false;
};

}  // namespace davy::signals
