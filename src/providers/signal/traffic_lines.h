// Traffic logs as sources: what signals `log` and `haproxy` are made of.
#pragma once
#include "ports/reading.h"
#include "ports/registry.h"
#include "providers/signal/haproxy.h"
#include "providers/signal/log.h"
#include "signals/traffic/guessed_lines.h"

namespace davy::providers {

struct TrafficOptions {
  signals::AccumulatorOptions lines = {};
  std::optional<signals::FormatGuess> guess = {};  // instead of lines.format: told from the lines
  std::string only = {};  // lines without this text are no requests: a container says other things too
};

// Invalid: the options name what no such format has.
Result<TrafficOptions> traffic_options(const LogSignal&);

// The series in which a window tells how many lines came that stand in no release's account: of ignored paths, and of
// what could not be read. A source takes it out again.
inline constexpr const char* kUncounted = "uncounted";
// The series whose word is what the lines were taken for, when that has changed. A source takes it out again.
inline constexpr const char* kTakenFor = "taken for";

std::unique_ptr<ports::LineTaker> traffic_taker(TrafficOptions);

// From here on lines count. Errors as ports::Logs::open, and those of traffic_options.
Result<std::unique_ptr<ports::Source>> log_source(LogSignal, ports::Outside&, ports::Asking);
Result<std::unique_ptr<ports::Source>> haproxy_source(HaproxySignal, ports::Outside&, ports::Asking);

}  // namespace davy::providers
