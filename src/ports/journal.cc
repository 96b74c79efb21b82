#include "ports/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace davy::ports {

bool written_by_the_store(const Record& record) {
  constexpr std::array<std::string_view, 3> kKinds{"run", "watch", "incident"},
      kWords{"opened", "superseded", "closed"};
  auto gap = record.kind.find(' ');
  if (gap == record.kind.npos) return false;
  auto kind = std::string_view(record.kind).substr(0, gap), word = std::string_view(record.kind).substr(gap + 1);
  return std::ranges::count(kKinds, kind) > 0 && std::ranges::count(kWords, word) > 0;
}

std::string lock_of_service(std::string_view service, std::string_view environment) {
  return fmt::format("service {} in environment {}", service, environment);
}

std::string lock_of_watch(std::string_view service, std::string_view environment) {
  return fmt::format("watch of service {} in environment {}", service, environment);
}

SampleKey samples_of(const RunInfo& run) {
  return {run.services.empty() ? "" : run.services.front(), run.environment, run.release};
}

}  // namespace davy::ports
