// The proof of a copy: its checksums, restored into a scratch, and compared with what the source had in the snapshot.
#pragma once
#include "backups/postgres/scratch.h"
#include "backups/tool/progress.h"

namespace davy::backups {

// The scratch is gone when this returns. Code::invalid: it is no good, and why; then no proof is written. Other codes:
// it could not be looked at. May be repeated.
Result<Proof> prove(const Shelf&, const Copy&, const ScratchAt&, Progress&);

}  // namespace davy::backups
