// Bytes as zstd keeps them.
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"

namespace davy::store {

std::string squeezed(std::string_view);

// Code::invalid for what zstd cannot read, and for what would be larger than `most` bytes: no more is ever taken.
Result<std::string> stretched(std::string_view, std::size_t most);

}  // namespace davy::store
