#include "world/canary.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "judge/judge.h"
#include "world/traffic.h"

namespace davy::bench {
namespace {

using namespace judge;
using namespace std::chrono_literals;

constexpr double kAway = 30;
constexpr int kLooks = 4;

Duration duration(double seconds) { return Duration(static_cast<std::int64_t>(seconds * 1e9)); }

std::string service(int i) { return i == 0 ? "shop" : "shop" + std::to_string(i + 1); }

Setup usual_plan(const World& w, bool looks_planned) {
  Setup out;
  for (int i = 0; i < w.services; ++i)
    out.subjects.push_back({.service = service(i),
                            .candidate = {.version = "3", .id = service(i) + kNew},
                            .previous = {.version = "2", .id = service(i) + kOld}});
  for (auto text : {"error_rate > 200% of previous", "client_error_rate > 200% of previous", "error_rate > 5% for 30s",
                    "latency.p95 > 2s for 1m"})
    out.rules.push_back({*spec::parse_condition(text), run::Consequence::roll_back});
  out.compare = {{"latency.p95"}};
  out.looks = {{.every = 1s}};  // what rules read is in slots of a second
  if (looks_planned) out.planned_looks = run::PlannedLooks{kLooks, duration(w.seconds / (kLooks + 0.5))};
  return out;
}

// All services of one deployment: they have their share at the same time.
class Scenes {
 public:
  Scenes(const World& w, std::uint64_t seed) {
    for (int i = 0; i < w.services; ++i)
      scenes_.push_back(std::make_unique<Scene>(w, seed + 7919u * static_cast<std::uint64_t>(i), service(i)));
  }
  Window window(double t, double asked) {
    auto out = scenes_.front()->window(t, asked);
    for (auto one = scenes_.begin() + 1; one != scenes_.end(); ++one) {
      auto more = (*one)->window(t, asked);
      out.releases.merge(more.releases), out.asked.merge(more.asked);
    }
    return out;
  }

 private:
  std::vector<std::unique_ptr<Scene>> scenes_;
};

// What is said of a canary, and the bakes, one for each share.
class Watch {
 public:
  Watch(const World& w, Setup plan) : w_(w), plan_(std::move(plan)), judge_(plan_) {}

  // True: users are to be taken away.
  bool see(const Window& w, std::size_t phase, Ending& out) {
    bool aside = false;
    for (auto& v : judge_.see(w)) aside |= heard(v, out);
    if (!bake_ || phase != phase_) end_bake(out), begin_bake(phase);
    bake_->see(w);
    return aside;
  }
  void end(Ending& out) { end_bake(out); }

 private:
  static bool heard(const Verdict& v, Ending& out) {
    if (v.kind == Kind::step_aside) return true;
    if (v.kind != Kind::roll_back && v.kind != Kind::hold) return false;
    if (v.rule == "planned looks") return out.planned = true, false;
    if (out.by.empty() || (v.kind == Kind::roll_back && !out.rolled_back)) out.by = v.rule;
    (v.kind == Kind::roll_back ? out.rolled_back : out.held) = true;
    return false;
  }
  // It may still have had time aside to make up for: half of its time is enough here.
  void begin_bake(std::size_t phase) {
    phase_ = phase;
    bake_.emplace(plan_, std::vector<spec::Condition>{},
                  duration(w_.seconds / static_cast<double>(w_.shares.size()) / 2));
  }
  void end_bake(Ending& out) {
    if (bake_ && bake_->over()) out.unpassed |= bake_->verdict().kind != Kind::pass;
  }

  const World& w_;
  Setup plan_;
  Judge judge_;
  std::optional<Bake> bake_;
  std::size_t phase_ = 0;
};

}  // namespace

Ending watched(const World& w, std::uint64_t seed, bool looks_planned) {
  Scenes scenes(w, seed);
  Condensed minute;
  for (double t = -60; t < 0; t += w.window) minute.see(scenes.window(t, 0));
  auto plan = usual_plan(w, looks_planned);
  plan.baselines.before = minute.window();
  Watch watch(w, std::move(plan));
  Ending out;
  double away_until = 0;
  double t = 0, length = 0;
  for (; t < w.seconds && !out.rolled_back; t += length) {
    auto part = static_cast<std::size_t>(t / w.seconds * static_cast<double>(w.shares.size()));
    auto phase = std::min(part, w.shares.size() - 1);
    bool away = t < away_until;
    auto window = scenes.window(t, away ? 0 : w.shares[phase]);
    length = seconds(window.length());
    auto own = window.releases.find(service(0) + kNew);
    double bad = own == window.releases.end() || t < w.from ? 0 : static_cast<double>(own->second.errors);
    out.bad += bad, out.bad_until_away += out.asides == 0 ? bad : 0;
    if (watch.see(window, phase, out) && !away) ++out.asides, away_until = t + kAway;
    if (out.asides == 0) out.seconds = t + length - w.from;
  }
  if (!out.rolled_back) watch.end(out);
  return out;
}

}  // namespace davy::bench
