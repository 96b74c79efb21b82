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
void all_together(const io::PlanFolder& folder, const std::function<void()>& work) {
  static std::mutex one_at_a_time;
  std::lock_guard lock(one_at_a_time);
  std::error_code gone;
  auto before = fs::current_path(gone);
  folder.enter();
  work();
  fs::current_path(before, gone);
}

}  // namespace

// The working directory belongs to a thread and to those that it starts, once it is unshared (unshare(2), CLONE_FS).
void in_folder(const io::PlanFolder& folder, const std::function<void()>& work) {
  if (folder.path.empty()) return work();
  bool alone = false;
  std::thread([&] {
    alone = ::unshare(CLONE_FS) == 0;
    if (alone) folder.enter(), work();
  }).join();
  if (!alone) all_together(folder, work);
}

io::PlanFolder plan_folder(const run::Runbook& book, const std::string& spool) {
  return {book.setup.directory, spool + "/gone"};
}

}  // namespace davy::host
