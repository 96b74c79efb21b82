// Mistakes for people: `file:line:column: error: …`, the line, and a caret under the place.
#pragma once
#include <string>
#include <string_view>

#include "spec/diagnostics.h"

namespace davy::plan {

// `text` is the plan as it was parsed. Long lines are cut around the caret; what could move a terminal's cursor is
// shown as an escape. Ends with a line that counts the mistakes when there are several.
std::string render(const spec::Diagnostics&, std::string_view text, std::string_view file, bool colour);

}  // namespace davy::plan
