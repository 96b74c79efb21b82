// What is the same for every table of fields, compiled once: it knows a type only by three functions and a member only
// by its distance from the start of its struct (decision 0018). By way of spec/fields.h.
#pragma once
#include <cstddef>
#include <span>

#include "spec/diagnostics.h"
#include "spec/json.h"

namespace davy::spec::core {

struct Table;

// What can be done with a value of which only the address is known.
struct Handling {
  bool (*decode)(const Value&, void* out, Diagnostics&);
  Json (*encode)(const void*);
  Json (*schema)();
  const Handling* item;     // of a list
  const Table& (*table)();  // of a struct with fields
};

struct Row {
  std::string_view key, doc;
  bool required;
  std::ptrdiff_t offset;
  const Handling* how;
};
struct Table {
  std::span<const Row> rows;
  std::string_view brief;  // the key that a bare scalar means, or empty
  const void* plain;       // a struct with all its defaults
};
bool decode(const Table&, const Value&, void* out, Diagnostics&);
Json encode(const Table&, const void*);
Json schema(const Table&);
std::vector<std::string_view> keys(const Table&);

// {"kind": {…}}
struct Alternative {
  std::string_view name;
  const Handling* how;
  void* (*emplace)(void* variant);
  const void* (*held)(const void* variant);
};
bool decode(std::span<const Alternative>, const Value&, void* variant, Diagnostics&);
Json encode(const Alternative&, const void* variant);
Json schema(std::span<const Alternative>);

// Which of the words stands there.
std::optional<std::size_t> decode_word(std::span<const std::string_view>, const Value&, Diagnostics&);
Json schema_of_words(std::span<const std::string_view>);

// Always false: notes that something else stands there.
bool expected(std::string_view what, const Value& found, Diagnostics&);

Json schema_of_list(Json item);
Json schema_of_map(Json item);

}  // namespace davy::spec::core
