#include "spec/field_core.h"

#include "spec/fields.h"

namespace davy::spec {

std::string listed(std::span<const std::string_view> words) {
  std::string out;
  for (auto word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

bool only_known_keys(const Value& v, std::span<const std::string_view> known, Diagnostics& d) {
  bool ok = true;
  for (auto& entry : *v.map())
    if (std::ranges::find(known, entry.key) == known.end()) {
      ok = false;
      d.unknown(entry.mark, "unknown key `" + printable(entry.key) + "`", entry.key, known, "one of " + listed(known));
    }
  return ok;
}

namespace core {
namespace {

void* at(const Row& row, void* start) { return static_cast<std::byte*>(start) + row.offset; }
const void* at(const Row& row, const void* start) { return static_cast<const std::byte*>(start) + row.offset; }

template <class Named>
std::vector<std::string_view> names_of(std::span<const Named> all) {
  std::vector<std::string_view> out;
  for (auto& one : all) out.push_back(one.name);
  return out;
}

bool decode_row(const Row& row, const Value& v, void* out, Diagnostics& d) {
  if (auto found = v.find(row.key)) return row.how->decode(*found, at(row, out), d);
  if (!row.required) return true;
  d.add(v.mark, "no `" + std::string(row.key) + "`", std::string(row.doc));
  return false;
}

Json property(const Row& row, const void* plain) {
  auto out = row.how->schema();
  out["description"] = std::string(row.doc);
  if (row.required) return out;
  if (auto value = row.how->encode(at(row, plain)); !value.is_null() && !value.empty() && value != "")
    out["default"] = std::move(value);
  return out;
}

}  // namespace

std::vector<std::string_view> keys(const Table& t) {
  std::vector<std::string_view> out;
  for (auto& row : t.rows) out.push_back(row.key);
  return out;
}

bool expected(std::string_view what, const Value& found, Diagnostics& d) {
  d.add(found.mark, describe(found), std::string(what));
  return false;
}

bool decode(const Table& t, const Value& v, void* out, Diagnostics& d) {
  if (!v.map()) {
    if (!t.brief.empty() && !v.null()) return decode(t, object({{std::string(t.brief), v.mark, v}}, v.mark), out, d);
    return expected("a map with " + listed(keys(t)), v, d);
  }
  bool ok = true;
  for (auto& row : t.rows) ok &= decode_row(row, v, out, d);
  return only_known_keys(v, keys(t), d) && ok;
}

Json encode(const Table& t, const void* value) {
  auto out = Json::object();
  for (auto& row : t.rows) {
    auto json = row.how->encode(at(row, value));
    if (row.required || json != row.how->encode(at(row, t.plain))) out[std::string(row.key)] = std::move(json);
  }
  return out;
}

Json schema(const Table& t) {
  Json out{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
  for (auto& row : t.rows) {
    if (row.required) out["required"].push_back(std::string(row.key));
    out["properties"][std::string(row.key)] = property(row, t.plain);
  }
  if (t.brief.empty()) return out;
  auto brief = out["properties"][std::string(t.brief)];
  return Json{{"anyOf", Json::array({brief, out})}};
}

bool decode(std::span<const Alternative> all, const Value& v, void* variant, Diagnostics& d) {
  auto names = names_of(all);
  if (!v.map() || v.map()->size() != 1) return expected("one of " + listed(names), v, d);
  auto& entry = v.map()->front();
  for (auto& one : all)
    if (entry.key == one.name) return one.how->decode(entry.value, one.emplace(variant), d);
  d.add(entry.mark, "unknown kind `" + entry.key + "`", listed(names), nearest(entry.key, names));
  return false;
}

Json encode(const Alternative& one, const void* variant) {
  return Json{{std::string(one.name), one.how->encode(one.held(variant))}};
}

Json schema(std::span<const Alternative> all) {
  auto out = Json::array();
  for (auto& one : all)
    out.push_back(Json{{"type", "object"}, {"properties", {{std::string(one.name), one.how->schema()}}}});
  return {{"oneOf", out}};
}

std::optional<std::size_t> decode_word(std::span<const std::string_view> words, const Value& v, Diagnostics& d) {
  auto word = scalar_text(v).value_or("");
  if (auto it = std::ranges::find(words, word); it != words.end()) return it - words.begin();
  d.add(v.mark, describe(v), listed(words), nearest(word, words));
  return {};
}

Json schema_of_words(std::span<const std::string_view> words) {
  auto names = Json::array();
  for (auto word : words) names.push_back(std::string(word));
  return {{"enum", names}};
}

Json schema_of_list(Json item) { return {{"type", "array"}, {"items", std::move(item)}}; }
Json schema_of_map(Json item) { return {{"type", "object"}, {"additionalProperties", std::move(item)}}; }

}  // namespace core
}  // namespace davy::spec
