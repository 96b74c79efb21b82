#include "judge/numbers/outline.h"

#include <algorithm>

namespace davy::judge {

Window outline(const Window& window) {
  Window out{.from = window.from, .to = window.to, .complete = window.complete, .gap = window.gap};
  for (auto& [release, tally] : window.releases) {
    auto& all = out.releases[release] = tally;
    all.aged.clear(), all.endpoints.clear();
  }
  out.asked = window.asked;
  return out;
}

std::vector<Window> in_points(const std::vector<Window>& windows, std::size_t points, std::size_t kept) {
  std::vector<Window> out;
  auto old = windows.size() - std::min(kept, windows.size());
  auto each = old == 0 || old + kept <= points ? Duration(1)
                                               : (windows[old - 1].to - windows.front().from) /
                                                         static_cast<std::int64_t>(std::max<std::size_t>(points, 1)) +
                                                     Duration(1);
  Duration place{-1};  // of the last point
  for (std::size_t i = 0; i < windows.size(); ++i) {
    auto& window = windows[i];
    auto at = (window.from - windows.front().from) / each * Duration(1);
    bool joins = i < old && at == place && out.back().complete == window.complete;
    if (joins)
      out.back().merge(outline(window));
    else
      out.push_back(outline(window));
    place = at;
  }
  return out;
}

}  // namespace davy::judge
