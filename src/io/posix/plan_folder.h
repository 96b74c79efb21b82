// Where the plan of a run stands. It may go in mid-run: the checkout of a job that is over, a release that was tidied
// away. What would begin there begins in an empty folder then: whatever is named in full works on, so that users can be
// moved back; what is named by where the plan stood is not found, rather than something of others in its place.
#pragma once
#include <string>

namespace davy::io {

struct PlanFolder {
  std::string path;     // empty: nothing stands anywhere
  std::string instead;  // made when it is needed, for its owner alone

  bool gone() const;  // what cannot be looked at is not gone
  // `folder`, but for the plan's own when that has gone. Blocks for a look at the disk.
  std::string standing(const std::string& folder) const;
  // This process, or this thread where it has a folder of its own. Where nothing can be entered: where it stands.
  void enter() const;
};

}  // namespace davy::io
