#include "backups/copy/keeping.h"

#include <algorithm>

namespace davy::backups {

std::vector<std::string> to_remove(std::vector<Kept> copies, const Keep& keep, Time now) {
  std::ranges::sort(copies, std::ranges::greater{}, &Kept::made);
  std::vector<std::string> out;
  bool proven = false;  // a newer one is
  int place = 0;
  for (auto& one : copies) {
    bool newest_proven = one.proven && !proven;
    bool beyond = keep.copies > 0 && place >= keep.copies;
    bool too_old = keep.age > Duration{} && now - one.made > keep.age && proven;
    if (!newest_proven && (beyond || too_old)) out.push_back(one.folder);
    proven |= one.proven;
    ++place;
  }
  return out;
}

}  // namespace davy::backups
