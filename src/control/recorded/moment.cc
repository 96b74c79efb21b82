#include "control/recorded/moment.h"

#include <fmt/format.h>

#include "signals/traffic/figures.h"
#include "spec/fields.h"

namespace davy::control {

Result<std::optional<Time>> moment(const std::string& text, const char* option, Duration zone, Time now) {
  if (text.empty()) return std::nullopt;
  Time out;
  if (signals::read_time(text, zone, out)) return out;
  auto today = std::chrono::floor<std::chrono::days>(now + zone) - zone;
  if (text.size() == 5 || text.size() == 8)
    if (signals::read_time(timestamp(today + zone).substr(0, 11) + text + (text.size() == 5 ? ":00" : ""), zone, out))
      return out;
  if (auto ago = spec::decoded<Duration>(spec::text(text), option)) return now - *ago;  // as in a plan: 30m, 2d
  Duration ago{};                                                                       // 1h30m
  if (text.find_first_of("smh") != text.npos && signals::read_latency(text, std::chrono::seconds(1), ago))
    return now - ago;
  return fail(Code::invalid, fmt::format("{} {}: that is no time", option, text),
              "such as 2026-11-21T10:30:00Z, '21/Nov/2026:10:30:00 +0100', 10:30 (today) or 30m (ago)");
}

}  // namespace davy::control
