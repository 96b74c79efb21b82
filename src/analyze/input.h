// The bytes of a log, from a file, a pipe or standard input, gzip and zstd undone on the way. Blocks are read, never
// mapped: a log that somebody truncates meanwhile then only ends early, and memory stays what the buffers are.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace davy::analyze {

class Input {
 public:
  // "-" is standard input. Unavailable: it cannot be opened, or is a directory.
  static Result<Input> open(const std::string& path);
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  // At most `room` bytes more; 0 at the end. Unavailable: it cannot be read, or it is packed, and damaged, cut off or
  // packed with something else.
  Result<std::size_t> read(char* into, std::size_t room);

  const std::string& name() const;
  std::uint64_t taken() const;                // bytes of the file so far, compressed ones where it is
  std::optional<std::uint64_t> size() const;  // of the file; none for pipes
 private:
  struct Inside;
  explicit Input(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace davy::analyze
