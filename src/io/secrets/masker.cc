// Secrets may overlap ("abc" and "bcdef" in "abcdef"): all of their union must go, so every position is looked at, also
// those inside a secret that was found already.
#include "io/secrets/masker.h"

#include <algorithm>

#include "io/secrets/encodings.h"

namespace davy::io {

Masker::Masker(const std::vector<Secret>& secrets) {
  for (const auto& secret : secrets)
    for (auto forms = forms_of(secret.value); !forms.empty();)
      patterns_.push_back({std::move(forms.extract(forms.begin()).value()), "[" + secret.name + "]"});
  std::ranges::stable_sort(patterns_, std::ranges::greater{}, [](const Pattern& p) { return p.text.size(); });
  for (const auto& pattern : patterns_) by_first_[static_cast<unsigned char>(pattern.text[0])].push_back(&pattern);
}

Masker::~Masker() {
  for (auto& pattern : patterns_) wipe(pattern.text);
  wipe(held_);
}

std::string Masker::pass(std::string_view text) {
  if (patterns_.empty()) return std::string(text);
  held_.append(text);
  return drain(Ending::more_may_come);
}

std::string Masker::rest() { return drain(Ending::last); }

Masker::Found Masker::look(std::size_t at, Ending ending) const {
  auto rest = std::string_view(held_).substr(at);
  for (const auto* pattern : by_first_[static_cast<unsigned char>(rest[0])]) {
    if (rest.starts_with(pattern->text)) return {pattern, false};
    if (ending == Ending::more_may_come && pattern->text.starts_with(rest)) return {nullptr, true};
  }
  return {};
}

std::string Masker::drain(Ending ending) {
  std::string out;
  std::size_t at = 0;
  for (; at < held_.size(); ++at) {
    auto found = look(at, ending);
    if (found.wait) break;
    if (found.pattern) {
      if (at >= covered_) out += found.pattern->label;
      covered_ = std::max(covered_, at + found.pattern->text.size());
    }
    if (at >= covered_) out += held_[at];
  }
  std::fill_n(held_.begin(), at, '\0');
  held_.erase(0, at);
  covered_ -= std::min(covered_, at);
  return out;
}

Masker masker_of(const std::map<std::string, std::string>& values) {
  std::vector<Masker::Secret> secrets;
  for (const auto& [name, value] : values) secrets.push_back({name, value});
  Masker masker(secrets);
  for (auto& secret : secrets) wipe(secret.value);
  return masker;
}

}  // namespace davy::io
