#include "spec/findings.h"

namespace davy::spec {
namespace {

bool is_pattern(const Finding& f) { return f.name.ends_with('*'); }

bool fits(const Finding& f, std::string_view name) {
  auto begin = std::string_view(f.name).substr(0, f.name.size() - 1);
  return is_pattern(f) && name.size() > begin.size() && name.starts_with(begin);
}

// A probe's `value` and a signal alone are what `unit:` of one word is about.
std::string_view in_measures(std::string_view name) { return name == "value" ? "" : name; }

}  // namespace

const Finding* Findings::find(std::string_view name) const {
  for (auto& one : all)
    if (one.name == name) return &one;
  const Finding* closest = nullptr;
  for (auto& one : all)
    if (fits(one, name) && (!closest || one.name.size() > closest->name.size())) closest = &one;
  return closest;
}

std::optional<Measured> Findings::measured(std::string_view name) const {
  auto found = find(name);
  if (!found) return {};
  if (found->as.kind == As::Kind::unit) return Measured{found->as.unit};
  if (found->as.kind == As::Kind::own) return Measured{units.of(in_measures(name)).unit, true};
  return {};
}

std::vector<std::string_view> Findings::names() const {
  std::vector<std::string_view> out;
  for (auto& one : all)
    if (!one.name.empty() && one.name != "*") out.push_back(one.name);
  return out;
}

std::string noun(const As& as) {
  if (as.kind == As::Kind::word) return "a word";
  if (as.kind == As::Kind::own) return "a word, or a number in the plan's `unit`";
  if (as.kind == As::Kind::any) return "a number";
  auto with_example = noun(as.unit);
  return std::string(with_example.substr(0, with_example.find(',')));
}

std::string example_of(const Finding& f) {
  if (f.as.kind == As::Kind::word || f.as.kind == As::Kind::own) return f.name + " is …";
  static constexpr std::pair<Unit, std::string_view> kUsual[] = {
      {Unit::ratio, " < 80%"}, {Unit::seconds, " < 1s"}, {Unit::bytes, " > 10 GB"}, {Unit::rate, " > 1/s"}};
  for (auto [unit, usual] : kUsual)
    if (f.as.kind == As::Kind::unit && f.as.unit == unit) return f.name + std::string(usual);
  return f.name + " = 0";
}

}  // namespace davy::spec
