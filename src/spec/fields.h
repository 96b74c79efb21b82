// ONE declaration per struct: decode with every mistake placed, encode for the journal, JSON Schema, reference page.
//
//   struct Http { std::string url; Duration timeout = 5s; };
//   template <> inline constexpr auto kFields<Http> = std::tuple{
//       required("http", &Http::url, "URL to read"), optional("timeout", &Http::timeout, "when to give up")};
//
// Used for options of providers, sections of the plan, steps AND journal events: Davy has no second serialiser.
// Defaults are the member initialisers; encode leaves out what equals its default. What a table says is checked where
// it is first used, and the row named that is wrong (field_mistakes.h).
//
// The table of a struct that many include stands in a source file, so that a changed sentence compiles that file alone:
// kApart beside the struct, and behind the table in that file
//
//   template <> const core::Table& table_of<Http>() { return MadeTable<Http>::get(); }
#pragma once
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <tuple>

#include "base/text.h"
#include "spec/diagnostics.h"
#include "spec/field_core.h"
#include "spec/field_mistakes.h"
#include "spec/leaf.h"

namespace davy::spec {

struct Undescribed {};
template <class T>
inline constexpr auto kFields = Undescribed{};  // specialise: std::tuple of fields
template <class T>
inline constexpr std::string_view kShort{};  // the key that a bare scalar (or list) means: `redis: redis://…`
template <class T>
inline constexpr bool kApart = false;
template <class T, class... All>
concept OneOf = (std::same_as<T, All> || ...);
template <class T>
inline constexpr auto kWords = Undescribed{};  // enums: words<E>({{"roll-back", E::roll_back}, …})
template <class T, std::size_t N>
consteval auto words(const std::pair<std::string_view, T> (&w)[N]) {
  return std::to_array(w);
}

template <class T>
concept Described = kApart<T> || !std::same_as<std::remove_cvref_t<decltype(kFields<T>)>, Undescribed>;
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

// Every key of `v` that is not in `known` is a mistake; true when there is none.
bool only_known_keys(const Value& v, std::span<const std::string_view> known, Diagnostics&);

// What the core knows of T.
template <class T>
inline constexpr const core::Handling* kItem = nullptr;
template <class T>
inline constexpr core::Handling kHandling{
    [](const Value& v, void* out, Diagnostics& d) { return Codec<T>::decode(v, *static_cast<T*>(out), d); },
    [](const void* t) { return Codec<T>::encode(*static_cast<const T*>(t)); }, [] { return Codec<T>::schema(); },
    kItem<T>,
    [] {
      if constexpr (Described<T>)
        return &Codec<T>::table;
      else
        return nullptr;
    }()};
template <class T>
inline constexpr const core::Handling* kItem<std::vector<T>> = &kHandling<T>;

template <class T>
std::vector<std::string_view> keys_of() {
  return core::keys(Codec<T>::table());
}

// Leaves.
template <class T>
struct Codec {
  static bool decode(const Value& v, T& out, Diagnostics& d) {
    auto parsed = Leaf<T>::parse(v);
    if (parsed) out = std::move(*parsed);
    return parsed || core::expected(Leaf<T>::kNoun, v, d);
  }
  static Json encode(const T& t) { return Leaf<T>::print(t); }
  static Json schema() { return Leaf<T>::schema(); }
};

template <Worded T>
struct Codec<T> {
  static bool decode(const Value& v, T& out, Diagnostics& d) {
    auto word = core::decode_word(kNames, v, d);
    if (word) out = kWords<T>[*word].second;
    return word.has_value();
  }
  static Json encode(const T& t) {
    for (auto& [name, value] : kWords<T>)
      if (value == t) return std::string(name);
    return nullptr;
  }
  static Json schema() { return core::schema_of_words(kNames); }

 private:
  static constexpr auto kNames = [] {
    std::array<std::string_view, kWords<T>.size()> out;
    std::ranges::transform(kWords<T>, out.begin(), [](auto& word) { return word.first; });
    return out;
  }();
};

// The table as it stands beside T, or before where this is used first.
template <class T>
struct MadeTable {
  static const core::Table& get() {
    static_assert(right(mistake_in<T>(kFields<T>, kShort<T>)));
    static const T& plain = *new T{};  // never destroyed: a thread may still encode when the program ends
    static const auto rows = rows_of(plain, std::make_index_sequence<std::tuple_size_v<decltype(kFields<T>)>>());
    static const core::Table all{rows, kShort<T>, &plain};
    return all;
  }

 private:
  template <std::size_t... I>
  static auto rows_of(const T& plain, std::index_sequence<I...>) {
    return std::array<core::Row, sizeof...(I)>{row(plain, std::get<I>(kFields<T>))...};
  }
  template <class M>
  static core::Row row(const T& plain, const Field<T, M>& f) {
    auto place = [](const void* p) { return static_cast<const std::byte*>(p); };
    return {f.key, f.doc, f.required, place(&(plain.*f.member)) - place(&plain), &kHandling<M>};
  }
};
template <class T>
const core::Table& table_of();  // of a struct whose table stands apart

template <Described T>
struct Codec<T> {
  static bool decode(const Value& v, T& out, Diagnostics& d) { return core::decode(table(), v, &out, d); }
  static Json encode(const T& t) { return core::encode(table(), &t); }
  static Json schema() { return core::schema(table()); }
  static const core::Table& table() {
    if constexpr (kApart<T>)
      return table_of<T>();
    else
      return MadeTable<T>::get();
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
    if (!v.list()) return core::expected("a list", v, d);
    bool ok = true;
    for (auto& item : *v.list()) ok &= spec::decode(item, out.emplace_back(), d);
    return ok;
  }
  static Json encode(const std::vector<T>& all) {
    auto out = Json::array();
    for (auto& item : all) out.push_back(spec::encode(item));
    return out;
  }
  static Json schema() { return core::schema_of_list(spec::schema<T>()); }
};

template <class T>
struct Codec<std::map<std::string, T>> {
  static bool decode(const Value& v, std::map<std::string, T>& out, Diagnostics& d) {
    if (!v.map()) return core::expected("a map", v, d);
    bool ok = true;
    for (auto& entry : *v.map()) ok &= spec::decode(entry.value, out[entry.key], d);
    return ok;
  }
  static Json encode(const std::map<std::string, T>& all) {
    auto out = Json::object();
    for (auto& [key, item] : all) out[key] = spec::encode(item);
    return out;
  }
  static Json schema() { return core::schema_of_map(spec::schema<T>()); }
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
  static bool decode(const Value& v, Variant& out, Diagnostics& d) { return core::decode(kAll, v, &out, d); }
  static Json encode(const Variant& v) { return core::encode(kAll[v.index()], &v); }
  static Json schema() { return core::schema(kAll); }

 private:
  static constexpr core::Alternative kAll[] = {
      {Ts::kName, &kHandling<Ts>, [](void* v) -> void* { return &static_cast<Variant*>(v)->template emplace<Ts>(); },
       [](const void* v) -> const void* { return std::get_if<Ts>(static_cast<const Variant*>(v)); }}...};
};

}  // namespace davy::spec
