// Takes secrets out of a stream of output before anything is written. What it was given may be cut anywhere: a secret
// that begins in one read and ends in a later one is found all the same.
#pragma once
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace davy::io {

class Masker {
 public:
  struct Secret {
    std::string name, value;
  };
  // Every non-empty value is masked in all forms_of() it, as "[NAME]". The values are copied, and wiped at the end.
  explicit Masker(const std::vector<Secret>& secrets);
  Masker(Masker&&) = default;
  Masker(const Masker&) = delete;
  Masker& operator=(const Masker&) = delete;
  Masker& operator=(Masker&&) = delete;
  ~Masker();

  std::string pass(std::string_view text);  // what can be said for certain so far
  std::string rest();                       // what was held back because it might have become a secret

 private:
  struct Pattern {
    std::string text;
    std::string label;
  };
  enum class Ending { more_may_come, last };
  std::string drain(Ending ending);
  // The longest secret that begins at `at`; or that this cannot be said before more has come.
  struct Found {
    const Pattern* pattern = nullptr;
    bool wait = false;
  };
  Found look(std::size_t at, Ending ending) const;

  std::vector<Pattern> patterns_;                            // longest first
  std::array<std::vector<const Pattern*>, 256> by_first_{};  // of them, by their first byte
  std::string held_;
  std::size_t covered_ = 0;  // bytes of held_ that belong to a secret already replaced
};

Masker masker_of(const std::map<std::string, std::string>& values);  // name → value

}  // namespace davy::io
