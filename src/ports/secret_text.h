#pragma once
#include <optional>
#include <string_view>

#include "base/units.h"

namespace davy::ports {

// The secret that an option means which is `$NAME` alone; nothing for any other text.
std::optional<SecretRef> secret_in(std::string_view text);

}  // namespace davy::ports
