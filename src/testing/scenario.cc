#include <fmt/format.h>

#include <array>

#include "testing/simulate.h"

namespace davy::testing {

using namespace std::chrono_literals;

Scenario scenario_of(std::uint64_t seed) {
  static constexpr std::array kStrategies{"canary", "long-canary", "blue-green", "rolling", "in-place"};
  static constexpr std::array kQualities{Quality::good, Quality::bad,           Quality::bad_from_quarter,
                                         Quality::good, Quality::never_healthy, Quality::dies_at_once,
                                         Quality::bad};
  Scenario s;
  std::mt19937_64 random(seed * 7919 + 17);
  s.strategy = kStrategies[seed % kStrategies.size()];
  s.quality = kQualities[seed / kStrategies.size() % kQualities.size()];
  auto dice = [&](unsigned sides) { return static_cast<unsigned>(random() % sides); };
  // The points of death are walked through in order, so that 2,000 seeds visit each of a run's first points for every
  // strategy; later deaths are drawn.
  s.first_death =
      dice(5) == 0 ? -1 : 1 + static_cast<std::int64_t>(seed / (kStrategies.size() * kQualities.size())) % 60;
  s.deaths = s.first_death < 0 ? 0 : 1 + static_cast<int>(dice(4));
  s.kills_keeper = dice(4) == 0;
  s.first_release = dice(12) == 0;
  s.regretted = dice(4) == 0;
  if (dice(3) == 0) s.faults.transient = 0.03;
  if (dice(5) == 0) s.faults.lost_answers = 0.03;
  s.faults.stalls = dice(15) == 0;
  s.faults.blind = dice(12) == 0 && !s.first_release;
  if (dice(6) == 0) s.asks = std::array{"hold", "rollback", "abort"}[dice(3)];
  s.second = s.strategy != std::string("in-place") && dice(4) == 0;
  bool beside = s.strategy == std::string("canary") || s.strategy == std::string("blue-green");
  if (beside && dice(3) == 0) s.behind = std::array{"slow", "fails", "hangs"}[dice(3)];
  if (beside && dice(6) == 0) s.gate = std::array{"ticket", "migration"}[dice(2)];
  s.silence = s.strategy != std::string("in-place") && dice(6) == 0;
  s.asks_at = Time(std::chrono::milliseconds(dice(20000)));
  // Drawn apart from the rest, so that each seed stays the story that it was.
  auto apart = [&](unsigned sides, std::uint64_t of) { return std::mt19937_64(seed * 104729 + of)() % sides; };
  if (auto more = apart(24, 5); s.asks.empty() && more < 2) s.asks = more == 0 ? "promote" : "waive";
  s.outage = !s.first_release && s.strategy != std::string("in-place") && s.strategy != std::string("rolling") &&
             apart(12, 7) == 0;
  if (s.outage) s.regretted = false;
  bool short_one = s.strategy != std::string("in-place") && s.strategy != std::string("long-canary");
  if (short_one && !s.outage && !s.first_release && apart(8, 11) == 0)
    s.forgets_at = Time(std::chrono::milliseconds(1 + apart(60000, 12)));
  s.left_alone = short_one && !s.outage && !s.first_release && !s.second && apart(8, 13) == 0;
  if (short_one && !s.outage && !s.first_release && !s.left_alone && apart(8, 17) == 0)
    s.goes_quietly = std::chrono::milliseconds(1 + apart(8000, 18));
  s.left_at_home = short_one && !s.outage && !s.first_release && !s.left_alone && apart(8, 23) == 0;
  s.left_canary = short_one && !s.first_release && apart(6, 29) == 0;
  if (s.strategy == std::string("in-place"))
    if (auto how = apart(8, 19); how < 3) s.in_place = std::array{"restart", "beside", "replace"}[how];
  if (s.strategy == std::string("blue-green") && apart(3, 31) == 0) {
    s.strategy = "ship";
    s.silence = s.outage = s.left_alone = s.left_at_home = s.left_canary = false;
    s.goes_quietly = {}, s.forgets_at = {};
  }
  if (s.strategy == std::string("canary") && apart(4, 37) == 0) s.strategy = "by-hand";
  s.by_tests = dice(3) == 0;
  if (s.by_tests && s.quality == Quality::good && dice(2) == 0) s.quality = Quality::stumbles;
  return s;
}

std::string describe(const Scenario& s) {
  static constexpr std::array kWords{"good", "bad", "bad from 25%", "never healthy", "dies at once", "stumbles"};
  auto out = fmt::format("{}, {}", s.strategy, kWords[static_cast<std::size_t>(s.quality)]);
  if (s.first_death > 0) out += fmt::format(", dies at act {} ({} times at most)", s.first_death, s.deaths);
  if (!s.in_place.empty()) out += fmt::format(", by {}", s.in_place);
  if (s.kills_keeper) out += ", the keeper too";
  if (s.first_release) out += ", first release";
  if (s.outage) out += ", in an outage";
  if (s.second) out += ", two services";
  if (s.by_tests) out += ", no rules";
  if (!s.behind.empty()) out += fmt::format(", an undo behind it {}", s.behind == "slow" ? "is slow" : s.behind);
  if (!s.gate.empty()) out += fmt::format(", a {} cannot be taken back", s.gate);
  if (s.silence) out += ", routers are silent in the retreat";
  if (s.forgets_at > Time{}) out += ", routers are started anew without their state";
  if (s.left_alone) out += ", the previous release dies while the candidate has stepped aside";
  if (s.left_canary) out += ", beside a canary that somebody left";
  if (s.left_at_home) out += ", the previous release dies once its users are home again";
  if (s.goes_quietly > Duration{}) out += ", nobody of the candidate lives any more, with no request inside";
  if (s.regretted) out += ", taken back once it was done";
  if (s.faults.transient > 0) out += ", answers fail";
  if (s.faults.lost_answers > 0) out += ", answers get lost";
  if (s.faults.stalls) out += ", the engine stalls";
  if (s.faults.blind) out += ", nothing is seen of the candidate";
  if (!s.asks.empty()) out += fmt::format(", somebody asks to {}", s.asks);
  return out;
}

}  // namespace davy::testing
