// YAML text -> spec::Value with the place of every node. YAML says many things that people do not mean; whatever it
// would read otherwise than written is refused here with the fix, or kept as written (`1.10`, `15:30`, `no` are text).
#pragma once
#include <optional>
#include <set>

#include "spec/diagnostics.h"

namespace davy::plan {

// root: nothing when the text cannot be read at all. broken: lines (from 1) whose value could not be read and was left
// out, so that the rest can be checked too; what is found on them later is a consequence and not worth telling.
struct Yaml {
  std::optional<spec::Value> root;
  std::set<int> broken;
};
Yaml read_yaml(std::string_view text, spec::Diagnostics&);

inline constexpr std::size_t kMostBytes = 1 << 20;
inline constexpr std::size_t kMostNodes = 20'000;  // aliases expanded
inline constexpr std::size_t kMostDepth = 32;

}  // namespace davy::plan
