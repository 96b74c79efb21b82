// What yaml-cpp could not read, in words that tell the fix.
#pragma once
#include <yaml-cpp/exceptions.h>

#include <optional>
#include <string>

#include "spec/value.h"

namespace davy::plan {

// value_at: byte offset of the value that is to blame, where it reaches to its line's end and can be left out; nothing
// where nobody can say which part of the text is meant otherwise than written.
struct Hint {
  spec::Mark at;
  std::string found, expected;
  std::optional<std::size_t> value_at;
};
Hint explain(const YAML::Exception&, std::string_view text);

// Puts an empty text in the place of a value, to the end of its line.
void blank_value(std::string& text, std::size_t at);

}  // namespace davy::plan
