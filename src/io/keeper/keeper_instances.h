// Starting and stopping instances. They outlive the keeper: each has its own session and writes straight to its log.
#pragma once
#include <map>
#include <string>

#include "io/keeper/instance_store.h"
#include "io/keeper/keeper_commands.h"
#include "io/posix/poll_loop.h"

namespace davy::io {

class KeptInstances {
 public:
  KeptInstances(PollLoop& loop, InstanceStore store) : loop_(loop), store_(std::move(store)) {}

  void start(const StartInstance&, Answer);                   // Agreed when it runs, also when it ran already
  void stop(const std::string& key, Duration grace, Answer);  // whoever started it; Agreed when nothing is left
  bool idle() const { return stopping_ == 0; }

 private:
  Result<> begin(const StartInstance&);
  Result<pid_t> fork_into(const StartInstance&, int log, int failed_exec);
  void watch(const std::string& key, pid_t);
  void press(const std::string& key, const Family&, Duration kill_at, Duration next_look, const Answer&);

  PollLoop& loop_;
  InstanceStore store_;
  int stopping_ = 0;
};

}  // namespace davy::io
