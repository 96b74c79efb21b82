// How a command ended, as the end of an attempt.
#pragma once
#include "ports/operator.h"
#include "ports/process.h"

namespace davy::engine {

// ok at exit 0; unknown where nobody saw its end. Its last line is told, and the end of its output is evidence.
ports::Done ended(const Result<ports::CommandEnd>&);

std::string last_line(std::string_view output);

}  // namespace davy::engine
