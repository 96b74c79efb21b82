#include "ports/expect.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "spec/measure.h"

namespace davy::ports {
namespace {

using spec::Condition;
using spec::Operator;

std::string name_of(const Condition& c) { return c.field.empty() ? c.series : c.series + "." + c.field; }

std::optional<std::string> word_of(const Observation& o, const std::string& name) {
  if (auto it = o.words.find(name); it != o.words.end()) return it->second;
  if (auto it = o.numbers.find(name); it != o.numbers.end()) return fmt::format("{:.10g}", it->second);
  return {};
}

std::string not_seen(const Observation& o, const std::string& name) {
  std::vector<std::string> names;
  for (auto& [key, value] : o.numbers) names.push_back(key);
  for (auto& [key, value] : o.words)
    if (!o.numbers.contains(key)) names.push_back(key);
  return fmt::format("{}: saw no `{}`, only {}", o.says, name, joined(names, ", "));
}

constexpr std::size_t kShown = 80, kRaw = 500;

// A word that is not as expected.
Miss miss_of(const Condition& c, const std::string& word) {
  auto shown = printable(word.substr(0, kShown));
  return {fmt::format("{} is {}, expected {}", name_of(c), shown, c.text), c.text, shown,
          printable(word.substr(0, kRaw), true)};
}

Miss cannot_tell(const Condition& c, std::string says) {
  return {.says = std::move(says), .expected = c.text, .blind = true};
}

std::optional<Miss> missed_word(const Observation& o, const Condition& c) {
  auto seen = word_of(o, name_of(c));
  if (!seen) return cannot_tell(c, not_seen(o, name_of(c)));
  if (spec::holds(*seen, c)) return {};
  return miss_of(c, *seen);
}

// A share of what is a part is its share of the whole: `free > 10%`.
std::optional<double> number_of(const Observation& o, const Condition& c) {
  auto it = o.numbers.find(name_of(c));
  if (it == o.numbers.end()) return {};
  auto part = o.part_of.find(name_of(c));
  if (part == o.part_of.end() || c.value.unit != spec::Unit::ratio) return it->second;
  auto whole = o.numbers.find(part->second);
  return whole != o.numbers.end() && whole->second > 0 ? std::optional(it->second / whole->second) : std::nullopt;
}

// By what it is not well, unless conditions decide about all of that.
std::optional<Miss> unwell(const Observation& o, const std::vector<Condition>& expect) {
  if (o.ok) return {};
  auto found = [&](std::string says) { return Miss{.says = std::move(says), .found = o.says}; };
  std::vector<std::string> open;
  for (auto& name : o.unwell)
    if (std::ranges::find(expect, name, name_of) == expect.end()) open.push_back("`" + name + "`");
  if (open.empty() && !o.unwell.empty()) return {};
  if (open.empty() || expect.empty()) return found(o.says);
  return found(fmt::format("{}; `expect` says nothing of {}", o.says, joined(open, ", ")));
}

// 30 of what says no unit is not 30d.
std::optional<std::string> unlike(const Observation& o, const Condition& c) {
  auto unit = o.units.find(name_of(c));
  if (unit == o.units.end() || spec::comparable(c, unit->second)) return {};
  auto seen = spec::print({o.numbers.at(name_of(c)), unit->second});
  return fmt::format("{} is {}, which does not compare with {}", name_of(c), seen, spec::print(c.value));
}

// A number that is not as expected.
Miss miss_of(const Observation& o, const Condition& c, double seen) {
  auto shown = spec::print({seen, c.value.unit});
  return {fmt::format("{} is {}, expected {}", name_of(c), shown, c.text), c.text, shown,
          fmt::format("{}", o.numbers.at(name_of(c)))};
}

std::optional<Miss> missed_number(const Observation& o, const Condition& c) {
  if (auto wrong = unlike(o, c)) return cannot_tell(c, *wrong);
  if (auto seen = number_of(o, c)) return spec::compare(*seen, c) ? std::nullopt : std::optional(miss_of(o, c, *seen));
  auto word = o.words.find(name_of(c));
  if (word == o.words.end()) return cannot_tell(c, not_seen(o, name_of(c)));
  auto out = miss_of(c, word->second);
  out.says = fmt::format("{} is `{}`, not a number, expected {}", name_of(c), out.found, c.text);
  return out;
}

std::optional<Miss> missed_one(const Observation& o, const Condition& c) {
  if (spec::of_slope(c.op) || c.relative())
    return cannot_tell(c, fmt::format("`{}` needs a signal, one look cannot tell", c.text));
  return spec::of_words(c.op) ? missed_word(o, c) : missed_number(o, c);
}

// What was found, of a condition that holds.
Miss met(const Observation& o, const Condition& c) {
  auto out = spec::of_words(c.op) ? miss_of(c, *word_of(o, name_of(c))) : miss_of(o, c, *number_of(o, c));
  out.says = fmt::format("{} is {} ({})", name_of(c), out.found, c.text), out.expected = "not " + c.text;
  return out;
}

}  // namespace

std::optional<Miss> missed(const Observation& o, const std::vector<Condition>& expect) {
  if (auto wrong = unwell(o, expect)) return wrong;
  for (auto& c : expect)
    if (auto wrong = missed_one(o, c)) return wrong;
  return {};
}

std::optional<Miss> warned(const Observation& o, const std::vector<Condition>& degraded) {
  for (auto& c : degraded) {
    auto miss = missed_one(o, c);
    if (!miss) return met(o, c);
    bool told = !miss->blind && (spec::of_words(c.op) || number_of(o, c));
    if (told) continue;
    miss->says = fmt::format("cannot tell whether {}: {}", c.text, miss->says), miss->expected = "not " + c.text;
    return miss;
  }
  return {};
}

std::set<std::string> wanted(const std::vector<Condition>& expect) {
  std::set<std::string> out;
  for (auto& c : expect) out.insert(name_of(c));
  return out;
}

Duration held(const std::vector<Condition>& expect) {
  Duration out{};
  for (auto& c : expect) out = std::max(out, c.held);
  return out;
}

}  // namespace davy::ports
