#include "judge/rehearsal.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::judge {
namespace {

using What = Decision::What;

constexpr Duration kFrozenSpan = std::chrono::minutes(1);

template <class T>
T argument(const run::Call& call, std::string_view key) {
  auto value = call.args.find(key);
  return value ? spec::decoded<T>(*value, key).value_or(T{}) : T{};
}

// rollout/canary/25%/bake → canary/25%
std::string gate_path(std::string_view path) {
  if (path.starts_with("rollout/")) path.remove_prefix(8);
  return std::string(path.ends_with("/bake") ? path.substr(0, path.size() - 5) : path);
}

}  // namespace

std::vector<Gate> gates_of(const run::Runbook& book) {
  std::vector<Gate> out;
  for (auto& step : book.steps)
    if (step.call.port == "bake")
      out.push_back({gate_path(step.path), argument<Duration>(step.call, "for"),
                     argument<std::vector<spec::Condition>>(step.call, "pass")});
  return out;
}

struct Rehearsal::Inside {
  Setup setup;
  std::vector<Gate> gates;
  std::size_t gate = 0;
  std::vector<Window> before;  // the candidate's first user: the newest minute
  std::optional<Judge> judge;
  std::optional<Bake> bake;
  bool held = false, over = false;

  std::string here() const { return gate < gates.size() ? gates[gate].path : ""; }
  Decision decision(Time at, What what, std::string sentence) const { return {at, what, here(), std::move(sentence)}; }

  bool meets_users(const Window& w) const {
    return std::ranges::any_of(setup.subjects, [&](auto& s) { return w.releases.contains(s.candidate.id); });
  }

  void remember(const Window& w) {
    before.push_back(w);
    std::erase_if(before, [&](auto& old) { return old.to <= w.to - kFrozenSpan; });
  }

  void begin_bake() {
    bake.reset();
    if (gate < gates.size()) bake.emplace(setup, gates[gate].pass, gates[gate].bake);
  }

  void begin() {
    auto minute = condensed(before, Duration{});
    if (!minute.empty()) setup.baselines.before = minute.front();
    judge.emplace(setup);
    begin_bake();
  }

  // True: nothing more is to be decided.
  bool take(const Verdict& v, Time at, std::vector<Decision>& out) {
    auto what = v.kind == Kind::roll_back ? What::rolled_back : v.kind == Kind::hold ? What::held : What::told;
    out.push_back(decision(at, what, v.sentence));
    held |= what == What::held;
    return over = what == What::rolled_back;
  }

  void look_at_bake(const Window& w, std::vector<Decision>& out) {
    if (held || !bake) return;
    bake->see(w);
    if (!bake->over()) return;
    auto v = bake->verdict();
    if (v.kind == Kind::roll_back) return void(take(v, w.to, out));
    bool passed = v.kind == Kind::pass, last = gate + 1 >= gates.size();
    out.push_back(decision(w.to, !passed ? What::held : last ? What::passed : What::promoted, v.sentence));
    held = !passed;
    if (passed) ++gate, begin_bake();
  }

  std::vector<Decision> see(const Window& w) {
    std::vector<Decision> out;
    if (over) return out;
    if (!judge) {
      if (!meets_users(w)) return remember(w), out;
      begin();
      out.push_back(decision(w.from, What::met_users, ""));
    }
    auto counted = w.shown.empty() ? nullptr : std::make_unique<Window>(w);  // few windows tell of patterns
    if (counted) judge->count_news(*counted);
    auto& seen = counted ? *counted : w;
    for (auto& v : judge->see(seen))
      if (take(v, w.to, out)) return out;
    look_at_bake(seen, out);
    return out;
  }
};

Rehearsal::Rehearsal(Setup setup, std::vector<Gate> gates)
    : inside_(std::make_unique<Inside>(Inside{.setup = std::move(setup), .gates = std::move(gates)})) {}
Rehearsal::~Rehearsal() = default;
Rehearsal::Rehearsal(Rehearsal&&) noexcept = default;

std::vector<Decision> Rehearsal::see(const Window& w) { return inside_->see(w); }

bool Rehearsal::over() const { return inside_->over; }

std::string Rehearsal::still() const {
  auto& in = *inside_;
  if (!in.judge) return "the candidate met no user";
  if (in.over || in.held || in.gate >= in.gates.size()) return "";
  return fmt::format("ended in {}, {} of {} watched", in.here(), human(in.bake->observed()),
                     human(in.gates[in.gate].bake));
}

}  // namespace davy::judge
