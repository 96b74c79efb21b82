// What is written to streams, over the rows of any store. What answers an Error may have written something already: the
// store takes that back (a savepoint, a copy), so that a call is one transaction. Claims, the desk, cursors, and
// appends that do nothing to other streams or locks check first and write then: these need no taking back.
#pragma once
#include "store/tables.h"

namespace davy::store {

Result<> create_run(Tables&, const ports::RunInfo&, const std::vector<ports::Record>& first);
Result<> open_stream(Tables&, const ports::Opening&);
Result<> append_records(Tables&, const std::string& stream, std::int64_t epoch, std::int64_t expected_seq,
                        const std::vector<ports::Record>&, const ports::After&);
Result<> claim_stream(Tables&, const std::string& stream, std::int64_t epoch, std::int64_t expected_seq,
                      const std::vector<ports::Record>&);
Result<std::int64_t> put_on_desk(Tables&, const std::string& stream, ports::DeskEntry);
Result<> advance_cursor(Tables&, const std::string& reader, const std::string& stream, std::int64_t seq);

}  // namespace davy::store
