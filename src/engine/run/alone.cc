#include "engine/run/alone.h"

namespace davy::engine {

bool is_down(const std::vector<ports::Served>& served, const std::vector<ports::Endpoint>& endpoints,
             const run::Release& release) {
  if (release.none()) return false;
  bool known = false, runs = false;
  for (auto& one : served) {
    if (one.release != release.id) continue;
    if (one.up) return false;
    known = true;
  }
  for (auto& e : endpoints) runs |= e.release == release.id && e.alive;
  return known || !runs;
}

}  // namespace davy::engine
