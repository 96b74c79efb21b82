// A stretch in which the previous release had requests and the candidate none. Such a candidate was taken out of the
// rotation, by its health check say, and time that it spends there proves nothing.
#pragma once
#include <cstdint>

#include "base/time.h"

namespace davy::judge {

class Absence {
 public:
  // By the share that it had so far, so long a pause comes by chance once in a million.
  static constexpr double kNoChance = 1e-6;

  // True: it is away, from when that was clear until its next request. Who never had one is not away: that is told
  // otherwise.
  bool see(std::uint64_t candidate, std::uint64_t previous, Duration length);

  // How long it had been away when that became clear; told once.
  Duration take_stretch();

 private:
  bool beyond_chance() const;

  double own_ = 0, other_ = 0;  // requests until the candidate's last
  double beside_ = 0;           // the previous release's since the candidate's last
  Duration since_last_{}, stretch_{};
  bool away_ = false;
};

}  // namespace davy::judge
