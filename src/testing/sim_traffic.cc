#include <fmt/format.h>

#include <algorithm>

#include "testing/sim_ports.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;
using Endpoints = std::vector<ports::Endpoint>;

std::string address_of(const std::string& release, int index) { return fmt::format("{}:{}", release, index); }

// A router that is silent does nothing and says nothing.
ports::Task<> on_router(Life& life, std::string what, std::function<void()> body) {
  bool sent_before = !life.reality.retreating;
  co_await life.sleep(1ms);
  if (life.reality.now < life.reality.silent_until) co_return fail(Code::unavailable, what + ": connection refused");
  co_return co_await effect(life, std::move(what), sent_before, std::move(body));
}

}  // namespace

ports::Task<> effect(Life& life, std::string what, bool sent_before, std::function<void()> body) {
  auto& r = life.reality;
  co_await life.act();
  if (!co_await life.sleep_until(r.now + r.between(1ms, 20ms))) co_return fail(Code::cancelled, what + ": cancelled");
  if (r.chance(r.faults.transient)) co_return fail(Code::unavailable, what + ": no answer");
  body();
  r.check_traffic(what);
  if (sent_before) r.shares.clear();
  r.check_way_back(what);
  co_await life.act();
  if (r.chance(r.faults.lost_answers)) co_return fail(Code::unavailable, what + ": the answer was lost");
  co_return Result<>{};
}

// A platform by somebody's own commands, which need the secret and ask by the version: without them it would say that
// nothing runs.
void SimPlatform::told(const run::Release& release, const ports::Asking& who) {
  auto version = who.variables.find("version");
  if (!who.secrets.contains("TOKEN") || version == who.variables.end() || version->second != release.version)
    life.reality.violated("the platform was asked about " + release.id + " without its secret or version");
}

Endpoints SimPlatform::listed(const std::string& release) const {
  Endpoints out;
  auto it = life.reality.instances.find(release);
  if (it == life.reality.instances.end()) return out;
  for (auto& [index, one] : it->second) out.push_back({release, index, address_of(release, index), one.alive, ""});
  return out;
}

ports::Task<Endpoints> SimPlatform::instances(const run::Release& release, const ports::Asking& who) {
  told(release, who);
  co_return listed(release.id);
}

ports::Task<Endpoints> SimPlatform::start(const run::Release& release, int count, const ports::Asking& who) {
  auto& r = life.reality;
  auto id = release.id;
  auto as = spec::dump(spec::encode(release.as));
  told(release, who);
  for (int i = 0; i < count; ++i) {
    if (r.instances[id].contains(i) && r.instances[id][i].alive) continue;
    auto began = co_await effect(life, "start " + id, !r.retreating, [&r, id, i, as] {
      r.instances[id][i] = {true, false, as};
      ++r.started;
    });
    if (!began) co_return std::unexpected(began.error());
    if (r.from_files && r.code != release.version)
      r.violated(fmt::format("{} was started from the files of {}", id, r.code));
    if (r.from_files && !r.candidate(id) && r.schema != 1)
      r.violated(id + " was started on a schema that it cannot know");
  }
  if (r.candidate(id) && r.quality == Quality::dies_at_once) {
    r.instances[id].clear();
    co_return fail(Code::unavailable, "exit 1 after 0.2s");
  }
  if (r.candidate(id) && r.quality == Quality::never_healthy) {
    if (!co_await life.sleep_until(r.now + 30s)) co_return fail(Code::cancelled, "cancelled");
    co_return fail(Code::timed_out, "not healthy within 30s");
  }
  co_await life.sleep(r.between(100ms, 2s));
  for (auto& [index, one] : r.instances[id]) one.healthy = true;
  r.proven.insert(id);
  co_return listed(id);
}

ports::Task<> SimPlatform::stop(const run::Release& release, int keep, const ports::Asking& who) {
  auto& r = life.reality;
  auto id = release.id;
  told(release, who);
  if (r.both_can_run && r.candidate(id) && !r.well(id.substr(0, id.find('@')) + "@1~q"))
    r.violated(id + " is ended before the previous release is up");
  co_return co_await effect(life, "stop " + id, !r.retreating, [&r, id, keep] {
    std::erase_if(r.instances[id], [keep](auto& entry) { return entry.first >= keep; });
    if (r.instances[id].empty()) r.instances.erase(id), r.proven.erase(id);
    if (r.by_itself && r.rolls.erase(id.substr(0, id.find('@'))) > 0)
      std::erase_if(r.servers, [id](auto& entry) { return entry.second.release == id; });
  });
}

