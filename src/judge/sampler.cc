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

}  // namespace

std::vector<Window> Sampler::take(const Window& w, const std::vector<run::Subject>& subjects,
                                  std::optional<Time> exposed) {
  std::vector<Window> out;
  auto close = [&] {
    if (gathers()) out.push_back(std::exchange(open_, {}));
  };
  bool alone = in_trouble(w, subjects), began = exposed && gathers() && open_.from < *exposed && *exposed < w.to;
  if (alone || began) close();
  if (gathers())
    open_.merge(w);
  else
    open_ = w;
  if (alone || open_.length() >= kGrain) close();
  return out;
}

std::optional<Window> Sampler::rest() {
  if (!gathers()) return {};
  return std::exchange(open_, {});
}

}  // namespace davy::judge
