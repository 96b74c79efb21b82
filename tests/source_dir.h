// The folder of this repository's clone, for tests that read plans and examples.
#pragma once
#include <string>

namespace davy {

std::string source_dir();

}  // namespace davy
