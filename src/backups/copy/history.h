// How long the last proofs of a backup took, beside its copies: it outlives those that `keep` removed.
#pragma once
#include "backups/copy/shelf.h"

namespace davy::backups {

struct PastProof {
  std::string at, of;  // of: whose data it was
  Duration restore{}, compare{};
  std::int64_t bytes = 0;  // of the copy, unpacked
  Duration took() const { return restore + compare; }
};

struct Usual {
  Duration took{};  // restoring and comparing: the median
  int proofs = 0;   // of so many
};

// Of the newest five of the same source. Nothing: it was never proven before. Pure.
std::optional<Usual> usual(const std::vector<PastProof>&, const std::string& of);

// The newest last. What cannot be read is no history: nothing is decided by it.
std::vector<PastProof> past_proofs(const Shelf&);
// Adds one, and forgets those before the last twenty.
Result<> note_proof(const Shelf&, const Copy&, const Proof&);

std::string whose(const Manifest&);  // as `of` says it

}  // namespace davy::backups

namespace davy::spec {

template <>
inline constexpr bool kApart<backups::PastProof> = true;

}  // namespace davy::spec
