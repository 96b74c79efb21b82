#include "plan/words/lists.h"

namespace davy::plan {
namespace {

using spec::core::Handling;

// A value within a list or a map of fields.
spec::Value wrapped(spec::Value v, const Handling& how) {
  if (!how.item) return with_lists(std::move(v), how);
  auto at = v.mark;
  if (v.null()) return spec::array({}, at);
  if (!v.list()) v = spec::array({std::move(v)}, at);
  for (auto& item : std::get<spec::List>(v.is)) item = with_lists(std::move(item), *how.item);
  return v;
}

}  // namespace

spec::Value with_lists(spec::Value v, const Handling& how) {
  auto map = how.table ? std::get_if<spec::Map>(&v.is) : nullptr;
  if (!map) return v;
  for (auto& entry : *map)
    for (auto& row : how.table().rows)
      if (entry.key == row.key) entry.value = wrapped(std::move(entry.value), *row.how);
  return v;
}

spec::Json schema_with_lists(const Handling& how) {
  if (how.item) {
    auto item = schema_with_lists(*how.item);
    return {{"anyOf", spec::Json::array({item, {{"type", "array"}, {"items", item}}})}};
  }
  auto out = how.schema();
  if (!how.table || !out.contains("properties")) return out;
  for (auto& row : how.table().rows) {
    if (!row.how->item && !row.how->table) continue;
    auto& property = out["properties"][std::string(row.key)];
    auto plain = schema_with_lists(*row.how);
    for (auto kept : {"description", "default"})
      if (property.contains(kept) && property[kept] != spec::Json::array()) plain[kept] = property[kept];
    property = plain;
  }
  return out;
}

}  // namespace davy::plan
