// What a world's traffic looks like to the judge, window by window; one seed makes one canary.
#pragma once
#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "judge/numbers/window.h"
#include "judge_simulation.h"
#include "signals/traffic/clients.h"
#include "world/world.h"

namespace davy::bench {

inline constexpr const char *kNew = "@3", *kOld = "@2";  // behind the service's name
inline constexpr Duration kEarly = std::chrono::milliseconds(2);

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
  bool on(double t) const {
    return std::ranges::any_of(until_, [&](double until) { return t < until; });
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
  Scene(const World&, std::uint64_t seed, const std::string& service);

  // From t on; asked: the candidate's share. It ends early, as live windows do, where the world is hurried.
  judge::Window window(double t, double asked);

 private:
  judge::Window next(double t, double asked);
  void side(judge::Tally&, Later&, double share, double base, double more, double heavy);
  void put(judge::Tally&, std::uint64_t requests, std::uint64_t errors);
  void own_trouble(judge::Tally&, double share, double fails);
  void ended_late(judge::Tally&, std::uint64_t requests, bool gave_up);
  void timeouts(judge::Tally&, Later&, std::uint64_t requests, double rate);
  void bursts(judge::Tally&, Later&, std::uint64_t requests, double base);
  void meet(judge::Tally&, int client, bool home, bool error);
  void crowd(judge::Tally& own, judge::Tally& other, double share, double worse);
  bool at_candidate(std::size_t client, double share);
  void latency(judge::Tally&, double slower, double more);

  const World& w_;
  std::string new_, old_;
  Duration length_, step_;
  double seconds_;
  Random random_;
  Hiccups own_hiccups_, other_hiccups_, outages_;
  Later own_later_, other_later_, hanging_;
  double phase_;
  struct People {  // of a world, the same for all canaries
    std::vector<double> activities, prone;
  };
  static const People& people_of(const World&);
  const People& people_;
  std::vector<double> at_home_;
  struct Visitor {
    std::uint32_t visits = 0;  // of those before it under this number
    enum class At : std::uint8_t { nowhere, candidate, previous } at = At::nowhere;
  };
  std::vector<Visitor> visitors_;
  signals::Clients clients_;
  Time at_{std::chrono::seconds(1'700'000'000)};
};

}  // namespace davy::bench
