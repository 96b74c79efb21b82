// Whether a move's proof holds. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::io {

// Every expression compiles, and something is expected: "no data" must not pass.
Result<> check_proof(const std::vector<std::string>& expect, const std::vector<std::string>& lacks);

// The answer matches all of `expect` and none of `lacks`. An answer with a zero byte, behind which nothing would be
// seen, holds nothing. The Error says what is missing, or what is still there.
Result<> holds(const std::string& answer, const std::vector<std::string>& expect,
               const std::vector<std::string>& lacks);

}  // namespace davy::io
