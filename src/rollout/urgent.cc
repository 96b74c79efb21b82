#include "rollout/urgent.h"

#include <fmt/format.h>

#include <algorithm>

#include "rollout/builder.h"

namespace davy::rollout {
namespace {

Duration needed(const spec::Condition& c) { return c.over + c.held; }

Duration needed(const run::Runbook& book, const run::Step& bake) {
  auto most = kLeastBake;
  for (auto& rule : book.rules) most = std::max(most, needed(rule.when));
  std::vector<spec::Condition> none;
  auto pass = bake.call.args.find("pass");
  auto conditions = pass ? spec::decoded<std::vector<spec::Condition>>(*pass, "pass").value_or(none) : none;
  for (auto& condition : conditions) most = std::max(most, needed(condition));
  return most;
}

void shorten(const run::Runbook& book, run::Step& step) {
  auto least = needed(book, step);
  if (step.call.port != "bake" || step.expected <= least) return;
  auto cut = bake(least, {}, step.on_trouble);
  step.says += fmt::format("; urgent: {}", human(least));
  step.timeout = cut.timeout, step.expected = least;
  for (auto& entry : std::get<spec::Map>(step.call.args.is))
    if (entry.key == "for") entry.value = spec::from_json(spec::encode(least));
}

// The steps that stay, and where each that its phase begins with has come to stand.
void leave_out_optional(run::Runbook& book) {
  std::vector<run::StepIx> now(book.steps.size() + 1);
  std::vector<run::Step> kept;
  for (std::size_t i = 0; i < book.steps.size(); ++i) {
    now[i] = static_cast<run::StepIx>(kept.size());
    if (!book.steps[i].optional) kept.push_back(std::move(book.steps[i]));
  }
  now.back() = static_cast<run::StepIx>(kept.size());
  auto move = [&](run::StepIx& index) {
    if (index != run::kNone) index = now[static_cast<std::size_t>(index)];
  };
  for (auto& step : kept) move(step.phase), move(step.covers_first), move(step.covers_last);
  book.steps = std::move(kept);
}

}  // namespace

void hasten(run::Runbook& book) {
  leave_out_optional(book);
  for (auto& step : book.steps) shorten(book, step);
  book.urgent = true;
}

}  // namespace davy::rollout
