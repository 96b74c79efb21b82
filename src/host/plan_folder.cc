#include "host/plan_folder.h"

#include <sched.h>

#include <filesystem>
#include <mutex>
#include <thread>

namespace davy::host {
namespace {

namespace fs = std::filesystem;

// Where a container forbids a thread a folder of its own: the whole process goes there and comes back, for one at a
// time.
void all_together(const std::string& folder, const std::function<void()>& work) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  std::error_code gone;
  auto before = fs::current_path(gone);
  fs::current_path(folder, gone);
  work();
  fs::current_path(before, gone);
}

}  // namespace

// The working directory belongs to a thread and to those that it starts, once it is unshared (unshare(2), CLONE_FS).
void in_folder(const std::string& folder, const std::function<void()>& work) {
  if (folder.empty()) return work();
  bool alone = false;
  std::thread([&] {
    alone = ::unshare(CLONE_FS) == 0;
    std::error_code gone;
    if (alone) fs::current_path(folder, gone), work();
  }).join();
  if (!alone) all_together(folder, work);
}

}  // namespace davy::host
