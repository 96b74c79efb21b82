// The verb `observe`: a release that something else ships, judged by the signals and rules of a plan. Acts on nothing.
#pragma once
#include <functional>
#include <stop_token>

#include "control/plan_file.h"
#include "control/runs.h"
#include "judge/rehearsal.h"

namespace davy::control {

struct Observing {
  std::string version = "candidate", environment;
  std::vector<std::string> candidate, previous;  // labels: servers, versions
  std::string length, baseline, within;          // durations, as in a plan
  std::string webhook;                           // each decision is posted there, as verdict_json says it
};

// Told while it goes on, in the thread that observes.
struct Observer {
  std::function<void()> begins;  // what it compares with was read: from now on it watches
  std::function<void(const judge::Decision&)> decided;
  // In what format a signal's log is, once that is told from its lines, and again when it is told otherwise.
  std::function<void(const std::string& signal, const std::string& format)> format;
  std::function<void(const std::string& why)> webhook_failed;
};

struct Observed {
  enum class Verdict { passed, rolled_back, held };
  Verdict verdict = Verdict::held;
  std::string still;  // why it ended without a verdict; empty: it did not
};

// Until there is a verdict, too little was seen for too long, or somebody asks it to stop.
Result<Observed> observe(Runs&, const PlanFile&, const Observing&, const Observer&, std::stop_token);

std::string_view verdict_word(judge::Decision::What);
spec::Json verdict_json(const judge::Decision&);

}  // namespace davy::control
