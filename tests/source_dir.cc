#include "source_dir.h"

namespace davy {

std::string source_dir() { return DAVY_SOURCE_DIR; }

}  // namespace davy
