// Putting back what a router forgot.
#pragma once
#include "ports/guard.h"

namespace davy::engine {

struct Surroundings;

// what_is_gone: weights that people changed by hand are theirs; servers that the router forgot are put back, until all
// of them are: one that was told half of it has forgotten nothing any more. Nothing differs: one read.
enum class Heal { everything, what_is_gone };

// The router of this subject's service as it was last left. Leaves alone a service without one, a router that never
// forgets, one that no one knows how it was left, and users whom the guard (null: none) has moved, as far as one look
// just before can tell. What was forgotten and cannot be as it was, since the guard has moved users or nobody who had
// them is up, goes to the previous release where any of it runs. Code::refused when nobody is up.
ports::Task<> heal(Surroundings&, std::int32_t subject, Heal, ports::Guard* = nullptr);

}  // namespace davy::engine
