#include "store/run_id.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <random>
#include <string_view>

namespace davy::store {

std::string run_id(Time started, std::uint32_t random) {
  constexpr std::string_view kLetters = "23456789bcdfghjkmnpqrstvwxz";
  std::string tail;
  for (int i = 0; i < 3; ++i, random /= kLetters.size()) tail += kLetters[random % kLetters.size()];
  auto whole = std::chrono::floor<std::chrono::seconds>(started);
  return fmt::format("{:%Y%m%d-%H%M%S}-{}", fmt::gmtime(std::chrono::system_clock::to_time_t(whole)), tail);
}

std::string new_run_id(Time started) { return run_id(started, std::random_device{}()); }

}  // namespace davy::store
