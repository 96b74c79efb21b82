// drain: waits until little enough goes on, by the router or by a signal of the plan. The signal is asked anew each
// time: what the rules read pauses while users meet the maintenance page.
#include <fmt/format.h>

#include <numeric>

#include "engine/run/operators.h"
#include "ports/expect.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using ports::Done;
using run::Outcome;

constexpr Duration kBetweenLooks = 250ms;
constexpr Duration kLook = 5s;  // that a signal may take

// `health.active_connections` is `active_connections` of the signal `health`; a signal alone is its own value.
struct Meant {
  std::string signal, name;
};

Meant meant(const spec::Condition& c) {
  auto all = c.field.empty() ? c.series : c.series + "." + c.field;
  auto dot = all.find('.');
  return {all.substr(0, dot), dot == all.npos ? "value" : all.substr(dot + 1)};
}

// All that a signal says now, of all releases together.
ports::Observation observed(const judge::Window& w, const std::string& signal) {
  ports::Observation out{.ok = true, .says = "`" + signal + "`"};
  auto named = [](const std::string& series) { return series.empty() ? std::string("value") : series; };
  for (auto& [series, by_release] : w.numbers)
    out.numbers[named(series)] = std::accumulate(by_release.begin(), by_release.end(), 0.,
                                                 [](double sum, auto& one) { return sum + one.second; });
  for (auto& [series, by_release] : w.states)
    if (!by_release.empty()) out.words[named(series)] = by_release.begin()->second;
  return out;
}

struct DrainOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<Done> act(run::Attempt a, run::Call call) override {
    auto until = a.started + argument<Duration>(call, "within", 2min);
    std::optional<Time> drained;
    std::unique_ptr<ports::Source> source;  // of a signal that is no probe
    for (;;) {
      auto seen = co_await open_sessions(a, call, source);
      if (!seen) co_return std::unexpected(seen.error());
      if (*seen) drained.reset();
      if (!*seen && !drained) drained = s.outside.clock.now();
      if (drained && s.outside.clock.now() - *drained >= held(call)) co_return Done{Outcome::ok, "drained", {}};
      if (s.outside.clock.now() >= until) co_return otherwise(call, seen->value_or("not for long enough"));
      auto slept = co_await s.outside.clock.sleep_until(s.outside.clock.now() + kBetweenLooks);
      if (!slept) co_return std::unexpected(slept.error());
    }
  }

 private:
  static Duration held(const run::Call& call) {
    auto condition = spec::parse_condition(argument<std::string>(call, "until"));
    return condition ? condition->held : Duration{};
  }
  // What is still in the way, in words; nothing when drained.
  ports::Task<std::optional<std::string>> open_sessions(run::Attempt a, run::Call call,
                                                        std::unique_ptr<ports::Source>& source) {
    auto text = argument<std::string>(call, "until");
    if (text.empty()) co_return co_await router_sessions(a);
    auto condition = spec::parse_condition(text);
    if (!condition) co_return fail(Code::internal, "drain: " + condition.error().found);
    auto [name, part] = meant(*condition);
    auto signal = s.runbook.setup.signal(name);
    if (!signal) co_return fail(Code::invalid, "no signal `" + name + "`");
    auto seen = co_await look_at(a, *signal, source);
    if (!seen) co_return std::unexpected(seen.error());
    condition->series = part, condition->field.clear();
    seen->ok = true;  // while the maintenance page answers with 503, too, only the number counts
    co_return ports::unmet(*seen, {*condition});
  }
  ports::Task<ports::Observation> look_at(run::Attempt a, run::SignalSetup signal,
                                          std::unique_ptr<ports::Source>& source) {
    if (auto look = s.registry->find_probe(signal.source.name))
      co_return co_await (*look)(signal.source.options, s.outside, s.asking(a));
    if (!source) {
      auto made = made_of(a, signal);
      if (!made) co_return std::unexpected(made.error());
      source = *std::move(made);
    }
    auto window = co_await source->look();
    if (!window) co_return std::unexpected(window.error());
    co_return observed(*window, signal.name);
  }
  Result<std::unique_ptr<ports::Source>> made_of(const run::Attempt& a, const run::SignalSetup& signal) {
    auto make = s.registry->find_source(signal.source.name);
    if (!make) return fail(Code::invalid, "no signal and no probe `" + signal.source.name + "`");
    auto who = s.asking(a);
    who.timeout = kLook;
    return (*make)(signal.source.options, s.outside, who);
  }
  ports::Task<std::optional<std::string>> router_sessions(run::Attempt a) {
    auto& ports = s.ports_of(a);
    if (!ports.router) co_return fail(Code::invalid, "drain without a condition needs a router");
    auto endpoints = co_await s.instances(s.step(a).subject);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto open = co_await ports.router->sessions(*endpoints, s.asking(a));
    if (!open) co_return std::unexpected(open.error());
    co_return *open == 0 ? std::nullopt : std::optional(fmt::format("{} sessions are open", *open));
  }
  static Done otherwise(const run::Call& call, const std::string& still) {
    auto word = argument<std::string>(call, "otherwise");
    auto outcome = word == "close" ? Outcome::ok : Outcome::failed;
    return {.outcome = outcome, .says = "not drained in time: " + still, .for_people = word == "hold"};
  }
};

}  // namespace

std::unique_ptr<ports::Operator> drain_operator(Surroundings& s) { return std::make_unique<DrainOperator>(s); }

}  // namespace davy::engine
