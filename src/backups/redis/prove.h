// The proof of a copy of a Redis: its checksums, loaded by a server of our own, and its keys counted there.
#pragma once
#include "backups/redis/scratch.h"

namespace davy::backups {

// The scratch is gone when this returns. Code::invalid: it is no good, and why; then no proof is written. Other codes:
// it could not be looked at. May be repeated.
Result<Proof> prove_redis(const Shelf&, const Copy&, const std::string& scratch, Progress&);

}  // namespace davy::backups
