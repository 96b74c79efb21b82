// `davy work migrate`: what the engine asks of a database about its schema, in a child that may wait.
#pragma once
#include "engine/run/operators.h"

namespace davy::engine {

// words: what follows `davy work migrate`. The connection string is told to the child alone, by its environment.
ports::CommandSpec migration_child(const ports::Asking&, const run::Call&, std::vector<std::string> words);

// What it prints as JSON. Code::unavailable with its last line where it prints none.
ports::Task<spec::Value> ask_about_schema(ports::Process&, ports::CommandSpec);

// Of a command that somebody else wrote: PGOPTIONS that reach the server ("pgoptions"), whether a lock_timeout holds
// ("holds"), and that in words ("says").
ports::Task<spec::Value> ask_for_lock_timeout(ports::Process&, const ports::Asking&, const run::Call&);

std::unique_ptr<ports::Operator> migration_operator(Surroundings&);

}  // namespace davy::engine
