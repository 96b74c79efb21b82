#include "spec/value.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"

namespace davy::spec {

const Value* Value::find(std::string_view key) const {
  if (auto entries = map())
    for (auto& entry : *entries)
      if (entry.key == key) return &entry.value;
  return nullptr;
}

Value text(std::string s, Mark m) { return {std::move(s), m}; }
Value number(std::int64_t n) { return {n, {}}; }
Value object(Map m, Mark at) { return {std::move(m), at}; }
Value array(List l, Mark at) { return {std::move(l), at}; }

std::optional<std::string> scalar_text(const Value& v) {
  using Text = std::optional<std::string>;
  return std::visit(
      overloaded{[](const std::string& s) { return Text(s); }, [](bool b) { return Text(b ? "true" : "false"); },
                 [](std::int64_t n) { return Text(std::to_string(n)); },
                 [](double d) { return Text(fmt::format("{}", d)); }, [](const auto&) { return Text(); }},
      v.is);
}

std::string describe(const Value& v) {
  constexpr std::size_t kMost = 60;
  if (v.list()) return "a list";
  if (v.map()) return "a map";
  if (v.null()) return "nothing";
  auto s = printable(*scalar_text(v));
  return "`" + (s.size() > kMost ? s.substr(0, kMost) + "…" : s) + "`";
}

bool same(const Value& a, const Value& b) {
  if (a.is.index() != b.is.index()) return false;
  if (auto list = a.list()) return std::ranges::equal(*list, *b.list(), same);
  if (auto map = a.map())
    return std::ranges::equal(*map, *b.map(),
                              [](const Entry& x, const Entry& y) { return x.key == y.key && same(x.value, y.value); });
  if (a.null()) return true;
  return scalar_text(a) == scalar_text(b);
}

}  // namespace davy::spec
