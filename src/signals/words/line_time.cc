#include "signals/words/line_time.h"

#include <algorithm>

#include "signals/traffic/figures.h"
#include "signals/words/app_line.h"

namespace davy::signals {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kShortest = 10, kLongest = 35;  // 1795225844 and 2026-11-21T10:00:00.123456789+01:00

// A date that reads the same in two zones has its own.
std::optional<Time> zoned(std::string_view text) {
  Time here, there;
  if (text.size() < kShortest || text.size() > kLongest) return {};
  if (!read_time(text, 0h, here) || !read_time(text, 1h, there) || here != there) return {};
  return here;
}

// The first words, for a date may have blanks before its time and its zone.
std::optional<Time> at_beginning(std::string_view line) {
  auto from = line.find_first_not_of(" \t[(<");
  if (from == line.npos) return {};
  line = line.substr(from, kLongest + 1);
  for (std::size_t words = 0, end = 0; words < 3 && end != line.npos; ++words) {
    end = line.find_first_of(" ])>|,\t", end == 0 ? 0 : end + 1);
    if (auto time = zoned(line.substr(0, end))) return time;
    if (end != line.npos && line.substr(end).starts_with(" UTC"))
      if (auto time = zoned(std::string(line.substr(0, end)) + "Z")) return time;
  }
  return {};
}

}  // namespace

std::optional<Time> line_time(std::string_view line) {
  if (auto time = at_beginning(line)) return time;
  for (auto key : {"time", "ts", "timestamp", "@timestamp"})
    if (auto said = field_of(line, key); !said.empty())
      if (auto time = zoned(said)) return time;
  return {};
}

}  // namespace davy::signals
