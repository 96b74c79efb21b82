#include "ports/standstill.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::ports {
namespace {

constexpr int kMostWindows = 10;
constexpr Duration kLeast = std::chrono::seconds(1);  // a busy machine makes every thread wait now and then

}  // namespace

std::string standstill(Time from, Time to, Duration window) {
  if (to - from < std::max(window * kMostWindows, kLeast)) return {};
  return fmt::format("nobody read from {} to {} ({}): Davy or the machine stood still", clock_text(from),
                     clock_text(to), human(to - from));
}

}  // namespace davy::ports
