#include "judge/sampler.h"

#include <algorithm>
#include <utility>

namespace davy::judge {
namespace {

bool in_trouble(const Window& w, const std::vector<run::Subject>& subjects) {
  return std::ranges::any_of(subjects, [&](auto& subject) {
    auto own = w.releases.find(subject.candidate.id);
    return own != w.releases.end() && own->second.trouble() > 0;
  });
}

constexpr Duration kFine = std::chrono::hours(1), kMiddling = std::chrono::hours(24);

}  // namespace

Duration grain_at(Duration age) {
  if (age < kFine) return Sampler::kGrain;
  return age < kMiddling ? std::chrono::seconds(10) : std::chrono::minutes(1);
}

std::vector<Window> Sampler::take(const Window& w, const std::vector<run::Subject>& subjects,
                                  std::optional<Time> exposed) {
  std::vector<Window> out;
  auto close = [&] {
    if (gathers()) out.push_back(std::exchange(open_, {}));
  };
  if (!first_) first_ = w.from;
  auto grain = grain_at(w.from - (exposed && *exposed < w.from ? *exposed : *first_));
  bool alone = grain == kGrain && in_trouble(w, subjects),
       began = exposed && gathers() && open_.from < *exposed && *exposed < w.to;
  bool otherwise = grain > kGrain && gathers() && (open_.complete != w.complete || open_.asked != w.asked);
  if (alone || began || otherwise) close();
  if (gathers())
    open_.merge(w);
  else
    open_ = w;
  if (alone || open_.length() >= grain)
    close();
  else if (grain > kGrain && (open_.to - told_ >= kGrain || open_.from > told_))
    out.push_back(open_), told_ = open_.to;
  return out;
}

std::optional<Window> Sampler::rest() {
  if (!gathers()) return {};
  return std::exchange(open_, {});
}

}  // namespace davy::judge
