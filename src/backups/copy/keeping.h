// Which copies go when a new one has come. Pure.
#pragma once
#include <string>
#include <vector>

#include "base/time.h"

namespace davy::backups {

struct Keep {
  int copies = 0;  // the newest so many
  Duration age{};  // or those that are no older
  bool all() const { return copies == 0 && age == Duration{}; }
};

struct Kept {
  std::string folder;
  Time made{};
  bool proven = false;
};

// The folders that go. The newest proven copy never does; one that is too old only where a newer one is proven.
std::vector<std::string> to_remove(std::vector<Kept>, const Keep&, Time now);

}  // namespace davy::backups
