// What is kept of instances, in plain files: <instances>/<key>/{begun, note, log, exit, lock}. Read by anybody, with or
// without a keeper; begun by keepers only.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/keeper/spool.h"
#include "io/posix/family.h"
#include "ports/process.h"

namespace davy::io {

class InstanceStore {
 public:
  InstanceStore(std::string root, std::string boot) : root_(std::move(root)), boot_(std::move(boot)) {}

  // By key. An Error when somebody could not look: that is never "nothing runs".
  Result<std::vector<ports::InstanceState>> list(std::string_view key_prefix) const;
  Result<std::optional<ports::InstanceState>> find(std::string_view key) const;
  Result<> forget(const std::string& key) const;  // Code::refused while anything of it lives

  // Everything that was started as this instance: nothing when it never began in this boot.
  std::optional<Family> family(std::string_view key) const;
  std::string folder(std::string_view key) const { return root_ + "/" + file_name(key); }
  const std::string& root() const { return root_; }
  const std::string& boot() const { return boot_; }

 private:
  Result<std::optional<ports::InstanceState>> read(std::string_view name) const;
  std::string root_, boot_;
};

}  // namespace davy::io
