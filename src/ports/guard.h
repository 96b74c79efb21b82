// The prepared way back. The keeper holds it and takes it by itself when no engine has judged for 15 s while a
// candidate has users: a dead Davy never leaves a bad candidate in traffic.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

// Data, not code, so that a process of a few hundred lines can carry it out: questions to sockets, then commands.
struct WayBack {
  struct Question {
    std::string address, text;
  };
  std::vector<Question> questions;                 // Line::ask, in order
  std::vector<std::vector<std::string>> commands;  // argv, in order
  std::string says;                                // "traffic to storefront@1"
};

struct Guard {
  virtual ~Guard() = default;
  virtual Task<> arm(WayBack) = 0;  // replaces the one before; the countdown starts anew
  virtual Task<> judged() = 0;      // "a judge lives": at least every 5 s while armed
  virtual Task<> disarm() = 0;
  struct Taken {
    Time at{};
    std::string says;
  };
  // The way back that was taken since the last arm() or disarm(). Repeatable: it is told again until one of these.
  virtual Task<std::optional<Taken>> taken() = 0;
};

}  // namespace davy::ports
