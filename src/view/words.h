// Steps, calls and answers in words: shared by the screen, the plain lines, the plan's tree and the page.
#pragma once
#include "view/view.h"

namespace davy::view {

// The last part of a path. Commands and titles may hold slashes themselves; what a step says tells where its name
// begins.
std::string_view leaf_of(std::string_view path, std::string_view says);

// The groups above the leaf: "rollout/canary/25%/bake" -> rollout, canary, 25%.
std::vector<std::string> groups_of(std::string_view path, std::string_view says);

// The path without the segment that every step of the runbook begins with.
std::string_view short_path(std::string_view path);

std::string undo_in_words(const run::Runbook&, const run::Step&);
bool retreat_only(const run::Step& s);
std::string without_prefix(std::string_view says);  // of a step for a rollback: its place says that already
bool fits(const run::State&, const run::Event&);    // it speaks of no step that the runbook lacks
Duration bake_length(const run::Step&);

// "3 s" never; "12ms", "1m 4s". Empty for nothing.
std::string took(std::optional<Time> from, std::optional<Time> to);

std::string percent(double share);     // "0.11%"
std::string thousands(std::uint64_t);  // "1,896"
std::string milliseconds(double);      // "12ms", "1.2s"
// What somebody asked of a run: "roll back", "ship shop 4 instead", "count it as done".
std::string asked_to(const run::Heard&);

// What a step says, beside its name: that is not said twice.
std::string beside(std::string_view says, std::string_view name);

std::string word(run::Outcome);
std::string word(run::Ending);
std::string word(run::Mode);
std::string word(run::Consequence);
std::string services(const std::vector<run::Subject>&);

// Who is with the candidate: "50% of the users", or, where services differ, "50% of the users of shop, 10% of the users
// of api". Empty: nobody.
std::string exposed_in_words(const std::vector<Share>&);

}  // namespace davy::view
