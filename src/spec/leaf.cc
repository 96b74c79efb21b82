#include "spec/leaf.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace davy::spec {
namespace {

using namespace std::chrono_literals;

struct NumberAndUnit {
  double number;
  std::string_view unit;
};

std::optional<NumberAndUnit> number_and_unit(std::string_view s) {
  double n{};
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), n, std::chars_format::fixed);
  if (error != std::errc{} || !std::isfinite(n) || n < 0) return {};
  return NumberAndUnit{n, trimmed(s.substr(static_cast<std::size_t>(end - s.data())))};
}

constexpr std::pair<std::string_view, Duration> kDurationUnits[] = {{"d", 24h},  {"h", 1h},   {"m", 1min}, {"s", 1s},
                                                                    {"ms", 1ms}, {"us", 1us}, {"ns", 1ns}};
constexpr std::pair<std::string_view, double> kByteUnits[] = {
    {"B", 1},    {"KB", 1e3},   {"MB", 1e6},      {"GB", 1e9},         {"TB", 1e12},
    {"kB", 1e3}, {"KiB", 1024}, {"MiB", 1048576}, {"GiB", 1073741824}, {"TiB", 1099511627776}};

}  // namespace

std::optional<double> byte_unit(std::string_view unit) {
  for (auto [name, factor] : kByteUnits)
    if (name == unit) return factor;
  return {};
}

std::optional<Duration> duration_unit(std::string_view unit) {
  for (auto [name, factor] : kDurationUnits)
    if (name == unit) return factor;
  return {};
}

std::optional<bool> Leaf<bool>::parse(const Value& v) {
  if (auto b = std::get_if<bool>(&v.is)) return *b;
  auto s = v.text();
  if (!s) return {};
  if (*s == "on" || *s == "true") return true;
  if (*s == "off" || *s == "false") return false;
  return {};
}

std::optional<double> Leaf<double>::parse(const Value& v) {
  auto s = scalar_text(v);
  if (!s || std::holds_alternative<bool>(v.is)) return {};
  double n{};
  auto [end, error] = std::from_chars(s->data(), s->data() + s->size(), n);
  return error == std::errc{} && end == s->data() + s->size() && std::isfinite(n) ? std::optional(n) : std::nullopt;
}

std::optional<Duration> Leaf<Duration>::parse(const Value& v) {
  auto s = scalar_text(v);
  auto parts = s ? number_and_unit(*s) : std::nullopt;
  auto unit = parts ? duration_unit(parts->unit) : std::nullopt;
  if (!unit) return {};
  auto ns = parts->number * static_cast<double>(unit->count());
  if (ns > 9e18) return {};
  return Duration(static_cast<std::int64_t>(std::llround(ns)));
}

Json Leaf<Duration>::print(Duration d) {
  for (auto [name, factor] : kDurationUnits)
    if (d.count() != 0 && d.count() % factor.count() == 0) return fmt::format("{}{}", d.count() / factor.count(), name);
  return "0s";
}

std::optional<Time> Leaf<Time>::parse(const Value& v) {
  auto n = Leaf<std::int64_t>::parse(v);
  return n ? std::optional(Time(Duration(*n))) : std::nullopt;
}

std::optional<Ratio> Leaf<Ratio>::parse(const Value& v) {
  auto s = scalar_text(v);
  auto parts = s ? number_and_unit(*s) : std::nullopt;
  if (!parts || parts->unit != "%" || parts->number > 100) return {};
  return Ratio{parts->number / 100};
}

Json Leaf<Ratio>::print(Ratio r) { return fmt::format("{:.12g}%", r.value * 100); }

std::optional<Bytes> Leaf<Bytes>::parse(const Value& v) {
  auto s = scalar_text(v);
  auto parts = s ? number_and_unit(*s) : std::nullopt;
  auto unit = parts ? byte_unit(parts->unit) : std::nullopt;
  if (!unit || parts->number * *unit > 9e18) return {};
  return Bytes{static_cast<std::int64_t>(std::llround(parts->number * *unit))};
}

Json Leaf<Bytes>::print(Bytes b) { return std::to_string(b.value) + " B"; }

}  // namespace davy::spec
