#pragma once
#include "ports/files.h"

namespace davy::io {

// The local file system. Codes: see system_error(). A written file is durable before it appears under its name.
class Files final : public ports::Files {
 public:
  Result<std::string> read(std::string path) override;
  Result<std::string> end(std::string path, std::size_t most) override;
  Result<> write(std::string path, std::string text, unsigned mode) override;
  Result<> remove(std::string path) override;
  Result<std::optional<Stat>> stat(std::string path) override;
  Result<Space> space(std::string path) override;
  Result<std::string> sha256(std::string path) override;
  Result<std::vector<std::string>> list(std::string path) override;
  Result<std::string> link(std::string path) override;
};

}  // namespace davy::io
