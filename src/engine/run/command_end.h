// What the end of a command means for the step that ran it.
#pragma once
#include "ports/operator.h"
#include "ports/process.h"

namespace davy::engine {

// ok, failed with its last words, or unknown where nobody saw its end. The evidence holds the end of its output.
ports::Done ended(const Result<ports::CommandEnd>&);

}  // namespace davy::engine
