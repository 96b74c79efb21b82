// A plain tree of values that remember where they stood. src/plan fills it from YAML, src/store's bodies from JSON;
// nobody above sees either parser.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace davy::spec {

// Counted from 1; line 0 means "not from a file".
struct Mark {
  int line = 0, column = 0;
  auto operator<=>(const Mark&) const = default;
};

struct Value;
struct Entry;
using List = std::vector<Value>;
using Map = std::vector<Entry>;  // keeps the order of the file

struct Value {
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> is;
  Mark mark;
  bool quoted = false;  // a YAML scalar in quotes is text, whatever it looks like

  bool null() const { return std::holds_alternative<std::monostate>(is); }
  const std::string* text() const { return std::get_if<std::string>(&is); }
  const List* list() const { return std::get_if<List>(&is); }
  const Map* map() const { return std::get_if<Map>(&is); }
  const Value* find(std::string_view key) const;
  bool scalar() const { return !null() && !list() && !map(); }
};

struct Entry {
  std::string key;
  Mark mark;
  Value value;
};

Value text(std::string, Mark = {});
Value number(std::int64_t);
Value object(Map, Mark = {});
Value array(List, Mark = {});

// A scalar as the text it would be written as; nothing for a list, a map or null.
std::optional<std::string> scalar_text(const Value&);

// "`abc`", "a list", "a map", "nothing": how a message names what it found. Long text is cut.
std::string describe(const Value&);

// Equal in content; marks do not count.
bool same(const Value&, const Value&);

}  // namespace davy::spec
