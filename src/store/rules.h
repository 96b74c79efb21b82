// Who may write what: the decisions that every implementation of the journal shares, with their sentences. Pure.
#pragma once
#include <span>
#include <string>

#include "ports/journal.h"

namespace davy::store {

using ports::RunInfo;

// At least one service, none twice: a run without one would hold no lock. Code::invalid.
Result<> may_create(const RunInfo&);

// The run is open, the epoch is the stored one (append) or higher (claim), and nobody wrote since. Code::conflict.
Result<> may_append(const RunInfo& stored, std::int64_t epoch, std::int64_t expected_seq);
Result<> may_claim(const RunInfo& stored, std::int64_t epoch, std::int64_t expected_seq);

// Nobody reads the desk of a run that has ended; who asks should hear it instead of waiting. Code::refused.
Result<> may_ask(const RunInfo& stored);

std::unexpected<Error> lock_held(const std::string& service, const RunInfo& holder);
std::unexpected<Error> run_exists(const std::string& run);
std::unexpected<Error> no_such_run(const std::string& run, std::span<const std::string> known);

}  // namespace davy::store
