// The bytes of a copy: zstd with its own checksum, and the SHA-256 of what lies on the disk. A bit that turns over
// there passes every cheaper look (`pg_restore -l` calls such a dump well).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "io/posix/posix.h"

namespace davy::backups {

struct Packed {
  std::int64_t bytes = 0;     // as they lie there
  std::int64_t unpacked = 0;  // as they came
  std::string sha256;         // of what lies there
};

// Into a new file that its owner alone may read. What is there before finish() is not whole.
class Packer {
 public:
  static Result<Packer> into(const std::string& path);
  Packer(Packer&&) noexcept;
  ~Packer();

  Result<> add(std::string_view);  // Code::no_space: the disk is full
  Result<Packed> finish();         // it is on the disk
  std::int64_t taken() const;      // bytes so far, as they came

 private:
  struct Inside;
  explicit Packer(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> in_;
};

// Hands on all that was packed. Code::invalid: it is cut, or not what was packed; what was handed on is worth nothing
// then. An Error of `take` ends it and is answered.
using Take = std::function<Result<>(std::string_view)>;
Result<Packed> unpack(const std::string& path, const Take& take);

// Hands on a file as it lies there.
Result<Packed> read_blocks(const std::string& path, const Take& take);

// The SHA-256 of a file of any size, hexadecimal, and how large it is.
Result<Packed> sum(const std::string& path);
std::string sha256_of_text(std::string_view);

}  // namespace davy::backups
