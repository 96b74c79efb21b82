#include "engine/run/trial.h"

#include <algorithm>

namespace davy::engine {
namespace {

constexpr Duration kLong = std::chrono::minutes(10);
constexpr int kTimes = 3;

}  // namespace

std::optional<run::Tried> Trial::see(const judge::Window& w, const run::State& state) {
  if (!run::on_trial(state)) return since_.reset(), std::nullopt;
  if (since_ != state.tried_again) *this = {}, since_ = state.tried_again;
  if (told_ || !w.complete || w.to <= *since_) return {};
  watched_ += std::min<Duration>(w.length(), w.to - *since_);
  for (auto& [release, tally] : w.releases)
    if (tally.requests > 0) met_.insert(release);
  bool long_enough = watched_ >= state.trial && all_met(state);
  bool asks = state.mode == run::Mode::forward && watched_ >= std::max<Duration>(kLong, kTimes * state.trial);
  told_ = long_enough || asks;  // a run that is held asks people already: whoever lets it go on is asked then
  return told_ ? std::optional(run::Tried{long_enough}) : std::nullopt;
}

bool Trial::all_met(const run::State& state) const {
  return std::ranges::all_of(run::giving_users(state, state.count()), [&](auto step) {
    auto subject = static_cast<std::size_t>(state.step(step).subject);
    return met_.contains(state.runbook.subjects[subject].candidate.id);
  });
}

}  // namespace davy::engine
