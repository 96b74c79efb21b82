// Whether a word says that something is well: `database is up`, whatever its own word for that is.
#pragma once
#include <string_view>

namespace davy::judge {

// ok, up, healthy, pass, connected, true …: letters of any case.
bool says_well(std::string_view word);

}  // namespace davy::judge
