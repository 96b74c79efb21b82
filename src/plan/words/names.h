// ${names} in texts. `$$` is a dollar; $NAME without braces stays as it is: secrets and shells mean something by it.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "spec/value.h"

namespace davy::plan {

// Calls `known` with each name and the offset of its `${`; `broken` with the offset of a `${` that never ends or holds
// no name.
struct Names {
  std::function<void(std::string_view name, std::size_t at)> known;
  std::function<void(std::size_t at)> broken;
};
void each_name(std::string_view text, const Names&);

// What probes in there keep of answers (`keep: { token: … }`), known only once they look.
std::vector<std::string> kept_names(const spec::Value&);

bool is_name(std::string_view);  // letters, digits, _ - and not a digit first

}  // namespace davy::plan
