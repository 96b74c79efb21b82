// The world: equal candidates, and bad ones, in traffic that breaks assumptions; everything beside the previous release
// that may act without being asked for (errors, 4xx, the shares), and a comparison and two relative rules of a usual
// plan. Windows of 100 ms; for bad candidates they end early, as they do live, once three clients failed (equal ones
// are many, and steps of 20 ms cost five times as much: `hurried` tries it for two worlds). The engine is played: after
// a step aside the candidate has no users for 30 s, then its share again.
#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <deque>
#include <functional>

#include "judge/beside.h"
#include "judge_bench.h"
#include "judge_simulation.h"
#include "signals/traffic/clients.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

constexpr const char *kNew = "shop@3", *kOld = "shop@2";
constexpr double kAway = 30;
constexpr Duration kWindow = 100ms, kEarly = 20ms;

struct World {
  std::string name;
  double rate = 200, seconds = 600;
  std::vector<double> shares = {0.05};     // in equal parts of the time
  double base = 0.001, refused = 0.01;     // errors, 4xx
  double fails = 0;                        // the candidate alone, besides
  double from = 0;                         // since when
  double swing = 0;                        // of the base, in about five minutes
  double gap = 0, length = 1, lost = 0.2;  // of each instance: hiccups in which so many fail
  int own_instances = 1, other_instances = 1;
  double cold = 0, cold_fails = 0, slower = 1;                 // the candidate's first seconds
  double outage_gap = 0, outage_length = 5, outage_fails = 1;  // what both releases share is away, for both alike
  double burst = 1, spread = 0;  // errors that come together on one release, over so many seconds
  bool known = true;             // clients
  double lag = 0;                // all errors are time-outs that end so much later
  int broken = 0, people = 0;    // clients that fail once a second; clients uneven in all
  bool sticky = false;
  double heavy_own = 0, heavy_other = 0;  // part of the requests that go to an endpoint where 2 % fail
  bool paths = true;                      // the log tells them
  double realised = 1;                    // of the share that was asked for
  bool latencies = false;
  bool hurried = false;  // windows end early
};

// Instances of one release, each with its own bad seconds.
class Hiccups {
 public:
  Hiccups(Random& random, double gap, double length, double lost, int instances)
      : gap_(gap), length_(length), lost_(lost / instances) {
    for (int i = 0; i < instances && gap > 0; ++i) next_.push_back(random.exponential(gap));
    until_.resize(next_.size(), -1);
  }
  double failing(double t, Random& random) {
    double out = 0;
    for (std::size_t i = 0; i < next_.size(); ++i) {
      if (t >= next_[i]) until_[i] = t + length_, next_[i] = until_[i] + random.exponential(gap_);
      if (t < until_[i]) out += lost_;
    }
    return out;
  }

 private:
  double gap_, length_, lost_;
  std::vector<double> next_, until_;
};

// Errors that are still to come on one release.
class Later {
 public:
  void add(std::size_t windows) {
    if (ring_.size() <= windows) ring_.resize(windows + 1);
    ++ring_[windows];
  }
  std::uint64_t now() {
    if (ring_.empty()) return 0;
    auto out = ring_.front();
    ring_.pop_front();
    return out;
  }

 private:
  std::deque<std::uint64_t> ring_;
};

class Scene {
 public:
  Scene(const World& w, std::uint64_t seed)
      : w_(w),
        step_(w.hurried ? kEarly : kWindow),
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

  Window window(double t, double asked) {
    auto out = next(t, asked);
    auto failing = [&] {
      std::uint64_t all = 0;
      for (auto& [_, tally] : out.releases) all += tally.error_clients;
      return all;
    };
    while (out.length() < kWindow && failing() < 3) out.merge(next(t + seconds(out.length()), asked));
    return out;
  }

