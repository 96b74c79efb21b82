// The hash chain of a journal. Each record's hash covers the one before it, so a record that was changed, dropped,
// moved or carried into another stream does not fit any more. It finds accidents and careless edits; who can rewrite
// the whole file can rewrite the chain as well.
#pragma once
#include <array>
#include <string>
#include <string_view>

#include "ports/journal.h"

namespace davy::store {

using Hash = std::array<unsigned char, 32>;

// What the first record of a stream follows: SHA-256 of "davy journal 2", the word of its kind and its id, a line each
// (no newline after the last).
Hash chain_origin(std::string_view kind, std::string_view id);

// SHA-256(previous ‖ seq ‖ at ‖ size of kind ‖ kind ‖ body); numbers are 8 bytes, big-endian, `at` in ns since 1970.
// The size keeps "ab"+"c" apart from "a"+"bc".
Hash chain_next(const Hash& previous, const ports::Record&);

}  // namespace davy::store
