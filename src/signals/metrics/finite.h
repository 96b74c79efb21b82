#pragma once
#include <cmath>
#include <map>

#include "judge/numbers/window.h"

namespace davy::signals {

// Takes out numbers that are none (NaN, infinite): nobody can judge or record them. A source may be told anything.
inline void keep_finite(judge::Window& w) {
  for (auto& [series, by_label] : w.numbers)
    std::erase_if(by_label, [](auto& entry) { return !std::isfinite(entry.second); });
  std::erase_if(w.numbers, [](auto& entry) { return entry.second.empty(); });
}

}  // namespace davy::signals
