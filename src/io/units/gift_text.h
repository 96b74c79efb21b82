// The two files that Davy gives a unit, as text: systemd.unit(5), EnvironmentFile= of systemd.exec(5). Pure.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::io {

// Of the drop-in. environment: the path of the file that it has the unit load; directory: in which the unit starts, if
// not as it says itself. The note is one line.
std::string drop_in_text(std::string_view note, std::string_view environment, std::string_view directory = {});
std::optional<std::string> note_in(std::string_view drop_in);  // nothing: it is none of ours

// One variable, exactly as it is. Code::invalid: systemd would leave it out, since that is no name, or no text in
// UTF-8. The value is not in the message.
Result<std::string> environment_line(std::string_view name, std::string_view value);

}  // namespace davy::io
