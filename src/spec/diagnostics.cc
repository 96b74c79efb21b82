#include "spec/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::spec {
namespace {

struct OldWord {
  std::string_view was, is;
};
constexpr OldWord kOld[] = {{"investigate", "hold"}, {"expect", "usual"},       {"log", "access-log"},
                            {"over", "last"},        {"settle", "healthy-for"}, {"health-within", "up-within"}};

std::string_view renamed(std::string_view word, std::span<const std::string_view> known) {
  for (auto& old : kOld)
    if (old.was == word && std::ranges::find(known, old.is) != known.end()) return old.is;
  return {};
}

}  // namespace

void Diagnostics::add(Mark at, std::string found, std::string expected, std::string nearest) {
  all_.push_back({at, std::move(found), std::move(expected), std::move(nearest)});
}

void Diagnostics::unknown(Mark at, std::string found, std::string_view word, std::span<const std::string_view> known,
                          std::string expected) {
  if (auto now = renamed(word, known); !now.empty())
    return add(at, fmt::format("`{}`, an old word", word), fmt::format("`{}`, as it is called now", now));
  add(at, std::move(found), std::move(expected), nearest(word, known));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  auto out = all_;
  std::ranges::stable_sort(out, {}, &Diagnostic::at);
  auto twice = std::ranges::unique(
      out, [](const Diagnostic& a, const Diagnostic& b) { return a.at == b.at && a.found == b.found; });
  out.erase(twice.begin(), twice.end());
  return out;
}

std::string line_of(const Diagnostic& d, std::string_view file) {
  auto out = fmt::format("{}:{}:{}: error: {}", file, d.at.line, d.at.column, d.found);
  if (!d.expected.empty()) out += "; expected " + d.expected;
  if (!d.nearest.empty()) out += fmt::format("; did you mean `{}`?", d.nearest);
  return out;
}

}  // namespace davy::spec
