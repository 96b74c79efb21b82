#pragma once
#include "ports/journal.h"
#include "run/state.h"
#include "watch/state.h"

namespace davy::engine {

ports::Record record_of(const watch::Event&, std::int64_t seq, Time at);
Result<watch::Event> watch_event_of(const ports::Record&);

struct WatchHistory {
  watch::State state;
  std::int64_t seq = 0;
};
// The fold of a watch's whole journal. An event that this Davy does not know is an Error: a newer one wrote it.
Result<WatchHistory> replay_watch(const std::vector<ports::Record>&);

// What a run that ends now writes beside its end: the watch that it opens, and the end of the one before. `at`: the
// moment of its end.
ports::After watch_after(const run::State&, const run::Ended&, const std::string& run, Time at);

}  // namespace davy::engine
