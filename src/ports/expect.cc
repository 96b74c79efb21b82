#include "ports/expect.h"

#include <fmt/format.h>

#include "base/text.h"

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

std::optional<std::string> unmet_word(const Observation& o, const Condition& c) {
  auto seen = word_of(o, name_of(c));
  if (!seen) return not_seen(o, name_of(c));
  if ((*seen == c.word) == (c.op == Operator::is)) return {};
  return fmt::format("{} is {}, expected {}", name_of(c), printable(seen->substr(0, 80)), c.text);
}

std::optional<std::string> unmet_number(const Observation& o, const Condition& c) {
  auto it = o.numbers.find(name_of(c));
  if (it != o.numbers.end() && spec::compare(it->second, c)) return {};
  if (it != o.numbers.end())
    return fmt::format("{} is {}, expected {}", name_of(c), spec::print({it->second, c.value.unit}), c.text);
  auto word = o.words.find(name_of(c));
  if (word == o.words.end()) return not_seen(o, name_of(c));
  return fmt::format("{} is `{}`, not a number, expected {}", name_of(c), printable(word->second.substr(0, 80)),
                     c.text);
}

}  // namespace

std::optional<std::string> unmet(const Observation& o, const std::vector<Condition>& expect) {
  if (expect.empty() && !o.ok) return o.says;
  for (auto& c : expect) {
    if (c.op == Operator::grows || c.op == Operator::rises || c.relative())
      return fmt::format("`{}` needs a signal, one look cannot tell", c.text);
    auto wrong = c.op == Operator::is || c.op == Operator::is_not ? unmet_word(o, c) : unmet_number(o, c);
    if (wrong) return wrong;
  }
  return {};
}

Duration held(const std::vector<Condition>& expect) {
  Duration out{};
  for (auto& c : expect) out = std::max(out, c.held);
  return out;
}

}  // namespace davy::ports
