#include "world/traffic.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace davy::bench {

using namespace judge;
using namespace std::chrono_literals;

namespace {

constexpr double kDay = 86'400, kOneInFifty = 0.02, kPoll = 10;

}  // namespace

// Drawing a million of them for each canary would be most of the work.
const Scene::People& Scene::people_of(const World& w) {
  static std::map<std::string, People> all;
  auto [found, fresh] = all.try_emplace(w.name);
  auto& out = found->second;
  Random random(1);
  double activity = 0;
  for (int i = 0; fresh && i < w.people; ++i) {
    out.activities.push_back(activity += std::exp(1.2 * random.normal()));
    out.prone.push_back(std::exp(1.8 * random.normal() - 1.62) * w.base);
  }
  return out;
}

Scene::Scene(const World& w, std::uint64_t seed, const std::string& service)
    : w_(w),
      new_(service + kNew),
      old_(service + kOld),
      length_(static_cast<std::int64_t>(w.window * 1e9)),
      step_(w.hurried ? std::min(kEarly, length_) : length_),
      seconds_(seconds(step_)),
      random_(seed),
      own_hiccups_(random_, w.gap, w.length, w.lost, w.own_instances),
      other_hiccups_(random_, w.gap, w.length, w.lost, w.other_instances),
      outages_(random_, w.outage_gap, w.outage_length, w.outage_fails, 1),
      phase_(random_.uniform() * 6.28),
      people_(people_of(w)) {
  for (int i = 0; i < (w.sticky ? w.broken + w.people : w.pollers); ++i) at_home_.push_back(random_.uniform());
  if (w.cookie) visitors_.resize(static_cast<std::size_t>(w.people));
}

Window Scene::window(double t, double asked) {
  auto out = next(t, asked);
  auto failing = [&] {
    std::uint64_t all = 0;
    for (auto& [_, tally] : out.releases) all += w_.known ? tally.error_clients : tally.errors;
    return all;
  };
  while (out.length() < length_ && failing() < 3) out.merge(next(t + seconds(out.length()), asked));
  return out;
}

Window Scene::next(double t, double asked) {
  Window out{.from = at_, .to = at_ + step_};
  at_ = out.to;
  out.asked[new_] = asked;
  double share = asked * w_.realised;
  auto &own = out.releases[new_], &other = out.releases[old_];
  double out_now = outages_.failing(t, random_), day = 1 + w_.day * std::sin(6.28 * t / kDay + phase_);
  double base = w_.base * (1 + w_.swing * std::sin(t / 50 + phase_)) * day + out_now;
  bool down = w_.down_gap > 0 && std::fmod(t, w_.down_gap) >= w_.down_gap - w_.down_length;
  double worse = (t >= w_.from ? w_.fails : 0) + (t < w_.cold ? w_.cold_fails : 0) + (down ? 1 : 0);
  double apart = (w_.hangs > 0 ? worse : 0) + (t >= w_.from ? w_.own_path : 0);
  if (w_.people > 0) {
    crowd(own, other, share, worse);
  } else {
    side(own, own_later_, day * share * (1 - apart), base,
         (w_.hangs > 0 ? 0 : worse) + own_hiccups_.failing(t, random_), w_.heavy_own);
    own_trouble(own, day * share, w_.hangs > 0 ? worse : 0);
    side(other, other_later_, day * (1 - share), base, other_hiccups_.failing(t, random_), w_.heavy_other);
  }
  for (int i = 0; i < w_.broken; ++i) {
    bool home = w_.sticky ? at_home_[static_cast<std::size_t>(i)] < share : random_.uniform() < share;
    for (auto n = random_.poisson(seconds_); n > 0; --n) meet(home ? own : other, i, home, true);
  }
  for (int i = 0; i < w_.pollers; ++i)
    for (auto n = random_.poisson(seconds_ / kPoll); n > 0; --n) {
      bool home = at_home_[static_cast<std::size_t>(i)] < share;
      meet(home ? own : other, w_.people + i, home, false);
    }
  double slow = outages_.on(t) ? w_.outage_slow : 0;
  if (w_.latencies) latency(own, t < w_.cold ? w_.slower : 1, slow), latency(other, 1, slow);
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

// What the candidate alone does, and not at once or not where the other is asked as well.
void Scene::own_trouble(Tally& t, double share, double fails) {
  for (auto n = random_.poisson(w_.rate * seconds_ * share * fails); n > 0; --n)
    hanging_.add(static_cast<std::size_t>(w_.hangs / seconds_));
  ended_late(t, hanging_.now(), w_.gives_up);
  if (auto n = random_.poisson(w_.rate * seconds_ * share * w_.own_path); n > 0) {
    put(t, n, n);
    t.endpoints["/new"] = {n, n, n};
  }
  auto refused = random_.binomial(t.requests, w_.refuses);
  t.client_errors += refused, t.client_error_clients += w_.known ? refused : 0;
}

void Scene::ended_late(Tally& t, std::uint64_t n, bool gave_up) {
  if (n == 0) return;
  Duration took(static_cast<std::int64_t>(w_.hangs * 1e9));
  put(t, n, gave_up ? 0 : n);
  if (gave_up) t.aborts += n;
  if (w_.latencies) t.latency.add(took, n);
  auto errors = gave_up ? 0 : n;
  t.aged_for(took).merge({.requests = n, .errors = errors, .error_clients = w_.known ? errors : 0});
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
    auto& active = people_.activities;
    auto who = std::ranges::lower_bound(active, random_.uniform() * active.back()) - active.begin();
    auto client = static_cast<std::size_t>(who);
    bool home = at_candidate(client, share);
    auto number = static_cast<int>(client) + (w_.cookie ? static_cast<int>(visitors_[client].visits) * w_.people : 0);
    meet(home ? own : other, number, home,
         random_.uniform() < std::min(people_.prone[client], 0.9) + (home ? worse : 0));
  }
}

// A release without users takes those who have its cookie back later.
bool Scene::at_candidate(std::size_t client, double share) {
  using At = Visitor::At;
  if (w_.sticky) return at_home_[client] < share;
  if (!w_.cookie || share <= 0) return random_.uniform() < share;
  auto& visitor = visitors_[client];
  if (random_.uniform() < kOneInFifty) ++visitor.visits, visitor.at = At::nowhere;
  if (visitor.at == At::nowhere) visitor.at = random_.uniform() < share ? At::candidate : At::previous;
  return visitor.at == At::candidate;
}

// Half of what the other endpoint answers is slow.
void Scene::latency(Tally& t, double slower, double more) {
  auto hard = t.endpoints.find("/hard");
  auto theirs = hard == t.endpoints.end() ? 0 : hard->second.requests;
  auto slow = random_.binomial(t.requests - theirs, std::min(1.0, 0.05 * slower + more));
  auto also = random_.binomial(theirs, std::min(1.0, 0.5 * slower + more));
  t.latency.add(80ms, slow + also), t.latency.add(12ms, t.requests - slow - also);
  if (theirs > 0) hard->second.latency.add(80ms, also), hard->second.latency.add(12ms, theirs - also);
  if (!w_.paths) t.endpoints.clear();
}

}  // namespace davy::bench
