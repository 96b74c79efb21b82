#include "testing/reality.h"

namespace davy::testing {

using namespace std::chrono_literals;

Duration Reality::between(Duration least, Duration most) {
  return least + Duration(static_cast<std::int64_t>(uniform() * static_cast<double>((most - least).count())));
}

double Reality::share_of_candidate() const {
  int all = 0, mine = 0;
  for (auto& [address, server] : servers)
    if (!server.maint) all += server.weight, mine += candidate(server.release) ? server.weight : 0;
  return all == 0 ? 0 : static_cast<double>(mine) / all;
}

bool Reality::serving() const {
  for (auto& [address, server] : servers)
    if (!server.maint && server.weight > 0) return true;
  return false;
}

void Reality::check_traffic(const std::string& after) {
  if (!in_place && !serving()) violated("weights sum to zero after " + after);
  for (auto& [address, server] : servers) {
    if (server.maint || server.weight == 0) continue;
    if (!proven.contains(server.release))
      violated(server.release + " has users and never passed a health check, after " + after);
    bool alive = false;
    for (auto& [index, instance] : instances[server.release]) alive |= instance.alive;
    if (!alive && !maintenance) violated(server.release + " has users and does not run, after " + after);
  }
}

void Reality::keeper_watches() {
  if (!keeper_alive || !armed || now - last_judged < 15s) return;
  taken = {now, armed->says};
  armed.reset();
  bool previous_there = false;
  for (auto& [address, server] : servers) previous_there |= !candidate(server.release);
  if (!previous_there) return;
  for (auto& [address, server] : servers) {
    server.maint = candidate(server.release);
    server.weight = candidate(server.release) ? 0 : 256;
  }
}

void Reality::keeper_dies() {
  keeper_alive = false;
  armed.reset();
  for (auto& [key, command] : commands)
    if (!command.ended && command.ends > now) command.seen = false;
}

}  // namespace davy::testing
