// The port `Logs` made real: a thread for each log that is read. It owns the source, the parser and the account and
// shares nothing; ten times a second it hands a finished window over: one mutex, one push, one post to the core. It
// must never wait, for the kernel's queue of a socket is short (net.unix.max_dgram_qlen, 10 by default) and HAProxy
// drops what does not fit.
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "io/lines/line_stream.h"
#include "io/secrets/secrets.h"
#include "ports/clock.h"
#include "ports/logs.h"

namespace davy::io {

mode_t mode_of(ports::Writers);
LogSource source_of(const ports::LineSpec&);

class Logs final : public ports::Logs {
 public:
  // Clock and secrets outlive this and every reading. `window`: of what a thread hands over.
  Logs(boost::asio::any_io_executor core, ports::Clock& clock, const Secrets& secrets,
       Duration window = std::chrono::milliseconds(100))
      : core_(std::move(core)), clock_(clock), secrets_(secrets), window_(window) {}
  Result<std::unique_ptr<ports::LineReading>> open(const ports::LineSpec&, std::unique_ptr<ports::LineTaker>) override;

 private:
  boost::asio::any_io_executor core_;
  ports::Clock& clock_;
  const Secrets& secrets_;
  Duration window_;
};

}  // namespace davy::io
