// What is read of streams, over the rows of any store. Nothing is believed that the chain does not bear out.
#pragma once
#include "store/tables.h"

namespace davy::store {

// Code::invalid with the nearest id when there is none.
Result<StreamRow> known(Tables&, const std::string& id);

// What the first and the last record say of a stream, each found in its chain. Code::internal: something of it is not
// what was written; the message says which record.
Result<ports::StreamInfo> look_at(Tables&, const StreamRow&);

Result<std::vector<ports::Record>> read_records(Tables&, const std::string& stream, std::int64_t after);
Result<ports::StreamInfo> read_stream(Tables&, const std::string& id);
Result<ports::RunInfo> read_run(Tables&, const std::string& id);
Result<std::vector<ports::RunInfo>> read_runs(Tables&, const ports::Journal::Filter&);
Result<std::vector<ports::StreamInfo>> read_open(Tables&, ports::StreamKind);

}  // namespace davy::store
