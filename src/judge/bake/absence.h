// A stretch in which the previous release had requests and the candidate none. Such a candidate was taken out of the
// rotation, by its health check say, and time that it spends there proves nothing.
#pragma once
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace davy::judge {

class Absence {
 public:
  // By the share that it had so far, so long a pause comes by chance once in a million. Before its first request by the
  // share that it was given (`asked`); who has no request and no known share is not away, as far as this can tell.
  static constexpr double kNoChance = 1e-6;

  // True: it is away, from when that was clear until its next request.
  bool see(std::uint64_t candidate, std::uint64_t previous, std::optional<double> asked, Duration length);

  // How long it had been away when that became clear; told once.
  Duration take_stretch();

 private:
  bool beyond_chance(std::optional<double> asked) const;

  double own_ = 0, other_ = 0;  // requests until the candidate's last
  double beside_ = 0;           // the previous release's since the candidate's last
  Duration since_last_{}, stretch_{};
  bool away_ = false;
};

}  // namespace davy::judge
