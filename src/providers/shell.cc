#include "providers/shell.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::providers {

std::string last_line(std::string_view output) {
  auto lines = split(trimmed(output), '\n');
  return printable(trimmed(lines.back()).substr(0, 200));
}

std::string how(const ports::CommandEnd& end) {
  auto line = last_line(end.output);
  auto what = end.timed_out   ? fmt::format("was not done after {}", human(end.took))
              : end.exit_code ? fmt::format("exit {} after {}", *end.exit_code, human(end.took))
              : end.signal    ? fmt::format("ended by signal {} after {}", *end.signal, human(end.took))
                              : std::string("ended, and nobody saw how");
  return line.empty() ? what : what + ": " + line;
}

}  // namespace davy::providers
