// The journal's and the desk's calls as statements over one connection. Each checks first and writes then: one that
// answers an Error has written nothing. A failure of the disk throws SQLite::Exception, and the transaction around it
// is rolled back. The writing ones must run inside an immediate transaction.
#pragma once
#include "ports/journal.h"
#include "store/chain.h"
#include "store/sqlite/connection.h"

namespace davy::store {

Result<> create_run(Connection&, const ports::RunInfo&, const std::vector<ports::Record>& first);
Result<> append_records(Connection&, const std::string& run, std::int64_t epoch, std::int64_t expected_seq,
                        const std::vector<ports::Record>&, const std::optional<ports::Journal::Close>&);
Result<> claim_run(Connection&, const std::string& run, std::int64_t epoch, std::int64_t expected_seq,
                   const std::vector<ports::Record>&);

Result<std::vector<ports::Record>> read_records(Connection&, const std::string& run, std::int64_t after);
Result<ports::RunInfo> read_info(Connection&, const std::string& run);
Result<std::vector<ports::RunInfo>> read_runs(Connection&, const ports::Journal::Filter&);

Result<std::int64_t> put_on_desk(Connection&, const std::string& run, const ports::DeskEntry&);
Result<std::vector<ports::DeskEntry>> read_desk(Connection&, const std::string& run, std::int64_t after);

// What decides over a write: id, epoch, seq and ending of the run, and the hash that the next record follows.
struct Head {
  ports::RunInfo run;
  std::optional<Hash> hash;  // nothing when the stored one has the wrong size: the file is damaged
};
Result<Head> read_head(Connection&, const std::string& run);  // Code::invalid with the nearest id when there is none

}  // namespace davy::store
