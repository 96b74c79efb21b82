// What stands around a line on its way: syslog's header, journald's JSON. Pure.
#pragma once
#include <string>
#include <string_view>

namespace davy::io {

// What follows the header of RFC 3164 (with or without a host) or RFC 5424; text without `<PRI>` is left as it is.
std::string_view without_syslog_header(std::string_view);

enum class Journald { message, other, broken };

// MESSAGE of one object as `journalctl --output=json` writes it: text, or an array of bytes where it is not UTF-8; of
// several the first. `other`: an entry without one. `broken`: no such object, or journald left the text out (null).
Journald journald_message(std::string_view json, std::string& out);

}  // namespace davy::io
