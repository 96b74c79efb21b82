#include "judge/patience.h"

#include <algorithm>

#include "judge/numbers/series.h"
#include "judge/rehearsal.h"

namespace davy::judge {
namespace {

constexpr Duration kLeast = std::chrono::seconds(15);

// Of the signal that has this series: `database` of `database.pool_use`; the traffic itself for `error_rate`.
Duration every(const run::Setup& setup, const std::string& series) {
  auto name = series.substr(0, series.find('.'));
  const auto* signal = setup.signal(find_traffic_series(name) ? "traffic" : name);
  return signal ? signal->every : Duration::zero();
}

}  // namespace

Duration patience(const run::Runbook& book) {
  auto slowest = every(book.setup, "requests");  // the count test needs no rule
  auto needs = [&](const std::string& series) { slowest = std::max(slowest, every(book.setup, series)); };
  for (auto& rule : book.rules)
    if (rule.then == run::Consequence::roll_back && !rule.dry_run) needs(series_of(rule.when));
  for (auto& compared : book.compare)
    if (compared.then == run::Consequence::roll_back) needs(compared.series);
  for (auto& gate : gates_of(book))
    for (auto& condition : gate.pass) needs(series_of(condition));
  return std::max(kLeast, 3 * slowest);
}

}  // namespace davy::judge
