// ONE declaration per struct: decode with every mistake placed, encode for the journal, JSON Schema, reference page.
//
//   struct Http { std::string url; Duration timeout = 5s; };
//   template <> inline constexpr auto kFields<Http> = std::tuple{
//       required("http", &Http::url, "URL to read"), optional("timeout", &Http::timeout, "when to give up")};
//
// Used for options of providers, sections of the plan, steps AND journal events: Davy has no second serialiser.
// Defaults are the member initialisers; encode leaves out what equals its default.
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>

#include "base/text.h"
#include "spec/diagnostics.h"
#include "spec/leaf.h"

namespace davy::spec {

template <class T, class M>
struct Field {
  std::string_view key;
  M T::* member;
  bool required;
  std::string_view doc;
};
template <class T, class M>
constexpr auto required(std::string_view key, M T::* member, std::string_view doc) {
  return Field<T, M>{key, member, true, doc};
}
template <class T, class M>
constexpr auto optional(std::string_view key, M T::* member, std::string_view doc) {
  return Field<T, M>{key, member, false, doc};
}

struct Undescribed {};
template <class T>
inline constexpr auto kFields = Undescribed{};  // specialise: std::tuple of fields
template <class T>
inline constexpr std::string_view kShort{};  // the key that a bare scalar (or list) means: `redis: redis://…`
template <class T>
inline constexpr auto kWords = Undescribed{};  // enums: words<E>({{"roll-back", E::roll_back}, …})
template <class T, std::size_t N>
consteval auto words(const std::pair<std::string_view, T> (&w)[N]) {
  return std::to_array(w);
}

template <class T>
concept Described = !std::same_as<std::remove_cvref_t<decltype(kFields<T>)>, Undescribed>;
template <class T>
concept Worded = !std::same_as<std::remove_cvref_t<decltype(kWords<T>)>, Undescribed>;

template <class T>
struct Codec;

template <class T>
bool decode(const Value& v, T& out, Diagnostics& d) {
  return Codec<T>::decode(v, out, d);
}
template <class T>
Json encode(const T& t) {
  return Codec<T>::encode(t);
}
template <class T>
Json schema() {
  return Codec<T>::schema();
}

// Decode of what Davy itself wrote: any mistake is one Error.
template <class T>
Result<T> decoded(const Value& v, std::string_view what) {
  Diagnostics d;
  T out{};
  if (decode(v, out, d)) return out;
  auto first = d.sorted().front();
  return fail(Code::invalid, std::string(what) + ": " + first.found + "; expected " + first.expected);
}

// "a, b, c" and the like, for messages.
std::string listed(std::span<const std::string_view>);

template <class T>
std::vector<std::string_view> keys_of() {
  return std::apply([](auto&... f) { return std::vector<std::string_view>{f.key...}; }, kFields<T>);
}

// Every key of `v` that is not in `known` is a mistake; true when there is none.
bool only_known_keys(const Value& v, std::span<const std::string_view> known, Diagnostics&);

// Leaves.
template <class T>
struct Codec {
  static bool decode(const Value& v, T& out, Diagnostics& d) {
    if (auto parsed = Leaf<T>::parse(v)) {
      out = std::move(*parsed);
      return true;
    }
    d.add(v.mark, describe(v), std::string(Leaf<T>::kNoun));
    return false;
  }
  static Json encode(const T& t) { return Leaf<T>::print(t); }
  static Json schema() { return Leaf<T>::schema(); }
};

template <Worded T>
struct Codec<T> {
  static bool decode(const Value& v, T& out, Diagnostics& d) {
    std::vector<std::string_view> valid;
    auto word = scalar_text(v).value_or("");
    for (auto& [name, value] : kWords<T>) {
      if (word == name) {
        out = value;
        return true;
      }
      valid.push_back(name);
    }
    d.add(v.mark, describe(v), listed(valid), nearest(word, valid));
    return false;
  }
  static Json encode(const T& t) {
    for (auto& [name, value] : kWords<T>)
      if (value == t) return std::string(name);
    return nullptr;
  }
  static Json schema() {
    auto names = Json::array();
    for (auto& [name, value] : kWords<T>) names.push_back(std::string(name));
    return {{"enum", names}};
  }
};

template <Described T>
struct Codec<T> {
  static bool decode(const Value& v, T& out, Diagnostics& d) {
    if (!v.map()) {
      if (!kShort<T>.empty() && !v.null()) return decode(object({{std::string(kShort<T>), v.mark, v}}, v.mark), out, d);
      d.add(v.mark, describe(v), "a map with " + listed(keys_of<T>()));
      return false;
    }
    bool ok = true;
    std::apply([&](auto&... f) { ((ok &= one(f, v, out, d)), ...); }, kFields<T>);
    return only_known_keys(v, keys_of<T>(), d) && ok;
  }
  static Json encode(const T& t) {
    const T plain{};
    auto out = Json::object();
    auto put = [&](auto& f) {
      auto j = spec::encode(t.*f.member);
      if (f.required || j != spec::encode(plain.*f.member)) out[std::string(f.key)] = std::move(j);
    };
    std::apply([&](auto&... f) { (put(f), ...); }, kFields<T>);
    return out;
  }
  static Json schema() {
    Json out{{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
    std::apply([&](auto&... f) { (property(out, f), ...); }, kFields<T>);
    if (kShort<T>.empty()) return out;
    auto brief = out["properties"][std::string(kShort<T>)];
    return Json{{"anyOf", Json::array({brief, out})}};
  }

 private:
  static bool one(auto& field, const Value& v, T& out, Diagnostics& d) {
    if (auto found = v.find(field.key)) return spec::decode(*found, out.*field.member, d);
    if (!field.required) return true;
    d.add(v.mark, "no `" + std::string(field.key) + "`", std::string(field.doc));
    return false;
  }
  template <class M>
  static void property(Json& out, const Field<T, M>& f) {
    auto p = spec::schema<M>();
    p["description"] = std::string(f.doc);
    if (f.required)
      out["required"].push_back(std::string(f.key));
    else if (auto plain = spec::encode(T{}.*f.member); !plain.is_null() && !plain.empty() && plain != "")
      p["default"] = plain;
    out["properties"][std::string(f.key)] = p;
  }
};

template <class T>
struct Codec<std::optional<T>> {
  static bool decode(const Value& v, std::optional<T>& out, Diagnostics& d) {
    return v.null() ? true : spec::decode(v, out.emplace(), d);
  }
  static Json encode(const std::optional<T>& o) { return o ? spec::encode(*o) : Json(nullptr); }
  static Json schema() { return spec::schema<T>(); }
};

template <class T>
struct Codec<std::vector<T>> {
  static bool decode(const Value& v, std::vector<T>& out, Diagnostics& d) {
    if (!v.list()) {
      d.add(v.mark, describe(v), "a list");
      return false;
    }
    bool ok = true;
    for (auto& item : *v.list()) ok &= spec::decode(item, out.emplace_back(), d);
    return ok;
  }
  static Json encode(const std::vector<T>& all) {
    auto out = Json::array();
    for (auto& item : all) out.push_back(spec::encode(item));
    return out;
  }
  static Json schema() { return {{"type", "array"}, {"items", spec::schema<T>()}}; }
};

template <class T>
struct Codec<std::map<std::string, T>> {
  static bool decode(const Value& v, std::map<std::string, T>& out, Diagnostics& d) {
    if (!v.map()) {
      d.add(v.mark, describe(v), "a map");
      return false;
    }
    bool ok = true;
    for (auto& entry : *v.map()) ok &= spec::decode(entry.value, out[entry.key], d);
    return ok;
  }
  static Json encode(const std::map<std::string, T>& all) {
    auto out = Json::object();
    for (auto& [key, item] : all) out[key] = spec::encode(item);
    return out;
  }
  static Json schema() { return {{"type", "object"}, {"additionalProperties", spec::schema<T>()}}; }
};

template <>
struct Codec<Value> {  // opaque: another table decodes it later
  static bool decode(const Value& v, Value& out, Diagnostics&) {
    out = v;
    return true;
  }
  static Json encode(const Value& v) { return to_json(v); }
  static Json schema() { return Json::object(); }
};

// {"kind": {…}}: the one key names the alternative, by its kName.
template <class... Ts>
struct Codec<std::variant<Ts...>> {
  using Variant = std::variant<Ts...>;
  static Json encode(const Variant& v) {
    return std::visit([]<class T>(const T& t) { return Json{{std::string(T::kName), spec::encode(t)}}; }, v);
  }
  static bool decode(const Value& v, Variant& out, Diagnostics& d) {
    static constexpr std::string_view kNames[] = {Ts::kName...};
    if (!v.map() || v.map()->size() != 1) {
      d.add(v.mark, describe(v), "one of " + listed(kNames));
      return false;
    }
    auto& entry = v.map()->front();
    bool known = false, ok = false;
    ((entry.key == Ts::kName ? (known = true, ok = spec::decode(entry.value, out.template emplace<Ts>(), d)) : false),
     ...);
    if (!known) d.add(entry.mark, "unknown kind `" + entry.key + "`", listed(kNames), nearest(entry.key, kNames));
    return ok;
  }
  static Json schema() {
    auto all = Json::array();
    (all.push_back(Json{{"type", "object"}, {"properties", {{std::string(Ts::kName), spec::schema<Ts>()}}}}), ...);
    return {{"oneOf", all}};
  }
};

}  // namespace davy::spec
