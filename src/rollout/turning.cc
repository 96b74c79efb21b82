#include "rollout/turning.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"

namespace davy::rollout {
namespace {

// Longest first, so that `<=` is not read as `<`.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> kOpposites{{{"not in ", "in"},
                                                                                    {"is not ", "is"},
                                                                                    {"contains ", "lacks"},
                                                                                    {"lacks ", "contains"},
                                                                                    {"in ", "not in"},
                                                                                    {"is ", "is not"},
                                                                                    {"<=", ">"},
                                                                                    {">=", "<"},
                                                                                    {"!=", "="},
                                                                                    {"<", ">="},
                                                                                    {">", "<="},
                                                                                    {"==", "!="},
                                                                                    {"=", "!="}}};

// Where the operator stands: behind the name, and behind `over 15m`, which holds none of its signs.
std::size_t operator_in(const spec::Condition& c) {
  auto name = c.field.empty() ? c.series : c.series + "." + c.field;
  if (spec::of_slope(c.op) || !c.text.starts_with(name)) return c.text.npos;
  if (c.over > Duration{}) return c.text.find_first_of("<>=!", name.size());
  return c.text.find_first_not_of(' ', name.size());
}

spec::Value conditions(const run::Step& step, std::string_view key) {
  auto found = step.call.args.find(key);
  return found ? *found : spec::Value{};
}

// The step with the condition at `i` under `key` turned round. It is asked once: red is what is waited for.
run::Step with_turned(run::Step step, std::string_view key, std::size_t i, const std::string& round) {
  auto& args = std::get<spec::Map>(step.call.args.is);
  for (auto& entry : args)
    if (entry.key == key) std::get<spec::List>(entry.value.is).at(i) = spec::text(round);
  step.tries = 1;
  step.path += " ⊣ " + round;
  return step;
}

void turn(const run::Step& step, std::string_view key, Turning& out) {
  auto all = conditions(step, key);
  for (std::size_t i = 0; all.list() && i < all.list()->size(); ++i) {
    auto text = spec::scalar_text((*all.list())[i]).value_or("");
    auto condition = spec::parse_condition(text);
    auto round = condition ? turned_round(*condition) : std::nullopt;
    if (!round) continue;
    auto& added = out.book.steps.emplace_back(with_turned(step, key, i, *round));
    out.turned.push_back({step.path, added.path, text, *round, key == "degraded"});
  }
}

}  // namespace

// `grows > 1 MB/min` knows no `>=`.
static std::optional<std::string> slope_turned_round(const spec::Condition& c) {
  auto at = c.text.find_first_of("<>");
  if (at == c.text.npos) return {};
  auto out = c.text;
  out[at] = out[at] == '<' ? '>' : '<';
  return out;
}

std::optional<std::string> turned_round(const spec::Condition& c) {
  if (spec::of_slope(c.op)) return slope_turned_round(c);
  auto text = std::string_view(c.text);
  auto at = operator_in(c);
  if (at == text.npos) return {};
  auto before = trimmed(text.substr(0, at)), rest = text.substr(at);
  for (auto [sign, opposite] : kOpposites) {
    if (!rest.starts_with(sign)) continue;
    if (spec::of_range(c.op) && sign.starts_with('=')) opposite = "not in";  // `pool = 15..20`
    auto out = fmt::format("{} {} {}", before, opposite, trimmed(rest.substr(sign.size())));
    auto parsed = spec::parse_condition(out);
    return parsed && parsed->op != c.op ? std::optional(out) : std::nullopt;
  }
  return {};
}

Turning turning_of(const run::Runbook& checklists) {
  Turning out{.book = checklists};
  for (auto& step : checklists.steps) {
    if (step.call.port != "probe") continue;
    auto before = out.turned.size();
    turn(step, "expect", out), turn(step, "degraded", out);
    if (out.turned.size() == before) out.bare.push_back(step.path);
  }
  return out;
}

}  // namespace davy::rollout
