// A platform that replaces one release by the other by itself, one instance after the other.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;
using ports::Replacing;

constexpr Duration kOneIsReplaced = 2s, kIsCalledStuck = 30s;

std::string service_of(const std::string& release) { return release.substr(0, release.find('@')); }

}  // namespace

int Reality::replaced(const Roll& roll) const {
  bool never = quality == Quality::never_healthy || quality == Quality::dies_at_once;
  if (candidate(roll.release) && never) return 0;
  return static_cast<int>(std::min<Duration::rep>((now - roll.began) / kOneIsReplaced, kInstances));
}

void Reality::roll(const std::string& service, const std::string& release, const std::string& as) {
  auto& newest = rolls[service];
  if (newest.release == release) return;
  newest = {release, as, now};
  shares[service] = share_of_candidate(service);
  ++started;
}

void Reality::rolls_go_on() {
  for (auto& [service, one] : rolls) {
    auto there = replaced(one);
    for (int i = 0; i < there; ++i)
      if (!instances[one.release].contains(i)) {
        instances[one.release][i] = {true, true, one.as};
        servers[one.release + ":" + std::to_string(i)] = {one.release, 256, false};
        proven.insert(one.release);
      }
    for (auto& [release, all] : instances)
      if (release != one.release && release.starts_with(service + "@"))
        std::erase_if(all, [&](auto& entry) { return entry.first >= kInstances - there; });
    std::erase_if(instances, [](auto& entry) { return entry.second.empty(); });
    std::erase_if(servers, [&](auto& entry) {
      auto& release = entry.second.release;
      auto index = std::stoi(entry.first.substr(entry.first.rfind(':') + 1));
      return release.starts_with(service + "@") && !(instances.contains(release) && instances[release].contains(index));
    });
  }
}

void Reality::say_what_is_due() {
  for (auto& [key, saying] : sayings)
    if (saying.ends <= now)
      if (auto says = std::exchange(saying.says, nullptr)) says();
}

void Reality::end_commands(const std::string& key) {
  auto is_of_it = [&](auto& entry) { return entry.first == key || entry.first.starts_with(key + "-"); };
  for (auto& entry : commands)
    if (is_of_it(entry) && entry.second.ends > now) entry.second.ends = now, entry.second.exit_code = 143;
  for (auto& entry : sayings)
    if (is_of_it(entry) && entry.second.says) entry.second = {now, nullptr, true};
}

bool Reality::goes_to_candidate(const std::string& service) const {
  auto it = rolls.find(service);
  return it != rolls.end() && candidate(it->second.release);
}

// Its words for what stands are of no use to anybody else.
ports::Task<spec::Value> SimRoller::found(const ports::Asking& who) {
  auto service = who.variables.find("service");
  co_await life.sleep(1ms);
  if (service == who.variables.end()) co_return fail(Code::invalid, "of which service?");
  for (auto& [release, all] : life.reality.instances)
    if (service_of(release) == service->second && !life.reality.candidate(release)) co_return spec::text(release);
  co_return spec::Value{};
}

// The command goes on whatever becomes of the call and of Davy; only the keeper ends it.
ports::Task<> SimRoller::say(std::string key, std::string what, std::function<void()> says) {
  auto& r = life.reality;
  if (key.empty()) co_return fail(Code::internal, "a command without a key");
  co_await life.act();
  if (r.chance(r.faults.transient)) co_return fail(Code::unavailable, what + ": no answer");
  auto until = r.now + (r.chance(0.2) ? r.between(1s, 20s) : r.between(1ms, 20ms));
  auto& saying = r.sayings.try_emplace(key, Saying{until, std::move(says)}).first->second;  // a key begins once
  co_await life.act();
  if (!co_await life.sleep_until(saying.ends)) co_return fail(Code::cancelled, what + ": cancelled");
  if (saying.killed) co_return fail(Code::unavailable, what + ": killed");
  if (r.chance(r.faults.lost_answers)) co_return fail(Code::unavailable, what + ": the answer was lost");
  co_return Result<>{};
}

ports::Task<> SimRoller::begin(const run::Release& to, const ports::Asking& who) {
  auto& r = life.reality;
  auto key = who.key + "-begin";
  return say(key, "ship " + to.id, [&r, key, id = to.id, as = spec::dump(spec::encode(to.as))] {
    if (r.retreating) r.violated("the way to " + id + " was begun on the way back");
    if (!r.chance(0.2)) return r.roll(service_of(id), id, as);
    // A push that its platform comes to hear of later.
    r.sayings["heard of " + key] = {r.now + r.between(1s, 40s), [&r, id, as] { r.roll(service_of(id), id, as); }};
  });
}

ports::Task<std::optional<Replacing>> SimRoller::find(const run::Release& release, const ports::Asking&) {
  auto& r = life.reality;
  auto id = release.id;
  co_await life.sleep(1ms);
  if (r.chance(r.faults.transient)) co_return fail(Code::unavailable, "how far " + id + " is: no answer");
  auto it = r.rolls.find(service_of(id));
  if (it == r.rolls.end() && r.well(id)) co_return Replacing{Replacing::State::done, {1}, ""};
  if (it == r.rolls.end() || it->second.release != id) co_return std::nullopt;
  auto there = r.replaced(it->second);
  Replacing out{.moved = {static_cast<double>(there) / kInstances}};
  if (there == kInstances) out.state = Replacing::State::done;
  if (r.candidate(id) && r.quality == Quality::dies_at_once) out.state = Replacing::State::failed;
  bool never = r.candidate(id) && r.quality == Quality::never_healthy;
  if (never && r.now - it->second.began > kIsCalledStuck) out.state = Replacing::State::stuck;
  co_return out;
}

ports::Task<> SimRoller::back(const run::Release& previous, const spec::Value& found, const ports::Asking& who) {
  auto& r = life.reality;
  if (found.null()) r.violated("back to a state that nobody read: " + previous.id);
  return say(who.key + "-back", "back to " + previous.id,
             [&r, id = previous.id, as = spec::dump(spec::encode(previous.as))] { r.roll(service_of(id), id, as); });
}

// The keeper says it to the platform itself.
ports::Task<std::vector<ports::Move>> SimPlatform::way_back(const run::Release& release, const ports::Asking&) {
  std::vector<ports::Move> out;
  auto service = service_of(release.id);
  if (life.reality.by_itself)
    out.push_back({.what = "traffic of " + service,
                   .acts = {{.address = service, .text = release.id}},
                   .proof = {.address = service, .text = "who"},
                   .expect = {release.id}});
  co_return out;
}

}  // namespace davy::testing
