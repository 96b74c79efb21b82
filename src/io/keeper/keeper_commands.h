// The commands of one run, as its keeper sees them: begun at most once per key, watched to the end.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "io/keeper/keeper_protocol.h"
#include "io/keeper/running_command.h"
#include "io/keeper/spool.h"
#include "io/posix/poll_loop.h"

namespace davy::io {

using Answer = std::function<void(Reply)>;  // once; may come at once

class Commands {
 public:
  Commands(PollLoop& loop, Spool spool, std::string boot);

  void launch(const LaunchCommand&, Answer);  // a key that has begun is only waited for
  void find(const std::string& key, Answer);  // NeverBegan, or its end when it comes
  void end(const std::string& key, Duration grace, Answer);
  // What platforms and routers are told by, not the plan's own commands: before users are moved back, that none of it
  // comes last.
  void end_those_of_providers();
  bool idle() const { return running_.empty(); }

  // Of a keeper that takes over: commands that still run are watched again, for their deadlines and so that their
  // output does not block them.
  void adopt_all();

 private:
  // `name` is file_name(key) in all that follows: it is what the spool knows.
  struct Entry {
    std::unique_ptr<RunningCommand> command;
    std::vector<Answer> waiting;
  };
  void begin(const std::string& name, const Command&, Answer);
  void wait_for(const std::string& name, Answer);
  Entry& adopt(const std::string& name, const Begun&);
  Entry* running(const std::string& name);          // adopts it when it is not ours
  std::vector<Entry*> of(const std::string& name);  // those that run of one attempt: `a7`, and `a7-start`
  void done(const std::string& name, pid_t, Ended);
  Reply record(const std::string& name, const Ended&);

  PollLoop& loop_;
  Spool spool_;
  std::string boot_;
  std::map<std::string, Entry> running_;
  std::map<std::string, Ended> unrecorded_;  // ends that the disk did not take
};

}  // namespace davy::io
