#pragma once
#include "judge/numbers/window.h"
#include "ports/task.h"

namespace davy::ports {

// The windows of one run, all its sources merged, by release. Code::cancelled when it was closed.
struct Signals {
  virtual ~Signals() = default;
  virtual Task<judge::Window> next() = 0;
};

}  // namespace davy::ports
