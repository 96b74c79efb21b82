#include "run/maintenance.h"

#include <algorithm>

namespace davy::run {
namespace {

bool going_back(const State& s, StepIx i) {
  return std::ranges::any_of(s.open, [&](auto& a) { return a.step == i && a.way == Way::undo; });
}

bool is_down(const State& s, std::int32_t subject) {
  bool gone = false, starts = false, up = false;
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& step = s.step(i);
    auto& at = s.at(i);
    if (step.subject != subject || step.call.port != "platform") continue;
    bool begun = at.applied || at.tainted || s.busy(i);
    if (step.side == Side::previous && step.call.operation == "stop" && step.parts()) gone |= begun && !at.undone;
    if (step.side != Side::candidate || step.call.operation != "start") continue;
    starts = true;
    up |= at.applied && !at.undone && !going_back(s, i);
  }
  return gone && starts && !up;
}

bool routed(const Runbook& book) {
  return std::ranges::any_of(book.setup.services, [](auto& service) { return service.router.has_value(); });
}

}  // namespace

bool stopped_in_place(const State& s) {
  if (routed(s.runbook)) return false;
  for (std::int32_t i = 0; i < std::ssize(s.runbook.subjects); ++i)
    if (is_down(s, i)) return true;
  return false;
}

std::int64_t changes_in_place(const State& s) {
  std::int64_t out = 0;
  if (routed(s.runbook)) return out;
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& call = s.step(i).call;
    if (call.port == "platform" && (call.operation == "start" || call.operation == "stop"))
      out += (s.at(i).applied ? 1 : 0) + (s.at(i).undone ? 2 : 0);
  }
  return out;
}

bool in_maintenance(const State& s) {
  bool on = false;
  for (StepIx i = 0; i < s.count(); ++i) {
    auto& call = s.step(i).call;
    if (call.port != "maintenance") continue;
    auto& at = s.at(i);
    bool begun = at.applied || at.tainted || s.busy(i);
    if (call.operation == "on" && begun) on = !at.undone;
    if (call.operation == "off" && at.applied && !at.undone) on = false;
  }
  return on;
}

}  // namespace davy::run
