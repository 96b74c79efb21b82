#pragma once
#include <functional>
#include <set>

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
class TrafficLog;
class Source {
 public:
  virtual ~Source() = default;
  virtual Task<judge::Window> look() = 0;
  virtual TrafficLog* traffic_log() { return nullptr; }  // it is one
  // What its lines or its page were taken for, as a sentence, where that was guessed or should be known; empty until it
  // is told.
  virtual std::string taken_for() const { return {}; }
};

// A traffic log is not asked every so often: look() waits for its next window, 100 ms long, and none is left out; one
// that is not complete says why. Its labels are servers ("backend/server"), whose numbers add up to those of a release.
class TrafficLog : public Source {
 public:
  TrafficLog* traffic_log() final { return this; }

  // Which servers carry a release of this run: of others nobody need log to Davy. Given before the first look.
  using Ours = std::function<std::set<std::string>(const std::set<std::string>& servers)>;
  virtual void know(Ours) {}

  // What is read beside it, so often: counters that lines are compared with. Null: nothing.
  struct Beside {
    Source* source = nullptr;
    Duration every{};
  };
  virtual Beside beside() { return {}; }
};

}  // namespace davy::ports
