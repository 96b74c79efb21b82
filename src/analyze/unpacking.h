// Undoing what a log was packed with, in pieces: gzip (RFC 1952) and zstd (RFC 8878), several behind each other as one.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace davy::analyze {

class Unpacker {
 public:
  enum class How { going, ended, damaged };  // ended: all that was packed is out, and something else may follow
  virtual ~Unpacker() = default;
  // Takes from `in` and writes to `out` until either has no more to give; both lose what was used.
  virtual How step(std::string_view& in, char*& out, std::size_t& room) = 0;
};

// What the first bytes of a file (six, or all) say of it.
struct Packing {
  std::string name;                    // "gzip"; empty: it is text
  std::unique_ptr<Unpacker> unpacker;  // null: for people to undo
  std::string hint;                    // how they would
};
Packing packing_of(std::string_view first_bytes);

}  // namespace davy::analyze
