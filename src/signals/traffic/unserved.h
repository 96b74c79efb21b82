// A backend that is gone, or of which nobody is up, is noticed by requests. Until one of them is served again, a moment
// in which none came is no sign that all is well.
#pragma once
#include <string>

#include "signals/traffic/accumulator.h"

namespace davy::signals {

class Unserved {
 public:
  // The next window of a log, by server and as the map made it by release. Without any request it has the gap of the
  // last one in which requests failed that nobody can be charged with.
  void see(const ReleaseMap&, const judge::Window& by_server, judge::Window& by_release);

 private:
  std::string why_;
};

}  // namespace davy::signals
