// The port `Lines` made real: a thread for each log that is read.
#pragma once
#include "io/lines/line_stream.h"
#include "io/secrets/secrets.h"
#include "ports/clock.h"
#include "ports/logs.h"

namespace davy::io {

mode_t mode_of(ports::Writers);
LogSource source_of(const ports::LineSpec&);

class Logs final : public ports::Logs {
 public:
  // Both outlive this and every reading.
  Logs(ports::Clock& clock, const Secrets& secrets) : clock_(clock), secrets_(secrets) {}
  Result<std::unique_ptr<ports::LineReading>> open(const ports::LineSpec&, std::unique_ptr<ports::LineTaker>) override;

 private:
  ports::Clock& clock_;
  const Secrets& secrets_;
};

}  // namespace davy::io
