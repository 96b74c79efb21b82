#include "spec/diagnostics.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::spec {

void Diagnostics::add(Mark at, std::string found, std::string expected, std::string nearest) {
  all_.push_back({at, std::move(found), std::move(expected), std::move(nearest)});
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
