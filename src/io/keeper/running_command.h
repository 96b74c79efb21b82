// One command that runs: its output is read, masked and kept, its deadline held, and when asked it is ended with all
// that it started.
#pragma once
#include <functional>
#include <string>

#include "io/keeper/kept_output.h"
#include "io/keeper/spool.h"
#include "io/posix/family.h"
#include "io/posix/poll_loop.h"
#include "io/secrets/masker.h"

namespace davy::io {

class RunningCommand {
 public:
  enum class Rest { goes_on, is_ended };  // of its group, once it has ended by itself
  struct Setup {
    Family family;  // it leads its process group
    Fd output;      // the pipe; may be none
    Masker masker;
    KeptOutput kept;
    Begun begun;
    Rest rest = Rest::goes_on;
  };
  // done: once, when it and, if it was told to end, its whole family are gone; it may destroy this object.
  RunningCommand(PollLoop& loop, Setup setup, std::function<void(Ended)> done);
  ~RunningCommand();
  RunningCommand(const RunningCommand&) = delete;
  RunningCommand& operator=(const RunningCommand&) = delete;

  void watch_child();     // it is our child: its end is known
  void watch_stranger();  // its keeper was killed: only that it ended will be seen
  std::string output() const { return kept_.in_memory(); }
  void end(Duration grace);  // TERM to its family, grace, KILL; a second call can only shorten the grace

 private:
  void watch_output();
  void read_output(int most_reads);
  void flush_later();
  void exited(Ended);
  void ask_to_end();
  void press();
  void finish();

  PollLoop& loop_;
  Family family_;
  Rest rest_;
  Fd output_, stranger_;
  Masker masker_;
  KeptOutput kept_;
  std::function<void(Ended)> done_;
  Duration began_ = boot_time();
  PollLoop::Timer deadline_{}, pressing_{}, flushing_{};
  Duration kill_at_ = kForever, next_look_{};
  bool is_child_ = false, ending_ = false, timed_out_ = false;
  std::optional<Ended> seen_;
};

}  // namespace davy::io
