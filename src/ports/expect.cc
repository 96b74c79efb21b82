#include "ports/expect.h"

#include <fmt/format.h>

#include "base/text.h"

namespace davy::ports {
namespace {

std::string name_of(const spec::Condition& c) { return c.field.empty() ? c.series : c.series + "." + c.field; }

std::string seen_as(double value, spec::Unit like) { return spec::print({value, like}); }

std::optional<std::string> unmet_word(const Observation& seen, const spec::Condition& c) {
  auto word = seen.words.find(name_of(c));
  std::string is;
  if (word != seen.words.end())
    is = word->second;
  else if (auto number = seen.numbers.find(name_of(c)); number != seen.numbers.end())
    is = fmt::format("{}", number->second);
  else
    return fmt::format("there is no {} in the answer", name_of(c));
  if ((is == c.word) == (c.op == spec::Operator::is)) return {};
  return fmt::format("{} is {}, expected {} {}", name_of(c), printable(is.substr(0, 100)),
                     c.op == spec::Operator::is ? "" : "not", c.word);
}

std::optional<std::string> unmet_one(const Observation& seen, const spec::Condition& c) {
  if (c.op == spec::Operator::is || c.op == spec::Operator::is_not) return unmet_word(seen, c);
  auto number = seen.numbers.find(name_of(c));
  if (number == seen.numbers.end())
    return fmt::format("there is no number {} in the answer: {}", name_of(c), seen.says);
  if (spec::compare(number->second, c)) return {};
  return fmt::format("{} is {}, expected {}", name_of(c), seen_as(number->second, c.value.unit), c.text);
}

}  // namespace

std::optional<std::string> unmet(const Observation& seen, const std::vector<spec::Condition>& expect) {
  if (expect.empty()) return seen.ok ? std::nullopt : std::optional(seen.says.empty() ? "not well" : seen.says);
  for (auto& condition : expect)
    if (auto wrong = unmet_one(seen, condition)) return wrong;
  return {};
}

}  // namespace davy::ports
