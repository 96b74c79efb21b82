#include "io/secrets/secret_look.h"

#include <algorithm>

#include "base/text.h"
#include "io/secrets/encodings.h"

namespace davy::io {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

}  // namespace

Result<ports::SecretState> SecretLook::look(const SecretRef& secret, const std::vector<std::string>& values) {
  if (!secrets_.has(secret.name)) return ports::SecretState{};
  auto value = secrets_.reveal(secret);
  if (!value) return std::unexpected(value.error());
  auto said = trimmed(*value);
  return ports::SecretState{.set = true, .empty = said.empty(), .among = std::ranges::any_of(values, [&](auto& one) {
                                                                  return same(said, one);
                                                                })};
}

// The value of a name never changes, so the forms of all are made once, and again when there are more.
std::string SecretLook::masked(const std::string& text) {
  std::vector<Masker::Secret> all;
  secrets_.for_each([&](auto& name, auto value) { all.push_back({name, std::string(value)}); });
  if (all.empty() || text.empty()) return text;
  if (known_ != all.size()) masker_ = std::make_unique<Masker>(all), known_ = all.size();
  for (auto& one : all) wipe(one.value);
  auto begun = masker_->pass(text);
  return begun + masker_->rest();
}

}  // namespace davy::io
