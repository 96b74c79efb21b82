// Indexes as they stand. One that was built CONCURRENTLY and stopped stays behind, invalid: it costs every write,
// serves nobody, and `if not exists` takes it for the index.
#pragma once
#include "migrations/ledger/deeds.h"
#include "migrations/runner/session.h"

namespace davy::migrations {

enum class IndexIs { absent, valid, invalid, elsewhere };  // elsewhere: that name is of an index of another table
struct IndexStands {
  IndexIs is = IndexIs::absent;
  std::string name;  // whole and quoted, for a DROP
};
Asked<IndexStands> look_at(Session&, const IndexDeed&);

// Invalid ones of the whole database that nobody is building now: "orders_by_day on orders".
Asked<std::vector<std::string>> invalid_indexes(Session&);

}  // namespace davy::migrations