ports::Task<> SimPlatform::healthy(const run::Release& release, const ports::Asking& who) {
  told(release, who);
  co_await life.sleep(5ms);
  auto it = life.reality.instances.find(release.id);
  bool well = it != life.reality.instances.end() &&
              std::ranges::all_of(it->second, [](auto& one) { return one.second.alive && one.second.healthy; });
  if (!well) co_return fail(Code::unavailable, release.id + " is not well");
  co_return Result<>{};
}

// Of one that moves users itself; else its router knows.
ports::Task<std::vector<ports::Share>> SimPlatform::serves(const run::Release& release, const ports::Asking& who) {
  told(release, who);
  co_await life.sleep(5ms);
  std::vector<ports::Share> out;
  if (!life.reality.by_itself) co_return out;
  auto service = release.id.substr(0, release.id.find('@') + 1);
  std::map<std::string, int> weights;
  int all = 0;
  for (auto& [address, server] : life.reality.servers)
    if (server.release.starts_with(service)) weights[server.release] += server.weight, all += server.weight;
  for (auto& [name, weight] : weights)
    if (weight > 0) out.push_back({name, Ratio{static_cast<double>(weight) / all}});
  co_return out;
}

void SimRouter::told(const ports::Asking& who) {
  if (!who.secrets.contains("TOKEN")) life.reality.violated("the router was called without its secret");
}

bool SimRouter::up(const std::string& release) const {
  auto& r = life.reality;
  auto it = r.instances.find(release);
  if (it == r.instances.end()) return false;
  return std::ranges::any_of(r.servers, [&](auto& s) { return s.second.release == release; }) &&
         std::ranges::any_of(it->second, [](auto& i) { return i.second.alive && i.second.healthy; });
}

Duration SimRouter::forgets() const { return life.reality.forgetful ? 500ms : Duration::max(); }

void SimRouter::place(const Endpoints& endpoints) {
  for (auto& e : endpoints)
    if (e.alive && e.release.starts_with(service + "@"))
      life.reality.servers.try_emplace(e.address, e.release, 0, false);
}

void SimRouter::spread(const std::string& release, int weight) {
  for (auto& [address, server] : life.reality.servers)
    if (server.release == release) server.weight = weight, server.maint = false;
}

ports::Task<std::vector<ports::Served>> SimRouter::read(const Endpoints&, const ports::Asking& who) {
  told(who);
  std::vector<ports::Served> out;
  for (auto& [address, s] : life.reality.servers)
    if (is_mine(s))
      out.push_back({address, "", address, life.reality.stranger(s.release) ? "" : s.release, s.weight,
                     s.maint ? "maint" : "ready", up(s.release), 0});
  co_await life.sleep(1ms);
  if (life.reality.now < life.reality.silent_until) co_return fail(Code::unavailable, "read: connection refused");
  co_return out;
}

ports::Task<> SimRouter::attach(const Endpoints& endpoints, const ports::Asking& who) {
  told(who);
  auto& r = life.reality;
  co_return co_await on_router(life, "attach", [&r, endpoints] {
    for (auto& e : endpoints)
      if (!r.servers.contains(e.address)) r.servers[e.address] = {e.release, 0, false};
  });
}

// Raising and lowering are two effects: Davy may die between them.
ports::Task<> SimRouter::shift(const std::string& release, Ratio share, const std::string& rest,
                               const Endpoints& endpoints, const ports::Asking& who) {
  told(who);
  auto needed = endpoints;
  std::erase_if(needed, [&](auto& e) {
    return !(e.release == release && share.value > 0) && !(e.release == rest && share.value < 1);
  });
  place(needed);
  auto to = release, other = rest;
  auto mine = static_cast<int>(share.value * 256), theirs = 256 - mine;
  if (mine > 0 && !up(to)) co_return fail(Code::refused, to + " has no server that is up");
  if (theirs > 0 && !other.empty() && !up(other)) co_return fail(Code::refused, other + " has no server that is up");
  auto raised = co_await on_router(life, "raise " + to, [&] {
    spread(to, std::max(mine, 1));
    life.reality.moved.insert(service);
  });
  if (!raised) co_return raised;
  if (other.empty()) co_return Result<>{};
  co_return co_await on_router(life, "lower " + other, [&] {
    spread(other, theirs);
    for (auto& [address, server] : life.reality.servers)
      if (is_mine(server) && server.release != to && server.release != other) server.weight = 0;
  });
}