 private:
  Window next(double t, double asked) {
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
  void side(Tally& t, Later& later, double share, double base, double more, double heavy) {
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
  void put(Tally& t, std::uint64_t n, std::uint64_t errors) {
    t.requests += n, t.errors += errors;
    if (w_.known) t.error_clients += errors, t.repeats += n, t.newcomers += n;
  }
  void timeouts(Tally& t, Later& later, std::uint64_t n, double rate) {
    for (auto e = random_.binomial(n, rate); e > 0; --e) later.add(static_cast<std::size_t>(w_.lag / seconds_));
    auto ended = later.now();
    put(t, ended, ended);
    if (ended == 0) return;
    t.aged_for(Duration(static_cast<std::int64_t>(w_.lag * 1e9)))
        .merge({.requests = ended, .errors = ended, .error_clients = ended});
  }
  void bursts(Tally& t, Later& later, std::uint64_t n, double base) {
    for (auto k = random_.poisson(static_cast<double>(n) * base / w_.burst); k > 0; --k)
      for (double e = w_.burst; e > 0; --e)
        later.add(static_cast<std::size_t>(random_.uniform() * w_.spread / seconds_));
    auto errors = std::min(later.now(), t.requests);
    t.errors += errors, t.client_errors += errors;
  }
  void meet(Tally& t, int client, bool home, bool error) {
    auto seen = clients_.request(2 * static_cast<std::uint64_t>(client) + 1001, home);
    ++t.requests;
    t.repeats += seen.made, t.newcomers += seen.newcomer, t.returns += seen.made > 1, t.moved += seen.moved;
    if (!error) return;
    ++t.errors;
    t.error_clients += clients_.error().first;
  }
  void crowd(Tally& own, Tally& other, double share, double worse) {
    for (auto n = random_.poisson(w_.rate * seconds_); n > 0; --n) {
      auto who = std::ranges::lower_bound(activities_, random_.uniform() * activities_.back()) - activities_.begin();
      auto client = static_cast<std::size_t>(who);
      bool home = w_.sticky ? at_home_[client] < share : random_.uniform() < share;
      meet(home ? own : other, static_cast<int>(client), home,
           random_.uniform() < std::min(prone_[client], 0.9) + (home ? worse : 0));
    }
  }
  // Half of what the other endpoint answers is slow.
  void latency(Tally& t, double slower) {
    auto hard = t.endpoints.find("/hard");
    auto theirs = hard == t.endpoints.end() ? 0 : hard->second.requests;
    auto slow = random_.binomial(t.requests - theirs, std::min(1.0, 0.05 * slower));
    auto also = random_.binomial(theirs, std::min(1.0, 0.5 * slower));
    t.latency.add(80ms, slow + also), t.latency.add(12ms, t.requests - slow - also);
    if (theirs > 0) hard->second.latency.add(80ms, also), hard->second.latency.add(12ms, theirs - also);
    if (!w_.paths) t.endpoints.clear();
  }

  const World& w_;
  Duration step_;
  double seconds_;
  Random random_;
  Hiccups own_hiccups_, other_hiccups_, outages_;
  Later own_later_, other_later_;
  double phase_;
  std::vector<double> at_home_, activities_, prone_;
  signals::Clients clients_;
  Time at_{1'700'000'000s};
};

Setup usual_plan() {
  Setup out;
  out.subjects = {
      {.service = "shop", .candidate = {.version = "3", .id = kNew}, .previous = {.version = "2", .id = kOld}}};
  for (auto text : {"error_rate > 200% of previous", "client_error_rate > 200% of previous"})
    out.rules.push_back({*spec::parse_condition(text), run::Consequence::roll_back});
  out.compare = {{"latency.p95"}};
  return out;
}

struct Ending {
  bool rolled_back = false, held = false;
  int asides = 0;
  double bad_until_away = 0, bad = 0, seconds = 0;
};

Ending watched(const World& w, std::uint64_t seed) {
  Setup plan = usual_plan();
  Scene scene(w, seed);
  Condensed minute;
  for (double t = -60; t < 0; t += seconds(kWindow)) minute.see(scene.window(t, 0));
  plan.baselines.before = minute.window();
  Beside beside(plan, plan.subjects[0]);
  Rolling none(1min);
  Stand on{plan.subjects[0], none, plan.baselines, &beside.errors(), {}, plan.alpha, plan.worse_by};
  Ending out;
  std::vector<Verdict> said;
  double away_until = 0;
  double t = 0, length = 0;
  for (; t < w.seconds && !out.rolled_back; t += length) {
    auto part = static_cast<std::size_t>(t / w.seconds * static_cast<double>(w.shares.size()));
    bool away = t < away_until;
    auto window = scene.window(t, away ? 0 : w.shares[std::min(part, w.shares.size() - 1)]);
    length = seconds(window.length());
    auto own = window.releases.find(kNew);
    double bad = own == window.releases.end() || t < w.from ? 0 : static_cast<double>(own->second.errors);
    out.bad += bad, out.bad_until_away += out.asides == 0 ? bad : 0;
    said.clear();
    beside.see(window, t >= 30, on, said);
    for (auto& v : said) {
      out.rolled_back |= v.kind == Kind::roll_back, out.held |= v.kind == Kind::investigate;
      if (v.kind == Kind::step_aside && !away) ++out.asides, away_until = t + kAway;
    }
    for (std::size_t i = 0; i < plan.rules.size(); ++i) out.rolled_back |= *beside.proven(i);
    if (out.asides == 0) out.seconds = t + length - w.from;
  }
  return out;
}

// Nobody is left at the previous release, from the start or after a phase beside it.
void all_the_users(const std::function<void(World)>& add) {
  for (double rate : {0.2, 20.0, 2000.0})
    for (bool at_once : {true, false})
      add({.name = fmt::format("all the users {}, {} req/s, 1 %, 90 % swing", at_once ? "at once" : "after 25 %", rate),
           .rate = rate,
           .seconds = 1800,
           .shares = at_once ? std::vector{1.0} : std::vector{0.25, 1.0},
           .base = 0.01,
           .swing = 0.9});
  for (double length : {2.0, 10.0, 25.0})
    for (double rate : {2.0, 200.0})
      add({.name = fmt::format("all the users, {} req/s, a database away for {} s each 10 min", rate, length),
           .rate = rate,
           .seconds = 3600,
           .shares = {0.25, 1},
           .outage_gap = 600,
           .outage_length = length});
  add({.name = "all the users, hiccups of 1 s, 20 % fail, each 10 min",
       .rate = 2000,
       .seconds = 3600,
       .shares = {0.25, 1},
       .base = 0.0005,
       .gap = 600});
  for (double rate : {2.0, 20.0})
    add({.name = fmt::format("all the users, {} req/s, clients unknown, bursts of 20 in 30 s", rate),
         .rate = rate,
         .seconds = 7200,
         .shares = {0.25, 1},
         .base = 0.01,
         .burst = 20,
         .spread = 30,
         .known = false});
  for (double rate : {0.0, 2.0})
    add({.name = fmt::format("all the users, 10 broken clients who stay beside {} req/s", rate),
         .rate = rate,
         .seconds = 1800,
         .shares = {0.25, 1},
         .broken = 10,
         .sticky = true});
}

std::vector<World> equal_worlds() {
  std::vector<World> out;
  auto add = [&](World w) { out.push_back(std::move(w)); };
  for (double rate : {0.2, 2.0, 20.0, 200.0, 2000.0})
    add({.name = fmt::format("{} req/s, at random, 1 % fail, 90 % swing", rate),
         .rate = rate,
         .shares = {0.05, 0.25, 0.5},
         .base = 0.01,
         .swing = 0.9});
  add({.name = "2,000 req/s, 1 %, steps up and down", .rate = 2000, .shares = {0.01, 0.5, 0.05, 0.25}, .swing = 0.9});
  for (int broken : {1, 3, 10})
    for (double share : {0.05, 0.5})
      add({.name = fmt::format("{} broken clients, sticky, {}", broken, share),
           .shares = {share},
           .base = 0.0002,
           .broken = broken,
           .sticky = true});
  for (double share : {0.05, 0.25})
    add({.name = fmt::format("1,000 uneven clients, sticky, {}", share),
         .shares = {share},
         .base = 0.005,
         .people = 1000,
         .sticky = true});
  for (auto [burst, spread] : {std::pair{5.0, 2.0}, {20.0, 2.0}, {20.0, 30.0}, {100.0, 30.0}})
    add({.name = fmt::format("clients unknown, bursts of {} in {} s, errors and 4xx", burst, spread),
         .rate = 2000,
         .burst = burst,
         .spread = spread,
         .known = false});
  add({.name = "hiccups of 1 s, 20 % fail, hourly", .rate = 2000, .seconds = 3600, .base = 0.0005, .gap = 3600});
  add({.name = "hiccups of 1 s, 20 % fail, each 10 min", .rate = 2000, .seconds = 3600, .base = 0.0005, .gap = 600});
  add({.name = "hiccups of 1 s, 20 % fail, each 100 s", .rate = 2000, .seconds = 1200, .base = 0.0005, .gap = 100});
  add({.name = "hiccups of 3 s, half fail, each 10 min, 200 req/s, 25 %",
       .seconds = 3600,
       .shares = {0.25},
       .gap = 600,
       .length = 3,
       .lost = 0.5});
  add({.name = "hiccups of 0.3 s, all fail, each 5 min, half each",
       .rate = 2000,
       .seconds = 1800,
       .shares = {0.5},
       .base = 0.0005,
       .gap = 300,
       .length = 0.3,
       .lost = 1});
  add({.name = "windows that end early: hiccups of 1 s, 20 % fail, each 10 min",
       .rate = 2000,
       .seconds = 3600,
       .base = 0.0005,
       .gap = 600,
       .hurried = true});
  add({.name = "windows that end early: 2,000 req/s, 2 % fail, 90 % swing",
       .rate = 2000,
       .shares = {0.05, 0.5, 0.05, 0.25},
       .base = 0.02,
       .swing = 0.9,
       .hurried = true});
  add({.name = "hiccups, 1 instance against 4",
       .rate = 2000,
       .seconds = 3600,
       .shares = {0.25},
       .base = 0.0005,
       .gap = 3600,
       .other_instances = 4});
  add({.name = "cold start: 1 % fail for 2 s", .rate = 2000, .shares = {0.25}, .cold = 2, .cold_fails = 0.01});
  add({.name = "cold start: 3 x as many slow for 25 s",
       .rate = 2000,
       .shares = {0.25},
       .cold = 25,
       .slower = 3,
       .latencies = true});
  for (double lag : {1.0, 5.0, 30.0})
    add({.name = fmt::format("time-outs of {} s, 50 % to 5 %", lag),
         .rate = 2000,
         .seconds = 240,
         .shares = {0.5, 0.05},
         .lag = lag});
  for (auto [rate, share, own] : {std::tuple{200.0, 0.05, 0.075}, {200.0, 0.25, 0.2}, {2000.0, 0.25, 0.2}})
    for (bool paths : {true, false})
      add({.name = fmt::format("another mix: {} % against 5 % to one endpoint, {} req/s, {}{}", 100 * own, rate, share,
                               paths ? "" : ", no paths"),
           .rate = rate,
           .shares = {share},
           .base = 0.0005,
           .heavy_own = own,
           .heavy_other = 0.05,
           .paths = paths});
  for (bool paths : {true, false})
    add({.name = fmt::format("another mix: 20 % against 5 % to a slow endpoint, 200 req/s, 0.25{}",
                             paths ? "" : ", no paths"),
         .shares = {0.25},
         .heavy_own = 0.2,
         .heavy_other = 0.05,
         .paths = paths,
         .latencies = true});
  add({.name = "5,000 req/s, shares of 0.1, 1 and 50 %", .rate = 5000, .shares = {0.001, 0.01, 0.5}, .swing = 0.9});
  add({.name = "0.01 req/s, a day at 25 %", .rate = 0.01, .seconds = 86'400, .shares = {0.25}, .base = 0.01});
  add({.name = "20 req/s, a day of looks, 90 % swing", .rate = 20, .seconds = 86'400, .base = 0.01, .swing = 0.9});
  for (auto [burst, spread] : {std::pair{20.0, 0.1}, {100.0, 600.0}})
    add({.name = fmt::format("clients unknown, bursts of {} in {} s, errors and 4xx", burst, spread),
         .rate = 2000,
         .seconds = 1800,
         .burst = burst,
         .spread = spread,
         .known = false});
  add({.name = "a database away for 5 s each 100 s while the share goes 5, 25, 50 %",
       .rate = 200,
       .shares = {0.05, 0.25, 0.5},
       .outage_gap = 95,
       .latencies = true});
  all_the_users(add);
  add({.name = "5 % worse, 0.1 %, 25 %, an hour", .rate = 2000, .seconds = 3600, .shares = {0.25}, .fails = 0.00005});
  return out;
}

std::vector<World> bad_worlds() {
  std::vector<World> out;
  for (double rate : {0.05, 1.0, 10.0, 200.0, 2000.0})
    for (double share : {0.05, 0.5})
      for (double fails : {1.0, 0.2})
        for (bool known : {true, false})
          out.push_back({.name = fmt::format("{} req/s, {:.0f} %, fails {:.0f} %, clients {}", rate, 100 * share,
                                             100 * fails, known ? "known" : "unknown"),
                         .rate = rate,
                         .seconds = std::max(600.0, std::min(400 / (rate * share), 200'000.0)),
                         .shares = {share},
                         .fails = fails,
                         .known = known});
  for (double rate : {0.05, 1.0, 10.0, 200.0, 2000.0})
    for (double fails : {1.0, 0.2})
      for (bool at_once : {true, false})
        for (bool known : {true, false}) {
          double phase = std::max(600.0, std::min(400 / rate, 20'000.0));
          out.push_back(
              {.name = fmt::format("all the users {}, {} req/s, then fails {:.0f} %, clients {}",
                                   at_once ? "at once" : "after 25 %", rate, 100 * fails, known ? "known" : "unknown"),
               .rate = rate,
               .seconds = at_once ? phase : 2 * phase,
               .shares = at_once ? std::vector{1.0} : std::vector{0.25, 1.0},
               .fails = fails,
               .from = at_once ? 0 : phase,
               .known = known});
        }
  for (int people : {10, 50, 200, 2000})
    for (double share : {0.05, 0.5})
      for (double fails : {1.0, 0.2})
        for (bool sticky : {false, true})
          out.push_back({.name = fmt::format("{} clients {}, {:.0f} %, fails {:.0f} %", people,
                                             sticky ? "who stay" : "anywhere", 100 * share, 100 * fails),
                         .rate = 2000,
                         .shares = {share},
                         .fails = fails,
                         .people = people,
                         .sticky = sticky});
  out.push_back({.name = "2,000 req/s, 5 %, fails 2 %", .rate = 2000, .fails = 0.02});
  out.push_back(
      {.name = "2,000 req/s, 5 %, fails 20 % after 20 min", .rate = 2000, .seconds = 1800, .fails = 0.2, .from = 1200});
  for (double rate : {10.0, 200.0, 2000.0})
    for (double fails : {1.0, 0.2, 0.02})
      out.push_back({.name = fmt::format("{} req/s, 25 %, fails {:.0f} % after 10 min", rate, 100 * fails),
                     .rate = rate,
                     .seconds = 3600,
                     .shares = {0.25},
                     .fails = fails,
                     .from = 600});
  out.push_back({.name = "200 req/s, 25 %, 25 % asked, 5 % came", .shares = {0.25}, .realised = 0.2});
  for (auto& world : out) world.hurried = true;
  return out;
}

}  // namespace

void world(std::uint64_t canaries, std::uint64_t seed, const std::string& only) {
  fmt::print("\nEqual candidates, {} each, and what befell them\n", canaries);
  fmt::print("{:<62} {:>11} {:>8} {:>8} {:>12}\n", "world", "rolled back", "99 %", "held", "steps aside");
  for (auto& w : equal_worlds()) {
    if (!w.name.contains(only)) continue;
    std::uint64_t rolled = 0, held = 0, asides = 0;
    for (std::uint64_t i = 0; i < canaries; ++i) {
      auto end = watched(w, seed * 1'000'003 + i);
      rolled += end.rolled_back, held += end.held && !end.rolled_back, asides += static_cast<std::uint64_t>(end.asides);
    }
    fmt::print("{:<62} {:>11} {:>7.2f}% {:>8} {:>12}\n", w.name, rolled, 100 * upper_limit(rolled, canaries), held,
               asides);
    std::fflush(stdout);
  }
  auto runs = std::max<std::uint64_t>(canaries / 10, 10);
  fmt::print("\nBad candidates, {} each: bad answers until users were away for the first time, and in all\n", runs);
  fmt::print("{:<62} {:>7} {:>7} {:>9} {:>7} {:>7} {:>7}\n", "world", "median", "p95", "seconds", "in all", "rolled",
             "held");
  for (auto& w : bad_worlds()) {
    if (!w.name.contains(only)) continue;
    std::vector<double> bad, seconds, all;
    std::uint64_t rolled = 0, held = 0;
    for (std::uint64_t i = 0; i < runs; ++i) {
      auto end = watched(w, seed * 2'000'003 + i);
      bad.push_back(end.bad_until_away), seconds.push_back(end.seconds), all.push_back(end.bad);
      rolled += end.rolled_back, held += end.held && !end.rolled_back;
    }
    fmt::print("{:<62} {:>7.0f} {:>7.0f} {:>9.1f} {:>7.0f} {:>7} {:>7}\n", w.name, quantile(bad), quantile(bad, 0.95),
               quantile(seconds), quantile(all), rolled, held);
    std::fflush(stdout);
  }
}

}  // namespace davy::bench
