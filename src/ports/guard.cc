#include "ports/guard.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::ports {

std::string in_words(const Guard::Taken& taken) {
  auto out = joined(taken.done, ", ");
  for (bool first = true; const auto& [what, why] : taken.open) {
    out += fmt::format("{}{} ({})", first ? (out.empty() ? "not yet: " : "; not yet: ") : ", ", what, why);
    first = false;
  }
  return out;
}

}  // namespace davy::ports
