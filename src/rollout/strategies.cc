// canary, blue-green and rolling, as lists of pieces.
#include <fmt/format.h>

#include <cmath>

#include "rollout/builder.h"

namespace davy::rollout {
namespace {

// How many instances a batch of this share has brought over.
std::int64_t moved(Ratio share, std::int64_t all) {
  return static_cast<std::int64_t>(std::ceil(share.value * static_cast<double>(all) - 1e-9));
}

void give_traffic(Builder& b, Ratio share, std::optional<run::Trouble> on_trouble) {
  for (auto& s : b.subjects()) {
    auto step = shift(b, s, share);
    if (b.subjects().size() > 1) step.path = s.service + "/" + step.path;
    step.on_trouble = on_trouble.value_or(run::Trouble::roll_back);
    b.add(step);
  }
}

void retire_previous(Builder& b) {
  b.at_the_end([&b] {
    b.inside("retire", [&] {
      for (auto& s : b.subjects()) take_down_previous(b, s, 0);
    });
  });
}

void bring_all_up(Builder& b) {
  for (auto& s : b.subjects()) start_beside(b, s);
}

}  // namespace

void start_beside(Builder& b, const run::Subject& s) {
  b.returns_are_verified();
  if (b.comes_up(s)) bring_up(b, s, instances_of(s.candidate), Beside::previous);
}

// Where both can run nobody is stopped before the other is well, and the previous release is there to the end.
void restart(Builder& b, const run::Subject& s) {
  if (!b.both_can_run(s)) {
    stop_in_place(b, s);
    return start_in_place(b, s, Beside::nobody);
  }
  start_in_place(b, s, Beside::previous);
  b.at_the_end([&b, &s] { b.inside("retire", [&] { take_down_previous(b, s, 0); }); });
}

// Shares by the plan's own steps. The previous release is there to the end, for whoever has the rest; beside a first
// release nobody has.
void traffic(Builder& b, const plan::Traffic& t, const plan::Common& common) {
  b.returns_are_verified();
  for (auto& s : b.subjects()) {
    if (s.previous.none() && t.share < Ratio{1}) continue;
    b.inside(fmt::format("{} {}", s.service, human(t.share)), [&] {
      auto step = shift(b, s, t.share);
      apply(common, step);
      b.add(step);
    });
  }
  if (t.share == Ratio{1}) retire_previous(b);
}

// A share of the users needs somebody who has the rest: a first release goes to all of them at once, and is watched as
// the last phase is.
void canary(Builder& b, const plan::Canary& c) {
  auto phases = c.phases;
  if (b.first_release() && !phases.empty()) phases.erase(phases.begin(), phases.end() - 1);
  b.inside("canary", [&] {
    bring_all_up(b);
    for (auto& p : phases)
      b.inside(human(p.traffic), [&] {
        b.phase([&] {
          give_traffic(b, p.traffic, p.on_trouble);
          if (p.bake > Duration::zero()) b.add(bake(p.bake, p.pass, p.on_trouble));
        });
      });
  });
  retire_previous(b);
}

void blue_green(Builder& b, const plan::BlueGreen& g) {
  b.inside("blue-green", [&] {
    bring_all_up(b);
    give_traffic(b, Ratio{1}, {});
    if (g.bake > Duration::zero()) b.add(bake(g.bake, g.pass, {}));
  });
  retire_previous(b);
}

void rolling(Builder& b, const plan::Rolling& r) {
  b.inside("rolling", [&] {
    b.returns_are_verified();
    for (auto& share : r.batches)
      b.inside(human(share), [&] {
        for (auto& s : b.subjects()) {
          auto all = instances_of(s.candidate);
          auto now = moved(share, all);
          bring_up(b, s, now, Beside::previous);
          auto step = shift(b, s, Ratio{static_cast<double>(now) / static_cast<double>(all)});
          step.path = s.service + "/traffic";
          b.add(step);
        }
        // Watched before the previous release loses instances: until then the way back costs nothing but weights.
        if (r.bake > Duration::zero()) b.add(bake(r.bake, r.pass, {}));
        for (auto& s : b.subjects()) {
          auto all = instances_of(s.previous);
          take_down_previous(b, s, all - moved(share, all));
        }
      });
  });
}

}  // namespace davy::rollout
