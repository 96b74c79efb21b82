// Waiting until something is written, instead of looking again and again.
#pragma once
#include <string>

#include "io/posix/posix.h"
#include "ports/task.h"

namespace davy::io {

// Rings when any process of this machine writes to a file of that folder, as a commit does to the log of a database.
// It tells only that it is worth looking: what was written before the bell was hung, or where the kernel gives none
// (too many are hung already, or a file system does not tell), is found because nobody sleeps for longer than `most`;
// without one for no longer than kBlind.
class Bell {
 public:
  static constexpr Duration kBlind = std::chrono::milliseconds(50);
  explicit Bell(const std::string& folder);

  // Until it rings, the time is over, or a signal comes. What rang since the last wait counts. Blocks.
  void wait(Duration most);
  // The same for a coroutine; Code::cancelled.
  ports::Task<> rung(Duration most);

 private:
  void still();  // takes what rang
  Fd events_;
};

}  // namespace davy::io
