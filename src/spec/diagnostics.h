// Mistakes with their places. Everything that reads a plan adds to one list, so that a person sees all of them at once.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "spec/value.h"

namespace davy::spec {

struct Diagnostic {
  Mark at;
  std::string found;     // "unknown key `chek`"
  std::string expected;  // "one of check, verify, run"; may be empty
  std::string nearest;   // the valid word that is meant, probably; may be empty
};

class Diagnostics {
 public:
  void add(Mark at, std::string found, std::string expected = {}, std::string nearest = {});
  // A word that is none of `known`: with the one that is meant, and, where it was renamed, with its new name.
  void unknown(Mark at, std::string found, std::string_view word, std::span<const std::string_view> known,
               std::string expected);
  bool empty() const { return all_.empty(); }
  std::size_t count() const { return all_.size(); }

  // By place in the file; mistakes that say the same of the same place are told once.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> all_;
};

// `file:line:column: error: found; expected …; did you mean `…`?`
std::string line_of(const Diagnostic&, std::string_view file);

}  // namespace davy::spec
