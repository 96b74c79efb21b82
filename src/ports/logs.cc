#include "ports/logs.h"

#include <array>
#include <charconv>

#include "base/text.h"

namespace davy::ports {
namespace {

using Kind = LogPlace::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 5> kPrefixes{{{"unix:", Kind::unix_socket},
                                                                      {"udp:", Kind::udp},
                                                                      {"journald:", Kind::journald},
                                                                      {"docker:", Kind::docker},
                                                                      {"command:", Kind::command}}};

bool port_at_the_end(std::string_view address) {
  auto colon = address.rfind(':');
  auto port = colon == address.npos || colon == 0 ? std::string_view() : address.substr(colon + 1);
  int n = 0;
  auto read = std::from_chars(port.data(), port.data() + port.size(), n);
  return !port.empty() && read.ptr == port.data() + port.size() && n > 0 && n <= 65535;
}

}  // namespace

Result<LogPlace> parse_log_place(std::string_view text) {
  if (text == "-") return LogPlace{Kind::input, ""};
  for (auto& [prefix, kind] : kPrefixes)
    if (text.starts_with(prefix)) {
      auto what = trimmed(text.substr(prefix.size()));
      bool option = what.starts_with('-') && kind != Kind::command;  // a name that a program would take for an option
      if (what.empty() || option || (kind == Kind::udp && !port_at_the_end(what)))
        return fail(Code::invalid, "the log `" + std::string(text) + "` names nothing to read from",
                    "unix:PATH, udp:ADDRESS:PORT, journald:UNIT, docker:CONTAINER, command:TEXT");
      return LogPlace{kind, std::string(what)};
    }
  if (trimmed(text).empty()) return fail(Code::invalid, "the log has no name");
  return LogPlace{Kind::file, std::string(text)};
}

std::string text_of(const LogPlace& place) {
  if (place.kind == Kind::input) return "-";
  for (auto& [prefix, kind] : kPrefixes)
    if (kind == place.kind) return std::string(prefix) + place.what;
  return place.what;
}

}  // namespace davy::ports
