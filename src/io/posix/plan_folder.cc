#include "io/posix/plan_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "io/posix/posix.h"

namespace davy::io {

bool PlanFolder::gone() const {
  struct stat found{};
  if (path.empty()) return false;
  if (::stat(path.c_str(), &found) == 0) return !S_ISDIR(found.st_mode);
  return errno == ENOENT || errno == ENOTDIR;
}

std::string PlanFolder::standing(const std::string& folder) const {
  if (folder.empty() || folder != path || instead.empty() || !gone()) return folder;
  return make_folders(instead) ? instead : folder;
}

void PlanFolder::enter() const {
  if (auto to = standing(path); !to.empty()) (void)!::chdir(to.c_str());
}

}  // namespace davy::io
