#include "world/traffic.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace davy::bench {

using namespace judge;
using namespace std::chrono_literals;

Scene::Scene(const World& w, std::uint64_t seed)
    : w_(w),
      length_(static_cast<std::int64_t>(w.window * 1e9)),
      step_(w.hurried ? std::min(kEarly, length_) : length_),
      seconds_(seconds(step_)),
      random_(seed),
      own_hiccups_(random_, w.gap, w.length, w.lost, w.own_instances),
      other_hiccups_(random_, w.gap, w.length, w.lost, w.other_instances),
      outages_(random_, w.outage_gap, w.outage_length, w.outage_fails, 1),
      phase_(random_.uniform() * 6.28) {
  for (int i = 0; i < w.broken; ++i) at_home_.push_back(random_.uniform());
  double activity = 0;
  for (int i = 0; i < w.people; ++i) {
    at_home_.push_back(random_.uniform());
    activity += std::exp(1.2 * random_.normal());
    activities_.push_back(activity);
    prone_.push_back(std::exp(1.8 * random_.normal() - 1.62) * w.base);
  }
}

Window Scene::window(double t, double asked) {
  auto out = next(t, asked);
  auto failing = [&] {
    std::uint64_t all = 0;
    for (auto& [_, tally] : out.releases) all += tally.error_clients;
    return all;
  };
  while (out.length() < length_ && failing() < 3) out.merge(next(t + seconds(out.length()), asked));
  return out;
}

Window Scene::next(double t, double asked) {
  Window out{.from = at_, .to = at_ + step_};
  at_ = out.to;
  out.asked[kNew] = asked;
  double share = asked * w_.realised;
  auto &own = out.releases[kNew], &other = out.releases[kOld];
  double base = w_.base * (1 + w_.swing * std::sin(t / 50 + phase_)) + outages_.failing(t, random_);
  double worse = (t >= w_.from ? w_.fails : 0) + (t < w_.cold ? w_.cold_fails : 0);
  if (w_.people > 0) {
    crowd(own, other, share, worse);
  } else {
    side(own, own_later_, share, base, worse + own_hiccups_.failing(t, random_), w_.heavy_own);
    side(other, other_later_, 1 - share, base, other_hiccups_.failing(t, random_), w_.heavy_other);
  }
  for (int i = 0; i < w_.broken; ++i) {
    bool home = w_.sticky ? at_home_[static_cast<std::size_t>(i)] < share : random_.uniform() < share;
    for (auto n = random_.poisson(seconds_); n > 0; --n) meet(home ? own : other, i, home, true);
  }
  if (w_.latencies) latency(own, t < w_.cold ? w_.slower : 1), latency(other, 1);
  std::erase_if(out.releases, [](auto& entry) { return entry.second.attempts() == 0; });
  clients_.end_of_window(at_);
  return out;
}

void Scene::side(Tally& t, Later& later, double share, double base, double more, double heavy) {
  auto n = random_.poisson(w_.rate * seconds_ * share), hard = random_.binomial(n, heavy);
  double rate = std::min(1.0, base + more);
  auto hard_errors = random_.binomial(hard, std::min(1.0, 0.02 + more));
  put(t, n, random_.binomial(n - hard, w_.lag > 0 || w_.burst > 1 ? 0 : rate) + hard_errors);
  if (hard > 0 && (w_.paths || w_.latencies)) t.endpoints["/hard"] = {hard, hard_errors, hard_errors};
  if (w_.lag > 0) timeouts(t, later, n, rate);
  if (w_.burst > 1) bursts(t, later, n, base);
  auto refused = random_.binomial(n, w_.burst > 1 ? 0 : w_.refused);
  t.client_errors += refused, t.client_error_clients += w_.known ? refused : 0;
}

void Scene::put(Tally& t, std::uint64_t n, std::uint64_t errors) {
  t.requests += n, t.errors += errors;
  if (w_.known) t.error_clients += errors, t.repeats += n, t.newcomers += n;
}

void Scene::timeouts(Tally& t, Later& later, std::uint64_t n, double rate) {
  for (auto e = random_.binomial(n, rate); e > 0; --e) later.add(static_cast<std::size_t>(w_.lag / seconds_));
  auto ended = later.now();
  put(t, ended, ended);
  if (ended == 0) return;
  t.aged_for(Duration(static_cast<std::int64_t>(w_.lag * 1e9)))
      .merge({.requests = ended, .errors = ended, .error_clients = ended});
}

void Scene::bursts(Tally& t, Later& later, std::uint64_t n, double base) {
  for (auto k = random_.poisson(static_cast<double>(n) * base / w_.burst); k > 0; --k)
    for (double e = w_.burst; e > 0; --e) later.add(static_cast<std::size_t>(random_.uniform() * w_.spread / seconds_));
  auto errors = std::min(later.now(), t.requests);
  t.errors += errors, t.client_errors += errors;
}

void Scene::meet(Tally& t, int client, bool home, bool error) {
  auto seen = clients_.request(2 * static_cast<std::uint64_t>(client) + 1001, home);
  ++t.requests;
  t.repeats += seen.made, t.newcomers += seen.newcomer, t.returns += seen.made > 1, t.moved += seen.moved;
  if (!error) return;
  ++t.errors;
  t.error_clients += clients_.error().first;
}

void Scene::crowd(Tally& own, Tally& other, double share, double worse) {
  for (auto n = random_.poisson(w_.rate * seconds_); n > 0; --n) {
    auto who = std::ranges::lower_bound(activities_, random_.uniform() * activities_.back()) - activities_.begin();
    auto client = static_cast<std::size_t>(who);
    bool home = w_.sticky ? at_home_[client] < share : random_.uniform() < share;
    meet(home ? own : other, static_cast<int>(client), home,
         random_.uniform() < std::min(prone_[client], 0.9) + (home ? worse : 0));
  }
}
// Half of what the other endpoint answers is slow.

void Scene::latency(Tally& t, double slower) {
  auto hard = t.endpoints.find("/hard");
  auto theirs = hard == t.endpoints.end() ? 0 : hard->second.requests;
  auto slow = random_.binomial(t.requests - theirs, std::min(1.0, 0.05 * slower));
  auto also = random_.binomial(theirs, std::min(1.0, 0.5 * slower));
  t.latency.add(80ms, slow + also), t.latency.add(12ms, t.requests - slow - also);
  if (theirs > 0) hard->second.latency.add(80ms, also), hard->second.latency.add(12ms, theirs - also);
  if (!w_.paths) t.endpoints.clear();
}

}  // namespace davy::bench
