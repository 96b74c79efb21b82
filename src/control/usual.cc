#include "control/usual.h"

#include <algorithm>

namespace davy::control {
namespace {

constexpr int kRuns = 5;

using Took = std::map<std::string, Duration>;  // by the path of a step: all its attempts, first to last

Took took_of(const std::vector<view::TimedEvent>& events) {
  Took out;
  run::State s;
  std::map<run::AttemptId, std::pair<std::string, Time>> begun;
  std::map<std::string, Time> first;
  for (auto& e : events) {
    run::fold(s, e.event, e.at);
    if (auto started = std::get_if<run::AttemptStarted>(&e.event); started && started->way == run::Way::apply) {
      auto& path = s.step(started->step).path;
      begun[started->id] = {path, first.try_emplace(path, e.at).first->second};
    }
    if (auto ended = std::get_if<run::AttemptEnded>(&e.event); ended && begun.contains(ended->id))
      out[begun[ended->id].first] = e.at - begun[ended->id].second;
  }
  return out;
}

Duration median(std::vector<Duration> all) {
  auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::ranges::nth_element(all, middle);
  return *middle;
}

}  // namespace

void learn_what_is_usual(Runs& runs, run::Runbook& book) {
  if (book.subjects.empty()) return;
  auto last = runs.list(
      {.service = book.subjects.front().service, .environment = book.environment, .ending = "done", .most = kRuns});
  std::map<std::string, std::vector<Duration>> took;
  for (auto& run : last ? *last : std::vector<ports::RunInfo>{}) {
    auto events = runs.events(run.id);
    if (!events || !run.damage.empty()) continue;
    ++book.learned_from;
    for (auto& [path, length] : took_of(*events)) took[path].push_back(length);
  }
  for (auto& step : book.steps)
    if (auto known = took.find(step.path); known != took.end() && !step.call.of_bake() && step.call.port != "wait")
      step.expected = std::max(step.expected, median(known->second));
}

}  // namespace davy::control
