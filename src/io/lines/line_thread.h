// The thread that reads one log: lines go to a sink as they come, and every so often the time since the last time is
// over. It shares nothing but what the sink and `over` share.
#pragma once
#include <functional>
#include <memory>
#include <thread>

#include "io/lines/line_stream.h"
#include "io/posix/posix.h"

namespace davy::io {

class LineThread {
 public:
  struct Options {
    Duration window;            // a fiftieth of it where the sink is in a hurry
    std::function<Time()> now;  // the process's clock
    // Called on the thread with each window; gap: why lines may be missing in it, or empty. A stretch in which this
    // thread did not get to read is one window, and a gap (ports/standstill.h).
    std::function<void(Time from, Time to, std::string gap)> over;
  };
  // The sink outlives this.
  LineThread(std::unique_ptr<LineStream>, LineSink&, Options);

  // Ends the thread, then closes the stream: a command ends with the thread that began it.
  ~LineThread();
  LineThread(const LineThread&) = delete;
  LineThread& operator=(const LineThread&) = delete;

 private:
  void run();
  bool read();
  bool wait();
  void hand_over();
  Time due() const;

  Options o_;
  Fd stop_;
  std::unique_ptr<LineStream> stream_;
  LineSink& lines_;
  Time from_, due_;
  std::thread thread_;
};

}  // namespace davy::io
