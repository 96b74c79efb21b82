#pragma once
#include "ports/journal.h"
#include "run/state.h"

namespace davy::engine {

// Events as the journal keeps them: kind and body apart, the body as the field tables print it.
ports::Record record_of(const run::Event&, std::int64_t seq, Time at);
Result<run::Event> event_of(const ports::Record&);

// Who speaks, as the desk keeps it (ports::DeskEntry::speaker); where nobody wrote that, the name alone.
std::string text_of(const run::Speaker&);
run::Speaker speaker_of(const ports::DeskEntry&);

struct History {
  run::State state;
  std::int64_t seq = 0;
};
// The fold of a whole journal; what the store wrote in it is its own business. An event that this Davy does not know is
// an Error: a newer one wrote it.
Result<History> replay(const std::vector<ports::Record>&);

}  // namespace davy::engine
