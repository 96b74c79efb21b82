#include "providers/platform/last_words.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace davy::providers {

std::string last_words(std::string_view log) {
  constexpr std::size_t kLines = 3, kLongest = 160;
  std::vector<std::string> out;
  auto lines = split(log, '\n');
  for (auto it = lines.rbegin(); it != lines.rend() && out.size() < kLines; ++it)
    if (auto line = trimmed(*it); !line.empty()) out.push_back(printable(line.substr(0, kLongest)));
  std::ranges::reverse(out);
  return joined(out, " / ");
}

}  // namespace davy::providers
