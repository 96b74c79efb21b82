// How a router was left: a table of its servers, and what can be said of one. Pure.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "ports/journal.h"
#include "ports/router.h"
#include "run/runbook.h"

namespace davy::engine {

using Routed = std::vector<ports::Served>;

spec::Value evidence_of(const Routed&);  // as a router's step leaves it in the journal
Result<Routed> routed_of(const spec::Value&);

// By service: what the newest router step of this run left behind, as its evidence tells. A service that no step has
// touched yet is not in it.
std::map<std::string, Routed> left_behind(const run::Runbook&, const std::vector<ports::Record>&);

bool users_with_nobody(const Routed&);

// All users with the instances of this release that run, whatever the router knows of them.
Routed living(const std::vector<ports::Endpoint>&, const std::string& release);

// Before the first step of a run touched the router, what served has its users: so it is where the router gives users
// to nobody, and instances of it run. Otherwise empty: what the router shows is how it was left.
Routed before_any_step(const Routed& now, const std::vector<ports::Endpoint>&, const std::string& serves);

// Servers that the router was left with users on, and that it knows nothing of any more: it was started anew.
bool forgotten(const Routed& left, const Routed& now);

// A table of some time ago for the instances as they run now: who was started anew stands where it had no place, in the
// place of one of its release that is gone.
Routed where_they_are_now(Routed table, const std::vector<ports::Endpoint>&);

bool differs(const Routed& left, const Routed& now);  // in weights and states

bool has_users(const Routed&, const std::string& release);
bool all_have_users(const Routed&, const std::string& release);  // each of its servers
double share_of(const Routed&, const std::string& release);      // of the users, by weight: 0 to 1

// All users with this release, as a state of the router; empty when the router knows no server of it.
Routed everybody_with(const Routed& now, const std::string& release);

}  // namespace davy::engine
