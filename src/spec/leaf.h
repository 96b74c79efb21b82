// The leaves of every table: how one scalar is read, printed and described. A new kind of leaf is one specialisation.
#pragma once
#include <charconv>
#include <concepts>

#include "base/time.h"
#include "base/units.h"
#include "spec/json.h"

namespace davy::spec {

// parse(Value) -> optional<T>; print(T) -> Json; schema() -> Json; kNoun: how a message names what was expected.
template <class T>
struct Leaf;

template <>
struct Leaf<std::string> {
  static constexpr std::string_view kNoun = "a text";
  static std::optional<std::string> parse(const Value& v) { return scalar_text(v); }
  static Json print(const std::string& s) { return s; }
  static Json schema() { return {{"type", {"string", "number", "boolean"}}}; }
};

template <>
struct Leaf<bool> {
  static constexpr std::string_view kNoun = "on or off";
  static std::optional<bool> parse(const Value&);
  static Json print(bool b) { return b; }
  static Json schema() { return {{"enum", {true, false, "on", "off"}}}; }
};

template <std::integral I>
struct Leaf<I> {
  static constexpr std::string_view kNoun = "a whole number";
  static std::optional<I> parse(const Value& v) {
    auto s = scalar_text(v);
    I n{};
    if (!s || std::holds_alternative<bool>(v.is)) return {};
    auto [end, error] = std::from_chars(s->data(), s->data() + s->size(), n);
    return error == std::errc{} && end == s->data() + s->size() ? std::optional(n) : std::nullopt;
  }
  static Json print(I n) { return n; }
  static Json schema() { return {{"type", "integer"}}; }
};

template <>
struct Leaf<double> {
  static constexpr std::string_view kNoun = "a number";
  static std::optional<double> parse(const Value&);
  static Json print(double d) { return d; }
  static Json schema() { return {{"type", "number"}}; }
};

template <>
struct Leaf<Duration> {
  static constexpr std::string_view kNoun = "a duration such as 500ms, 30s, 5m, 2h or 3d";
  static std::optional<Duration> parse(const Value&);
  static Json print(Duration);  // exact: the largest unit that divides it
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^\d+(\.\d+)?(ns|us|ms|s|m|h|d)$)"}}; }
};

template <>
struct Leaf<Time> {
  static constexpr std::string_view kNoun = "nanoseconds since 1970";
  static std::optional<Time> parse(const Value&);
  static Json print(Time t) { return t.time_since_epoch().count(); }
  static Json schema() { return {{"type", "integer"}}; }
};

template <>
struct Leaf<Ratio> {
  static constexpr std::string_view kNoun = "a percentage such as 5%";
  static std::optional<Ratio> parse(const Value&);
  static Json print(Ratio);
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^\d+(\.\d+)?%$)"}}; }
};

template <>
struct Leaf<Bytes> {
  static constexpr std::string_view kNoun = "a size such as 512 KB, 10 GB or 4 GiB";
  static std::optional<Bytes> parse(const Value&);
  static Json print(Bytes);
  static Json schema() { return {{"type", "string"}, {"pattern", R"(^\d+(\.\d+)? ?(B|[KMGT]i?B)$)"}}; }
};

// "10 GB" -> 1e10; used by the threshold language too. Nothing when the unit is unknown.
std::optional<double> byte_unit(std::string_view unit);
std::optional<Duration> duration_unit(std::string_view unit);

}  // namespace davy::spec
