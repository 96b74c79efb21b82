// A window of 100 ms holds both releases at hundreds of requests a second. Below that almost every window holds one of
// them, or one request of each, and a comparison within it says next to nothing. So tests gather windows until both
// releases were met, and together ten requests: when that is depends on requests only, never on how they ended, so what
// is a martingale in each window is one in each gathered window.
//
// Releases are compared within endpoints: each is gathered by itself until both releases were met, "" being what is in
// none of them.
//
// A new path, or one with another name, is asked of one release only and would wait for ever, and with it all that
// fails there: a new version is made of such paths. What one side alone is asked for, where ten or more should have met
// the other, is no stratum. With Lonely::with_the_rest it is compared together with what is in no endpoint; where that
// is one side's, too, everything is one. With Lonely::with_each_other such paths are compared with those of the other
// side and with nothing else: a new page that is slow is no slower service. All this goes by requests only, never by
// how they ended.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "judge/numbers/window.h"

namespace davy::judge {

constexpr bool enough_gathered(std::uint64_t own, std::uint64_t other) {
  return own >= 1 && other >= 1 && own + other >= 10;
}

// The same of one endpoint of several, which would wait for each other at large shares.
constexpr bool enough_gathered_of_one(std::uint64_t own, std::uint64_t other) {
  return enough_gathered(own, other) || (own >= 2 && other >= 2);
}

// One of the two does not serve: what waits for it is given up.
constexpr bool waits_in_vain(std::uint64_t own, std::uint64_t other) {
  return (own == 0 || other == 0) && own + other >= 10'000;
}

enum class Lonely { with_the_rest, with_each_other };

// Part: `count()`, requests in it, and `merge`.
template <class Part>
class Strata {
 public:
  using Pair = std::array<Part, 2>;  // candidate, previous
  explicit Strata(Lonely lonely) : lonely_(lonely) {}

  void add(const std::string& endpoint, std::size_t side, const Part& part) {
    met_[side] += static_cast<double>(part.count());
    waiting_[place_of(endpoint)][side].merge(part);
  }

  // What waits no longer.
  std::vector<Pair> take_ready() {
    std::vector<Pair> out;
    auto enough = waiting_.size() == 1 ? enough_gathered : enough_gathered_of_one;
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      auto own = it->second[0].count(), other = it->second[1].count();
      bool closed = enough(own, other);
      if (closed) out.push_back(std::move(it->second));
      it = closed || waits_in_vain(own, other) ? waiting_.erase(it) : std::next(it);
    }
    join_lonely();
    return out;
  }

  // The shares changed. Who is lonely stays so.
  void drop() { waiting_.clear(), met_ = {}; }

 private:
  static constexpr const char* kRest = "";
  static constexpr const char* kLonely = "\n";  // no path has it

  std::string place_of(const std::string& endpoint) const {
    if (one_ || endpoint == kRest) return kRest;
    if (joined_.contains(endpoint)) return home();
    bool room = waiting_.contains(endpoint) || waiting_.size() + joined_.size() < Tally::kMostEndpoints;
    return room ? endpoint : kRest;
  }
  std::string home() const { return lonely_ == Lonely::with_the_rest ? kRest : kLonely; }

  bool is_lonely(const Pair& pair) const {
    constexpr double kMany = 50, kExpected = 10;
    auto is = [&](std::size_t here) {
      auto n = static_cast<double>(pair[here].count());
      return pair[1 - here].count() == 0 && n >= kMany && n * met_[1 - here] >= kExpected * met_[here];
    };
    return is(0) || is(1);
  }

  void join_lonely() {
    for (auto it = waiting_.begin(); it != waiting_.end();) {
      bool joins = it->first != kRest && it->first != kLonely && is_lonely(it->second);
      if (joins) joined_.insert(it->first), merge(waiting_[home()], it->second);
      it = joins ? waiting_.erase(it) : std::next(it);
    }
    auto rest = waiting_.find(kRest);
    if (one_ || lonely_ != Lonely::with_the_rest || rest == waiting_.end() || !is_lonely(rest->second)) return;
    one_ = true;
    Pair all;
    for (auto& [_, pair] : waiting_) merge(all, pair);
    waiting_.clear();
    waiting_[kRest] = std::move(all);
  }

  static void merge(Pair& into, const Pair& from) {
    for (std::size_t side = 0; side < 2; ++side) into[side].merge(from[side]);
  }

  Lonely lonely_;
  std::map<std::string, Pair> waiting_;
  std::set<std::string> joined_;  // were asked of one side only
  std::array<double, 2> met_{};   // requests in all
  bool one_ = false;              // no endpoint is told from another any more
};

}  // namespace davy::judge
