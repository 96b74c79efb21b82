// Relative paths of a plan begin where it stands, whoever does what it says from wherever.
#pragma once
#include <functional>
#include <string>

namespace davy::host {

// Does `work` with relative paths beginning in `folder`, and waits for it; the rest of the process stays where it is.
// Empty, or gone: they begin where the process stands. What `work` starts, threads and processes, begins there, too.
void in_folder(const std::string& folder, const std::function<void()>& work);

}  // namespace davy::host
