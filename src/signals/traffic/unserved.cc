#include "signals/traffic/unserved.h"

#include <algorithm>

namespace davy::signals {

void Unserved::see(const ReleaseMap& map, const judge::Window& by_server, judge::Window& by_release) {
  auto served = [](auto& entry) { return entry.second.attempts() > 0; };
  if (auto why = map.nobodys(by_server); !why.empty())
    why_ = std::move(why);
  else if (std::ranges::any_of(by_release.releases, served))
    why_.clear();
  else if (!why_.empty() && by_release.complete)
    by_release.complete = false, by_release.gap = why_;
}

}  // namespace davy::signals
