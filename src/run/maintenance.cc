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

}  // namespace

bool stopped_in_place(const State& s) {
  auto& book = s.runbook;
  for (std::int32_t i = 0; i < std::ssize(book.subjects); ++i)
    if (auto setup = book.setup.service(book.subjects[static_cast<std::size_t>(i)].service); setup && setup->router)
      return false;
  for (std::int32_t i = 0; i < std::ssize(book.subjects); ++i)
    if (is_down(s, i)) return true;
  return false;
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
