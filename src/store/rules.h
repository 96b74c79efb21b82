// Who may write what: the decisions of the journal, with their sentences. Pure.
#pragma once
#include <span>
#include <string>

#include "ports/journal.h"

namespace davy::store {

using ports::RunInfo;
using ports::StreamInfo;

// A run has at least one service, none twice (without one it would hold no lock), a stream an id. Code::invalid.
Result<> may_create(const RunInfo&);
Result<> may_open(const ports::Opening&);  // nor is it a run: create() alone begins one

// Records of the store's own kinds are its own to write. Code::invalid.
Result<> may_write(const std::vector<ports::Record>&);

// The stream is open, the epoch is the stored one (append) or higher (claim), and nobody wrote since. Code::conflict.
Result<> may_append(const StreamInfo& stored, std::int64_t epoch, std::int64_t expected_seq);
Result<> may_claim(const StreamInfo& stored, std::int64_t epoch, std::int64_t expected_seq);

// A lock may be given back by who holds it, and one of the opening by the end alone. Code::invalid.
Result<> may_give(const StreamInfo& stored, const std::string& resource, const std::optional<std::string>& holder);

// Nobody reads the desk of what has ended; who asks should hear it instead of waiting. Code::refused.
Result<> may_ask(const StreamInfo& stored);

// No reader has come further than the last record. Code::invalid.
Result<> may_advance(const StreamInfo& stored, std::int64_t seq);

// Another open run holds all that this one would lock: what is not held there would be nobody's meanwhile.
// Code::refused.
Result<> may_replace(const RunInfo&, const StreamInfo& held_by);

// What could not be packed is not kept. Code::invalid.
Result<> may_be_kept(const ports::Sample&);

std::unexpected<Error> run_in_the_way(const std::string& service, const RunInfo& holder);
std::unexpected<Error> lock_held(const std::string& resource, const StreamInfo& holder);
std::unexpected<Error> stream_exists(const std::string& id);
std::unexpected<Error> no_such_stream(const std::string& id, std::span<const std::string> known);
std::unexpected<Error> no_run(const StreamInfo&);  // it is something else

}  // namespace davy::store
