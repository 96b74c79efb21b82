#pragma once
#include "judge/numbers/window.h"
#include "ports/task.h"

namespace davy::ports {

// A source of numbers that is read every so often: an exporter, a database, a process, a machine.
//
// look() answers with the window since its last look that succeeded, which carries its own times; the first one is a
// moment (from == to) and has gauges and states only, since counters need two looks. In it,
//  - releases[label]: the growth of requests, errors and latencies; clients are unknown.
//  - numbers[series][label], states[series][label]: as they stand now.
// Series are named relative to the signal: "" is the signal itself, "connections" is `database.connections` of a signal
// called `database`. A label is the value of what the options name by `release-by` (a version, an address); the caller
// knows which release it belongs to. "" is the whole service.
//
// Errors: what was asked, what happened, and since when the source is away; the caller shows `cannot tell`. The next
// look tries again, and what counters gained meanwhile comes with the first that succeeds. May be cancelled; one look
// at a time.
class Source {
 public:
  virtual ~Source() = default;
  virtual Task<judge::Window> look() = 0;
};

}  // namespace davy::ports
