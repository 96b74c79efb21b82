// What is seen of a releases folder, and whether what runs begins there.
#pragma once
#include "ports/files.h"
#include "ports/platform.h"
#include "run/release_folders.h"

namespace davy::engine {

// The folder that `current` leads to, past the name in releases/; empty: nothing is current. Reads only.
Result<std::string> current_folder(ports::Files&, const std::string& place);

// What `current` itself says; empty: there is none.
Result<std::string> current_link(ports::Files&, const std::string& place);

// Names in folders/ and releases/; none where there is no place yet.
Result<run::FoldersSeen> folders_in(ports::Files&, const std::string& place);

// Pure: each of them begins in `current`, or in its own release's folder where the platform gives it that, and nowhere
// in a release that stays. Code::invalid with the lines to change, as they would be; `adopted`: where it ran before.
Result<> runs_from(const std::string& place, const std::string& adopted, const std::vector<ports::Home>&);

}  // namespace davy::engine
