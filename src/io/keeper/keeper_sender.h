// Who tells people of the run, as its keeper sees it: started with the keeper, again when it vanished, and once more
// when the engine is given up, so that people hear of that. Its keeper stays as long as it has something to tell, to
// start it again; nothing else waits for it, and whatever becomes of it, the run and its way back go on.
#pragma once
#include <functional>
#include <string>

#include "io/keeper/keeper_options.h"
#include "io/posix/poll_loop.h"

namespace davy::io {

class KeptSender {
 public:
  using Say = std::function<void(const std::string&)>;
  KeptSender(PollLoop& loop, const KeeperOptions& options, Say say)
      : loop_(loop), options_(options), say_(std::move(say)) {}

  void begin();  // fine while it runs
  bool idle() const { return !running_ && !pausing_; }

 private:
  void ended(const std::string& how, bool cleanly);

  PollLoop& loop_;
  const KeeperOptions& options_;
  Say say_;
  bool running_ = false, pausing_ = false;
  std::size_t restarts_ = 0;
};

}  // namespace davy::io
