#include "engine/run/alone.h"

namespace davy::engine {
namespace {

constexpr Duration kDownFor = std::chrono::seconds(2);
constexpr Duration kPause = std::chrono::milliseconds(200);

}  // namespace

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

ports::Task<bool> stays_down(ports::Router& router, ports::Clock& clock, const std::vector<ports::Endpoint>& endpoints,
                             const run::Release& release, const ports::Asking& who, Down& down) {
  for (;;) {
    auto served = co_await router.read(endpoints, who);
    if (!served) co_return std::unexpected(served.error());
    auto now = clock.now();
    if (!is_down(*served, endpoints, release)) co_return down.erase(release.id), false;
    auto& since = down[release.id];
    if (now - since.last > kDownFor) since.first = now;  // nobody looked for so long
    since.last = now;
    if (now - since.first >= kDownFor) co_return true;
    if (auto slept = co_await clock.sleep_until(now + kPause); !slept) co_return std::unexpected(slept.error());
  }
}

}  // namespace davy::engine
