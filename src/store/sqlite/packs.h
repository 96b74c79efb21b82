// Stretches of a series in one row each. None overlap, and what stands in `samples` is newer than all of them: whoever
// adds sees to it (pack_what_is_old).
#pragma once
#include "ports/journal.h"
#include "store/sqlite/connection.h"

namespace davy::store {

// What the rows `samples` hold of a stretch, in order of time; of more than `most` the newest. Code::internal names the
// one that cannot be read.
Result<std::vector<ports::Sample>> loose_samples(Connection&, std::int64_t series, Time from, Time to,
                                                 std::int64_t most);
// The same of packs. finest: whole, or the outlines where nothing else is left.
enum class Part { whole, finest, outlines };
Result<std::vector<ports::Sample>> packed_samples(Connection&, std::int64_t series, Part, Time from, Time to,
                                                  std::int64_t most);

bool more_than(Connection&, std::int64_t series, Time from, Time to, std::int64_t many);  // about: no pack is cut

// Once there are enough for a pack besides the newest.
Result<> pack_what_is_old(Connection&, std::int64_t series);
// What is older than that, of one series; answers how many samples.
Result<std::int64_t> pack_what_rests(Connection&, Time before);

}  // namespace davy::store
