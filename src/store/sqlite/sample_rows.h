// The calls of Samples as statements over one connection.
#pragma once
#include "ports/journal.h"
#include "store/sqlite/connection.h"

namespace davy::store {

Result<> add_samples(Connection&, const ports::SampleKey&, const std::vector<ports::Sample>&);
Result<std::vector<ports::Sample>> read_samples(Connection&, const ports::SampleKey&, Time from, Time to,
                                                std::int64_t most);
Result<std::vector<ports::Sample>> outline_samples(Connection&, const ports::SampleKey&, Time from, Time to,
                                                   std::size_t points);
Result<std::int64_t> prune_samples(Connection&, const ports::Samples::Before&);  // answers how much was done

}  // namespace davy::store
