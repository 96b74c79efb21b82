// The calls of Samples as statements over one connection, as journal_rows.h does for the journal.
#pragma once
#include "ports/journal.h"
#include "store/sqlite/connection.h"

namespace davy::store {

Result<> add_samples(Connection&, const std::string& run, const std::vector<ports::Sample>&);
Result<std::vector<ports::Sample>> read_samples(Connection&, const std::string& run, Duration grain, Time from);
Result<std::int64_t> drop_samples(Connection&, Duration grain, Time before);  // answers how many

}  // namespace davy::store
