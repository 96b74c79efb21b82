// Which endpoints many ask for. Releases are compared within endpoints (judge/statistics/counts.h), so that one which
// happens to get more of the harder requests is not taken for worse.
//
// An endpoint is the template of a path: what looks like an id is a `*`, the query is left out, and so is what is
// deeper than four segments. A few of them have a name, those with a fiftieth of the latest requests or more; all else
// is the rest. They are chosen every ten seconds by the requests before, of all servers together, never by how these
// ended. Memory is bounded, and no token or id gets into a name: few ask for it.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace davy::signals {

// "/v1/users/8a3f-71/orders?page=2" is of "/v1/users/*/orders". Empty: no path.
std::string endpoint_of(std::string_view path);

class Endpoints {
 public:
  // One more request for this path: the endpoint that it is counted for, or empty: the rest. Good until
  // end_of_window().
  std::string_view request(std::string_view path);
  void end_of_window(Time now);

 private:
  struct Known {
    double requests = 0;
    bool named = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
  };
  void choose();

  std::unordered_map<std::string, Known, Hash, std::equal_to<>> known_;
  std::string latest_;
  double requests_ = 0;
  Time chosen_{};
};

}  // namespace davy::signals
