// The calls of Samples as statements over one connection.
#pragma once
#include "ports/journal.h"
#include "store/sqlite/connection.h"

namespace davy::store {

Result<> add_samples(Connection&, const ports::SampleKey&, const std::vector<ports::Sample>&);
Result<std::vector<ports::Sample>> read_samples(Connection&, const ports::SampleKey&, Duration grain, Time from,
                                                Time to, std::int64_t most);
Result<std::int64_t> drop_samples(Connection&, Duration grain, Time before);  // answers how many

}  // namespace davy::store
