// A rule that cannot tell says nothing. After five minutes of that people should know: what they rely on does not
// watch.
#pragma once
#include <optional>

#include "base/time.h"

namespace davy::judge {

class Blind {
 public:
  static constexpr Duration kLong = std::chrono::minutes(5);

  // True once in a stretch: it has not been able to tell for kLong, or for as long as it looks back (`over`).
  bool see(bool can_tell, Time now, Duration over);

 private:
  std::optional<Time> since_;
  bool told_ = false;
};

}  // namespace davy::judge
