// File descriptors that are kept for the hour of need.
#pragma once
#include <vector>

#include "io/posix/posix.h"

namespace davy::io {

// Open on /dev/null until they are needed: whoever gives them up can open as many others, however near the process is
// to its limit, and under numbers as low as these, should the limit have been lowered since.
class Reserve {
 public:
  explicit Reserve(std::size_t many);
  void give_up() { held_.clear(); }
  void hold();  // again, as many as there are to be had

 private:
  std::size_t many_;
  std::vector<Fd> held_;
};

}  // namespace davy::io
