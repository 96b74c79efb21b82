#pragma once
#include <map>
#include <string>

#include "judge/numbers/window.h"
#include "ports/task.h"

namespace davy::ports {

// The windows of one run, all its sources merged, by release. Code::cancelled when it was closed.
struct Signals {
  virtual ~Signals() = default;
  virtual Task<judge::Window> next() = 0;

  // For checks that are conditions: a window that rules read; or that they pause, and what was read so far is not about
  // what comes.
  virtual void read_by_rules(const judge::Window&) {}
  virtual void paused() {}

  // What the lines of traffic logs are taken for, by signal, as far as that is told: a person should see a guess before
  // anything is decided by it.
  virtual std::map<std::string, std::string> formats() const { return {}; }
};

}  // namespace davy::ports
