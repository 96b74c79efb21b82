// One line of a service's own log: how bad it is, and what it says. Plain text as loggers write it (logback, log4j,
// Python, Rails, klog, nginx and Apache error logs, PostgreSQL, syslog), logfmt, and JSON on one line. Never fails:
// what is not understood is a message without a level.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace davy::signals {

enum class Level : std::uint8_t { none, debug, info, warning, error };  // error: and all that is worse
std::string_view name_of(Level);

struct AppLine {
  Level level = Level::none;
  bool continues = false;  // it belongs to the line before: a stack frame, indented text, an empty line
  bool exception = false;  // it names an exception or a panic; an error also where no level stands
  std::string message;     // without date, level and JSON around it; at most 2,000 bytes
};

AppLine read_app_line(std::string_view);

// The value of a top-level key of JSON or of a key=value pair, for `release-by`; empty where there is none.
std::string field_of(std::string_view line, std::string_view key);

}  // namespace davy::signals
