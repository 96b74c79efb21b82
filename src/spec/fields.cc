#include "spec/fields.h"

namespace davy::spec {

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (auto word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

bool only_known_keys(const Value& v, std::span<const std::string_view> known, Diagnostics& d) {
  bool ok = true;
  for (auto& entry : *v.map())
    if (std::ranges::find(known, entry.key) == known.end()) {
      ok = false;
      d.add(entry.mark, "unknown key `" + printable(entry.key) + "`", "one of " + listed(known),
            nearest(entry.key, known));
    }
  return ok;
}

}  // namespace davy::spec
