// Room on the disk that is kept for bad times. A full disk must not leave a bad candidate in traffic: runs that are
// under way are given this room, and no new run begins without it.
#pragma once
#include <string>

#include "base/error.h"
#include "base/units.h"

namespace davy::store {

// The file `reserve` in a state directory, its blocks really allocated. Every Davy on the directory shares it, and any
// may release it. Calls may be repeated; they block for as long as the file system takes to allocate 16 MiB (where it
// cannot preallocate, libc writes the blocks).
class Reserve {
 public:
  static constexpr Bytes kSize{16 << 20};

  explicit Reserve(std::string directory, Bytes size = kSize);

  // Makes it when it is missing or too small. Code::no_space when the disk has no such room: nothing is left behind.
  Result<> ensure();

  // Gives the room back to the file system; true when there was some.
  bool release();

 private:
  bool whole() const;
  Result<> allocate();

  std::string path_;
  Bytes size_;
};

}  // namespace davy::store
