#include "testing/reality.h"

#include <algorithm>

namespace davy::testing {

using namespace std::chrono_literals;

Duration Reality::between(Duration least, Duration most) {
  return least + Duration(static_cast<std::int64_t>(uniform() * static_cast<double>((most - least).count())));
}

double Reality::share_of_candidate(const std::string& service) const {
  int all = 0, mine = 0;
  for (auto& [address, server] : servers)
    if (!server.maint && server.release.starts_with(service))
      all += server.weight, mine += candidate(server.release) ? server.weight : 0;
  return all == 0 ? 0 : static_cast<double>(mine) / all;
}

bool Reality::anybody(const std::string& service) const {
  return std::ranges::any_of(servers, [&](auto& entry) {
    auto& server = entry.second;
    return server.release.starts_with(service) && !server.maint && server.weight > 0;
  });
}

bool Reality::serving() const {
  return std::ranges::all_of(services, [&](auto& service) { return anybody(service); });
}

// Half a minute is more than anything that a router's turn may have to wait for.
void Reality::time_passes() {
  say_what_is_due();
  rolls_go_on();
  bool due = goes_quietly > Duration{} && met_users && now >= *met_users + goes_quietly;
  if (due && !gone_quietly && share_of_candidate() > 0) gone_quietly = true, all_die(true);
  if (now >= forgets_at && !closed) {  // what befalls it later is no run's any more
    forgets_at = Time::max();
    servers.clear();
    empty_since = now;
  }
  if (alone_since && answering()) alone_since.reset();
  if (alone_since && (!davy_lives || now < silent_until)) alone_since = now;
  if (alone_since && now - *alone_since > 30s) violated("nobody answers, and the candidate that could has no users");
  if (!empty_since) return;
  if (serving() || maintenance) return empty_since.reset();
  if (!davy_lives || now < silent_until) empty_since = now;
  if (now - *empty_since > 30s) violated("a router forgot all it was told, and nobody told it again for 30 s");
}

bool Reality::answering() const {
  return std::ranges::all_of(services, [&](const std::string& service) {
    return std::ranges::any_of(servers, [&](auto& entry) {
      auto& server = entry.second;
      return alive(server.release) && server.release.starts_with(service) && !server.maint && server.weight > 0;
    });
  });
}

void Reality::all_die(bool of_candidate) {
  for (auto& [release, all] : instances)
    if (candidate(release) == of_candidate)
      for (auto& [index, one] : all) one.alive = one.healthy = false;
}

bool Reality::alive(const std::string& release) const {
  auto it = instances.find(release);
  return it != instances.end() && std::ranges::any_of(it->second, [](auto& one) { return one.second.alive; });
}

bool Reality::well(const std::string& release) const {
  auto it = instances.find(release);
  return it != instances.end() &&
         std::ranges::any_of(it->second, [](auto& one) { return one.second.alive && one.second.healthy; });
}

void Reality::previous_dies() {
  outage = true;
  alone_since = now;
  all_die(false);
}

void Reality::check_traffic(const std::string& after) {
  time_passes();
  if (!in_place && !serving() && !empty_since) violated("weights sum to zero after " + after);
  for (auto& [address, server] : servers) {
    if (server.maint || server.weight == 0) continue;
    if (!proven.contains(server.release))
      violated(server.release + " has users and never passed a health check, after " + after);
    bool died_before = candidate(server.release) ? gone_quietly : outage;
    if (!alive(server.release) && !maintenance && !died_before)
      violated(server.release + " has users and does not run, after " + after);
  }
}

void Reality::check_way_back(const std::string& after) {
  for (auto& service : services) {
    bool left_alone = outage && !well(service + "@1~q");
    if (!anybody(service)) continue;
    auto now = share_of_candidate(service);
    if (left_alone) shares[service] = now;                  // better the candidate than nobody
    if (goes_to_candidate(service)) shares[service] = now;  // until the platform has heard of the way back
    auto& before = shares.try_emplace(service, now).first->second;
    if (retreating && now > before + 1e-6)
      violated(service + ": the way back gave the candidate more users, by " + after);
    before = now;
  }
}

void Reality::recorded(const ports::Record& record) {
  if (record.kind == "released" || record.kind == run::GivenBack::kName) retreating = false;  // nobody else is left
  bool away = record.kind == run::AttemptEnded::kName && record.body.contains("no users until it is tried again");
  if (leaves_alone && (away || (record.kind == run::SteppedAside::kName && chance(0.3))))
    leaves_alone = false, previous_dies();
  if (leaves_home && record.kind == run::AttemptEnded::kName && record.body.contains("all users are with"))
    leaves_home = false, previous_dies();
  if (record.kind != run::RetreatBegan::kName) return;
  auto event = run::decode(record.kind, spec::parse_json(record.body).value(), "what was recorded");
  bool all_the_way = std::get<run::RetreatBegan>(event.value()).then == run::Mode::ended;
  if (all_the_way && falls_silent) silent_until = now + between(1s, 1min);
  if (all_the_way) falls_silent = false, shares.clear(), check_way_back(""), retreating = true;
}

bool Reality::router_is_away(const ports::Move& move) const {
  return now < silent_until || move.acts.at(0).address == away;
}

// Between raising and lowering a move asks whether anybody at home is up: the candidate is not taken away before.
bool Reality::carry_out(const ports::Move& move) {
  const auto& service = move.acts.at(0).address;
  const auto& release = move.acts.at(0).text;
  if (by_itself && service != liar) roll(service, release, previous_as);
  if (by_itself) return share_of_candidate(service) == 0 && !goes_to_candidate(service);
  std::string who;
  for (auto& [index, one] : instances[release])
    if (one.alive) servers.try_emplace(release + ":" + std::to_string(index), release, 0, false);
  for (auto& [address, server] : servers) {
    if (!server.release.starts_with(service + "@")) continue;
    bool home = server.release == release;
    if (service != liar && (home || well(release))) server.maint = !home, server.weight = home ? 256 : 0;
    if (!server.maint && server.weight > 0 && !who.contains(server.release)) who += server.release;
  }
  return who == move.expect.at(0);
}

// Each move by itself: a router that is away or lies keeps no other from being asked.
void Reality::keeper_watches() {
  if (!keeper_alive || !armed || now - last_judged < armed->patience) return;
  ports::Guard::Taken done{.at = taken ? taken->at : now};
  bool carried_out = taken.has_value();
  for (auto& move : armed->moves) {
    bool away_now = router_is_away(move);
    carried_out |= !away_now;
    if (!away_now && carry_out(move))
      done.done.push_back(move.what);
    else
      done.open.push_back({move.what, away_now ? "no answer" : "its proof does not hold"});
  }
  if (!carried_out) return;
  if (!taken) taken_told = false;
  taken = done;
  if (done.open.empty()) armed.reset();
}

void Reality::keeper_dies() {
  keeper_alive = false;
  armed.reset();
  for (auto& [key, command] : commands)
    if (!command.ended && command.ends > now) command.seen = false;
}

}  // namespace davy::testing
