// Where a list is expected, one thing may stand alone: `check: infrastructure`, `pass: error_rate < 1%`. The tables
// know only lists; this wraps a value before it is decoded, and says so in the schema.
#pragma once
#include "spec/fields.h"

namespace davy::plan {

template <class T>
struct Element {};
template <class T>
struct Element<std::vector<T>> {
  using Type = T;
};
template <class T>
concept Listed = requires { typename Element<T>::Type; };

template <class T>
spec::Value with_lists(spec::Value v);

template <class M>
spec::Value with_lists_in(spec::Value v) {
  if constexpr (Listed<M>) {
    auto at = v.mark;
    if (v.null()) return spec::array({}, at);
    if (!v.list()) v = spec::array({std::move(v)}, at);
    for (auto& item : std::get<spec::List>(v.is)) item = with_lists<typename Element<M>::Type>(std::move(item));
  } else if constexpr (spec::Described<M>) {
    v = with_lists<M>(std::move(v));
  }
  return v;
}

template <class T>
spec::Value with_lists(spec::Value v) {
  if constexpr (spec::Described<T>) {
    auto one = [&]<class M>(const spec::Field<T, M>& field, spec::Entry& entry) {
      if (entry.key == field.key) entry.value = with_lists_in<M>(std::move(entry.value));
    };
    if (auto map = std::get_if<spec::Map>(&v.is))
      for (auto& entry : *map) std::apply([&](auto&... f) { (one(f, entry), ...); }, spec::kFields<T>);
  }
  return v;
}

// The schema to it: a list, or one of its items.
template <class T>
spec::Json schema_with_lists() {
  auto out = spec::schema<T>();
  if constexpr (Listed<T>) {
    auto item = schema_with_lists<typename Element<T>::Type>();
    return {{"anyOf", spec::Json::array({item, {{"type", "array"}, {"items", item}}})}};
  } else if constexpr (spec::Described<T>) {
    auto one = [&]<class M>(const spec::Field<T, M>& field) {
      auto& property = out["properties"][std::string(field.key)];
      if (!Listed<M> && !spec::Described<M>) return;
      auto plain = schema_with_lists<M>();
      for (auto kept : {"description", "default"})
        if (property.contains(kept) && property[kept] != spec::Json::array()) plain[kept] = property[kept];
      property = plain;
    };
    if (out.contains("properties")) std::apply([&](auto&... f) { (one(f), ...); }, spec::kFields<T>);
  }
  return out;
}

}  // namespace davy::plan
