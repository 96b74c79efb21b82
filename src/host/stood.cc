#include "host/stood.h"

#include "judge/numbers/series.h"

namespace davy::host {
namespace {

constexpr judge::Least kLeast{.errors = 0};

// Of the first service of which anything is known.
const std::string& release_meant(const run::Subject& subject, const judge::Rolling& rolling) {
  return subject.previous.none() || rolling.tally(subject.candidate.id) ? subject.candidate.id : subject.previous.id;
}

}  // namespace

std::string how_it_stood(const std::string& series, const run::State& state,
                         const std::vector<judge::Window>& windows) {
  auto condition = spec::parse_series(series);
  if (!condition) return "not known";
  judge::Rolling rolling{std::chrono::minutes(1)};
  for (auto& window : windows) rolling.see(window);
  for (auto& subject : state.runbook.subjects) {
    auto seen = judge::read(*condition, rolling, release_meant(subject, rolling), kLeast);
    if (seen.number) return judge::said(*condition, *seen.number);
    if (seen.word) return *seen.word;
  }
  return "not known";
}

}  // namespace davy::host
