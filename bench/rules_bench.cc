// How many rules one core judges: rules_bench [RULES [SERIES]]
//
// Every series is told once a second, every rule is looked at once a second, as a watch of many services would have it.
// Prints seconds of a core per second of time that was judged.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>

#include "judge/judge.h"

using namespace davy;
using namespace davy::judge;
using namespace std::chrono_literals;

namespace {

run::Rule rule(std::string text) { return {*spec::parse_condition(text), run::Consequence::warn}; }

// Of every kind that runbooks have: a bound, a bound for a while, a range, a state.
run::Rule nth_rule(int i, int series) {
  auto name = fmt::format("s{}", i % series);
  switch (i / series % 4) {
    case 0:
      return rule(name + " > 90");
    case 1:
      return rule(name + " > 50 for 5m");
    case 2:
      return rule(name + ".max > 99 for 30s");
    default:
      return rule(name + " over 1m = 0..80");
  }
}

Window second(int t, int series) {
  Window w{.from = Time(Duration(1s) * t), .to = Time(Duration(1s) * (t + 1))};
  for (int i = 0; i < series; ++i) w.numbers[fmt::format("s{}", i)]["shop@3"] = (i * 7 + t * 13) % 101;
  return w;
}

double cost(int rules, int series) {
  Setup setup{.subjects = {{.service = "shop", .candidate = {"3", "shop@3"}, .previous = {}}}, .rules = {}};
  for (int i = 0; i < rules; ++i) setup.rules.push_back(nth_rule(i, series));
  Judge judge(std::move(setup));
  std::vector<Window> windows;
  for (int t = 0; t < 90; ++t) windows.push_back(second(t, series));
  std::size_t verdicts = 0;
  for (int t = 0; t < 70; ++t)
    verdicts += judge.see(windows[static_cast<std::size_t>(t)]).size();  // a full minute first
  auto began = std::chrono::steady_clock::now();
  for (int t = 70; t < 90; ++t) verdicts += judge.see(windows[static_cast<std::size_t>(t)]).size();
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  fmt::print("{:>8} rules on {:>6} series: {:.3f} s of a core a second ({} verdicts)\n", rules, series,
             took.count() / 20, verdicts);
  return took.count() / 20;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) return cost(std::atoi(argv[1]), argc > 2 ? std::atoi(argv[2]) : 10'000) < 1 ? 0 : 1;
  for (auto [rules, series] : {std::pair{1'000, 1'000}, {10'000, 10'000}, {100'000, 10'000}}) cost(rules, series);
}
