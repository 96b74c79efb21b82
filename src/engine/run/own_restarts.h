// A restart that Davy made is no crash: `restarts` counts from the end of its own start.
#pragma once
#include <map>
#include <set>
#include <string>

#include "judge/numbers/window.h"

namespace davy::engine {

class OwnRestarts {
 public:
  // Takes from the `restarts` of all signals what Davy itself brought about. at_work: instances are being started or
  // stopped now; what is read first after that still belongs to it.
  void take_out(judge::Window&, bool at_work);

 private:
  using Key = std::pair<std::string, std::string>;  // series, release
  std::map<Key, double> own_;
  std::set<Key> known_, unsettled_;
};

}  // namespace davy::engine
