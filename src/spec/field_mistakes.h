// The rows of a table of fields, and what can be wrong with them: found by the compiler, which says which row it is.
#pragma once
#include <array>
#include <concepts>
#include <string_view>
#include <tuple>
#include <type_traits>

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

// What is wrong with which row; `what` is empty when nothing is.
struct Mistake {
  std::string_view row, what;
  bool operator==(const Mistake&) const = default;
};

// The first mistake in the table of T, or none. brief: the key that a bare scalar means, or empty.
template <class T, class... S, class... M>
consteval Mistake mistake_in(const std::tuple<Field<S, M>...>& table, std::string_view brief = {}) {
  constexpr std::size_t n = sizeof...(S);
  constexpr std::array<bool, n> own{std::same_as<S, T>...};
  auto keys = std::apply([](auto&... f) { return std::array<std::string_view, n>{f.key...}; }, table);
  auto docs = std::apply([](auto&... f) { return std::array<std::string_view, n>{f.doc...}; }, table);
  bool named = brief.empty();
  for (std::size_t i = 0; i < n; ++i) {
    if (keys[i].empty()) return {keys[i], "has no name"};
    if (!own[i]) return {keys[i], "is about a member of another struct"};
    if (docs[i].empty()) return {keys[i], "has no sentence"};
    for (std::size_t k = 0; k < i; ++k)
      if (keys[k] == keys[i]) return {keys[i], "is there twice"};
    named |= keys[i] == brief;
  }
  return named ? Mistake() : Mistake{brief, "is what a bare value means, and is missing"};
}

// For static_assert: never false, but no constant expression when there is a mistake, so that the compiler prints it,
// row and all, as what this was called with.
void a_row_of_this_table_is_wrong();
consteval bool right(Mistake mistake) {
  if (!mistake.what.empty()) a_row_of_this_table_is_wrong();
  return true;
}

}  // namespace davy::spec
