// A traffic log as it is written, in windows: from HAProxy's datagram socket,
//   log /run/davy/log.sock len 4096 format raw local0 info
// a file, UDP, a pipe or a command (line_stream.h).
//
// One thread owns the source, the parser and the accumulator and shares nothing; every 100 ms it hands a finished
// window over: one mutex, one push, one post to the core's executor. It must never wait, for the kernel's queue is
// short (net.unix.max_dgram_qlen, 10 by default) and HAProxy drops what does not fit.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <optional>

#include "io/lines/line_stream.h"
#include "io/lines/line_stream_guess.h"
#include "ports/task.h"

namespace davy::io {

struct LogReaderOptions {
  LogSource source;
  Duration window = std::chrono::milliseconds(100);
  signals::AccumulatorOptions lines = {};
  std::optional<FormatGuess> guess = {};  // instead of lines.format: told from the lines
  std::string only = {};                  // lines without this text are no requests: a container says other things too
  std::function<Time()> now;              // the process's clock; called on the reader's thread
};

class LogReader {
 public:
  // Opens the source at once: from here on lines count. A socket that a dead process left is replaced; one that
  // somebody reads is Code::conflict; what is no socket is not touched. A file that is not there, a command that ends:
  // a gap in the windows until it comes back, no error.
  static Result<std::unique_ptr<LogReader>> open(ports::asio::any_io_executor core, LogReaderOptions);

  // Ends the thread; removes the socket, if it is still this one; ends the command and its group.
  ~LogReader();
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;

  // The windows in order, none left out; one that is not complete says why (judge::Window::gap). One waiter at a time,
  // on the core. May be cancelled and called again. Where the core falls behind by a minute, the newest windows are
  // merged. Code::cancelled: it was cancelled or closed.
  ports::Task<signals::RawWindow> next();

  // Lines were lost (HAProxy's DroppedLogs rose, or it counts more requests than lines came): the window that is being
  // gathered is incomplete. Any thread.
  void doubt();

  // What the format was told to be from the lines, as a sentence; empty as long as none was told. The core.
  std::string taken_for() const;

  void close();  // wakes the waiter; no more windows

 private:
  struct Shared;
  class Reading;
  explicit LogReader(std::shared_ptr<Shared>, std::unique_ptr<Reading>);

  std::shared_ptr<Shared> shared_;  // a posted wake-up may outlive the reader
  std::unique_ptr<Reading> reading_;
};

}  // namespace davy::io
