// What products and services call the fields of the JSON that they write of a request, each from its own manual.
#pragma once
#include "signals/formats/json_log.h"

namespace davy::signals {

// Empty: there is no such product.
std::vector<JsonField> json_product(std::string_view name);

}  // namespace davy::signals