ports::Task<> SimRouter::restore(const std::vector<ports::Served>& found, const Endpoints& endpoints, Duration,
                                 const ports::Asking& who) {
  told(who);
  auto& r = life.reality;
  auto needed = endpoints;
  std::erase_if(needed,
                [&](auto& e) { return std::ranges::find(found, e.address, &ports::Served::address) == found.end(); });
  place(needed);
  bool anybody = std::ranges::any_of(found, [&](auto& s) { return s.weight > 0 && up(s.release); });
  bool somebody = std::ranges::any_of(found, [](auto& s) { return s.weight > 0; });
  if (somebody && !anybody) co_return fail(Code::refused, "nothing that had users before is up");
  auto before = found;
  auto raised = co_await on_router(life, "restore, raise", [&r, before] {
    for (auto& s : before)
      if (auto it = r.servers.find(s.address); it != r.servers.end() && s.weight > 0)
        it->second.weight = s.weight, it->second.maint = s.state == "maint";
  });
  if (!raised) co_return raised;
  co_return co_await on_router(life, "restore, lower", [this, &r, before] {
    for (auto& [address, server] : r.servers) {
      if (!is_mine(server)) continue;
      auto it = std::ranges::find(before, address, &ports::Served::address);
      if (it == before.end() || it->weight == 0) server.weight = 0;
    }
  });
}

ports::Task<> SimRouter::drain(const Endpoints& endpoints, Duration, const ports::Asking& who) {
  told(who);
  auto& r = life.reality;
  co_return co_await on_router(life, "drain", [&r, endpoints] {
    for (auto& e : endpoints)
      if (auto it = r.servers.find(e.address); it != r.servers.end()) it->second.weight = 0;
  });
}

ports::Task<> SimRouter::detach(const Endpoints& endpoints, const ports::Asking& who) {
  told(who);
  auto& r = life.reality;
  co_return co_await on_router(life, "detach", [&r, endpoints] {
    for (auto& e : endpoints) r.servers.erase(e.address);
  });
}

ports::Task<int> SimRouter::sessions(const Endpoints&, const ports::Asking&) { co_return 0; }
ports::Task<> SimRouter::maintenance(bool on, const std::string&, const ports::Asking&) {
  life.reality.maintenance = on;
  co_return Result<>{};
}

// The proof is who has users.
ports::Task<std::vector<ports::Move>> SimRouter::way_back(const run::Release& release, const Endpoints&,
                                                          const ports::Asking& who) {
  told(who);
  ports::Move move{.what = "traffic of " + service,
                   .acts = {{.address = service, .text = release.id}},
                   .proof = {.address = service, .text = "who"},
                   .expect = {release.id}};
  co_return std::vector{std::move(move)};
}

// More than the keeper's patience, and a while for it and for the steps under way, is a broken promise. How long
// the way back then takes is the pipeline's matter.
ports::Task<judge::Window> SimSignals::nothing() {
  auto& r = life.reality;
  auto from = r.now;
  if (!co_await life.sleep_until(from + 100ms)) co_return fail(Code::cancelled, "closed");
  if (r.armed && !r.taken && r.now >= r.silent_until) r.unseen += r.now - from;
  if (r.unseen > 30s && !r.taken)
    r.violated("a candidate has users that nobody saw for 30 s, and the way back was not begun");
  co_return judge::Window{.from = from, .to = r.now, .complete = false, .gap = "no line comes"};
}

ports::Task<judge::Window> SimSignals::next() {
  auto& r = life.reality;
  auto share = r.share_of_candidate();
  if (r.faults.blind && share > 0) co_return co_await nothing();
  r.unseen = {};
  length_ = share == share_ ? std::min<Duration>(length_ * 2, 10min) : 100ms;
  share_ = share;
  auto from = r.now;
  // Real ones last 100 ms: it ends soon after users were moved, for it tells how many each had when it began.
  while (r.now < from + length_ && r.share_of_candidate() == share)
    if (!co_await life.sleep_until(std::min(from + length_, r.now + std::max<Duration>(100ms, length_ / 16))))
      co_return fail(Code::cancelled, "closed");
  judge::Window w{.from = from, .to = r.now};
  if (!r.serving() || r.maintenance) co_return w;
  auto poisson = [&](double mean) {
    return mean <= 0 ? 0ULL : std::poisson_distribution<std::uint64_t>(mean)(r.random);
  };
  auto all = 2000 * seconds(w.length());
  if (r.gone_quietly) share = 0;  // the others answer
  if (share > 0 && !r.met_users) r.met_users = from;
  bool bad = r.quality == Quality::bad || (r.quality == Quality::bad_from_quarter && share >= 0.25) ||
             (r.quality == Quality::stumbles && r.met_users && from - *r.met_users < 1s);
  for (auto& [address, server] : r.servers) {
    if (server.weight == 0 || server.maint) continue;
    auto mine = r.candidate(server.release);
    if (mine && r.gone_quietly) continue;
    auto& tally = w.releases[server.release];
    auto n = std::max(all * (mine ? share : 1 - share), 1.0);
    tally.requests = static_cast<std::uint64_t>(n);
    tally.errors = tally.error_clients = tally.error_squares = poisson(n * (mine && bad ? 0.2 : 0.001));
    tally.latency.add(5ms, tally.requests);
  }
  co_return w;
}

}  // namespace davy::testing
