// The text before YAML: what no parser should see, and the lines for messages.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "spec/diagnostics.h"

namespace davy::plan {

// Without line ends; CR LF counts as one.
std::vector<std::string_view> lines_of(std::string_view text);

// Size, bytes that are not UTF-8, control characters, tabs that indent. False: the text must not be read further.
bool fit_to_read(std::string_view text, spec::Diagnostics&);

// The place of a byte column (from 1) as a person counts: in characters, and never beyond the line's end.
int character_column(std::string_view line, int byte_column);

// Length of the UTF-8 character at the front; 0 when there is none. Overlong forms and surrogates are none.
std::size_t character_length(std::string_view);

// `text` for messages: printable, and cut where it is long.
std::string ticked(std::string_view);

}  // namespace davy::plan
