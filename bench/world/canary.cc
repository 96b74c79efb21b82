#include "world/canary.h"

#include <algorithm>
#include <chrono>

#include "judge/beside.h"
#include "world/traffic.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

constexpr double kAway = 30;

Setup usual_plan() {
  Setup out;
  out.subjects = {
      {.service = "shop", .candidate = {.version = "3", .id = kNew}, .previous = {.version = "2", .id = kOld}}};
  for (auto text : {"error_rate > 200% of previous", "client_error_rate > 200% of previous"})
    out.rules.push_back({*spec::parse_condition(text), run::Consequence::roll_back});
  out.compare = {{"latency.p95"}};
  return out;
}

}  // namespace

Ending watched(const World& w, std::uint64_t seed) {
  Setup plan = usual_plan();
  Scene scene(w, seed);
  Condensed minute;
  for (double t = -60; t < 0; t += w.window) minute.see(scene.window(t, 0));
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

}  // namespace davy::bench
