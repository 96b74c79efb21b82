// What it costs to make up one's mind about a run: one input decided and folded, at 20 and at 300 steps, and what
// should be going on then.
#include <benchmark/benchmark.h>

#include "run/state.h"

namespace davy::run {
namespace {

using namespace std::chrono_literals;

spec::Value words(int n) {
  spec::Map out;
  for (int i = 0; i < n; ++i) out.push_back({"option-" + std::to_string(i), {}, spec::text("a word of some length")});
  return spec::object(std::move(out));
}

// As a plan of that many steps makes it: each with arguments, and an undo.
State run_of(std::int64_t steps) {
  Runbook book{.environment = "production", .version = "2"};
  book.subjects = {{"shop", {"2", "shop@2~k3f9", words(8)}, {"1", "shop@1~j1aa", words(8)}}};
  for (std::int64_t i = 0; i < steps; ++i) {
    Step step{.path = "rollout/phase/step " + std::to_string(i), .says = "does what is to be done", .wave = 0};
    step.wave = static_cast<std::int32_t>(i);
    step.call = {"command", "run", "apply", words(4)};
    step.undo = {UndoKind::call, {"command", "run", "undo", words(4)}};
    step.effect = Effect::changes;
    step.tries = 3;
    book.steps.push_back(std::move(step));
  }
  State out;
  Time now(1000s);
  fold(out, Started{.runbook = std::move(book), .hash = "c0ffee", .who = {.who = "ann"}}, now);
  fold(out, Claimed{.epoch = 1}, now);
  for (std::int64_t i = 0; i < steps / 2; ++i) {
    for (auto& e : decide(out, Prepared{static_cast<StepIx>(i), Way::apply, spec::Value{}}, now)) fold(out, e, now);
    for (auto& e : decide(out, Finished{out.open.front().id, Outcome::ok}, now)) fold(out, e, now);
  }
  for (auto& e : decide(out, Prepared{static_cast<StepIx>(steps / 2), Way::apply, spec::Value{}}, now))
    fold(out, e, now);
  return out;
}

void decide_about(benchmark::State& bench, auto input_for) {
  auto state = run_of(bench.range(0));
  auto input = input_for(state);
  for (auto _ : bench) benchmark::DoNotOptimize(decide(state, input, Time(1001s)));
}
void DecideTick(benchmark::State& bench) {
  decide_about(bench, [](auto&) { return Input(Tick{}); });
}
void DecideStepEndedWell(benchmark::State& bench) {
  decide_about(bench, [](auto& s) { return Input(Finished{s.open.front().id, Outcome::ok}); });
}
void DecideStepFailed(benchmark::State& bench) {
  decide_about(bench, [](auto& s) { return Input(Finished{s.open.front().id, Outcome::failed, "exit 1"}); });
}
void DecideToHold(benchmark::State& bench) {
  decide_about(bench, [](auto&) { return Input(Asked{1, {.who = "bob"}, "hold"}); });
}
void DecideToGoBack(benchmark::State& bench) {
  decide_about(bench, [](auto&) { return Input(Asked{1, {.who = "bob"}, "rollback"}); });
}
void WhatIsWanted(benchmark::State& bench) {
  auto state = run_of(bench.range(0));
  for (auto _ : bench) benchmark::DoNotOptimize(wanted(state, Time(1001s)));
}
BENCHMARK(DecideTick)->Arg(20)->Arg(300);
BENCHMARK(DecideStepEndedWell)->Arg(20)->Arg(300);
BENCHMARK(DecideStepFailed)->Arg(20)->Arg(300);
BENCHMARK(DecideToHold)->Arg(20)->Arg(300);
BENCHMARK(DecideToGoBack)->Arg(20)->Arg(300);
BENCHMARK(WhatIsWanted)->Arg(20)->Arg(300);

}  // namespace
}  // namespace davy::run
