// A deployment that was recorded, as windows by release: what `davy rehearse` carries through the gates of a plan.
#pragma once
#include <set>

#include "control/runs.h"
#include "plan/plan.h"
#include "signals/traffic/accumulator.h"

namespace davy::control {

struct Recording {
  std::string name;  // "run 20261121-…"
  std::vector<run::Subject> subjects;
  std::string environment, version;
  std::vector<judge::Window> windows;  // in order of time
  // How it ended, as far as that is known.
  struct End {
    Time at{};
    std::string what;  // "rolled back", "done"
    bool taken_back = false;
  };
  std::optional<End> end;
};

// What the recording calls the two releases: servers, or values of a label; `green*` is any that begins so.
struct Sides {
  std::vector<std::string> candidate, previous;
  signals::ReleaseMap map() const;
  run::Subject subject() const;  // without its service
};

// Invalid: no request of the recording reached the candidate; known: those whom any reached, noun: what they are.
Result<> met_candidate(const Recording&, const Sides&, const std::set<std::string>& known, const std::string& noun);

// A run of this Davy, by its id; it may still go on.
Result<Recording> recording_of_run(Runs&, const std::string& run);

// A traffic log (gzip too), as the plan's signal `log` reads one, else in any format that can be guessed. Servers are
// the sides, or releases where that signal has `release-by`. How it ended stands in no log.
Result<Recording> recording_of_log(const std::string& file, const plan::Plan&, const Sides&);

// What Prometheus (or what speaks its API) recorded of a stretch of time, where values of a label are the sides.
struct PrometheusRecording {
  std::string url, release_by, only, since, until, step = "15s";
  std::string user, password, token;  // the latter two: names of secrets
  std::string environment;
};
// Its traffic as the plan's first signal `scrape` reads it, else by the usual names; and the queries of the plan's
// signals `prometheus`, whose login is used where the recording names none. Unavailable: it is away or answers an
// error.
Result<Recording> recording_of_prometheus(Runs&, const plan::Plan&, const PrometheusRecording&, const Sides&);

// A URL is Prometheus's, what names a file is one (JSON: of `davy baseline`); all else is a run.
Result<Recording> recording_of(Runs&, const plan::Plan&, const std::string& recorded, const Sides&,
                               PrometheusRecording);
bool is_url(const std::string& recorded);

}  // namespace davy::control
