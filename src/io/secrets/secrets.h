// The values of secrets. Everything else in Davy knows their names only.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/units.h"

namespace davy::io {

// Pages that are locked in memory (as far as the limit allows), left out of core files, and wiped at the end.
class LockedText {
 public:
  explicit LockedText(std::string_view);
  LockedText(LockedText&&) noexcept;
  LockedText& operator=(LockedText&&) = delete;
  ~LockedText();
  std::string_view view() const { return {pages_, size_}; }

 private:
  char* pages_;
  std::size_t size_, reserved_;
};

// Code::refused when others than its owner may read it, or it belongs to another user; what to do is in the hint.
Result<> only_we_can_read(const std::string& path);

class Secrets {
 public:
  // The first value that is given for a name counts.
  void add(const std::string& name, std::string_view value) { values_.try_emplace(name, value); }

  // Values of `names` from Davy's own environment. A name that it lacks is not an error: a file may have it.
  void add_environment(const std::vector<std::string>& names);

  // Values of `names` from a file of NAME=value lines (export, quotes, # comments as in a shell; no expansion). The
  // environment wins over a file, an earlier file over a later one. Code::refused: see only_we_can_read().
  Result<> add_file(const std::string& path, const std::vector<std::string>& names);

  bool has(const std::string& name) const { return values_.contains(name); }
  std::vector<std::string> missing(const std::vector<std::string>& names) const;

  // Only for the edge, where a value leaves the process: the keeper's socket, a request's header. Never keep it.
  Result<std::string_view> reveal(const SecretRef&) const;
  void for_each(const std::function<void(const std::string& name, std::string_view value)>&) const;

 private:
  std::map<std::string, LockedText> values_;
};

}  // namespace davy::io
