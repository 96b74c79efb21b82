// Port `probe`: looks, and compares with what is expected. `${instance}` in its options is each instance's own address,
// past the router: while a maintenance page stands before the users, nothing else shows what was started.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/run/asked.h"
#include "engine/run/condition_look.h"
#include "engine/run/operators.h"
#include "ports/expect.h"
#include "ports/running.h"

namespace davy::engine {
namespace {

using ports::Done;
using run::Outcome;
using Looks = std::vector<spec::Value>;  // options of the probe, once for each instance

constexpr std::string_view kInstance = "${instance}";
constexpr std::size_t kLongestVersion = 128;
constexpr Duration kFirstReading = std::chrono::seconds(15), kNextReading = std::chrono::milliseconds(200);

bool names_instance(const spec::Value& v) {
  if (auto list = v.list()) return std::ranges::any_of(*list, names_instance);
  if (auto map = v.map()) return std::ranges::any_of(*map, [](auto& entry) { return names_instance(entry.value); });
  return v.text() && v.text()->contains(kInstance);
}

spec::Value at_instance(spec::Value v, const std::string& address) {
  if (auto list = std::get_if<spec::List>(&v.is))
    for (auto& item : *list) item = at_instance(std::move(item), address);
  if (auto map = std::get_if<spec::Map>(&v.is))
    for (auto& entry : *map) entry.value = at_instance(std::move(entry.value), address);
  if (auto text = std::get_if<std::string>(&v.is))
    for (auto at = text->find(kInstance); at != text->npos; at = text->find(kInstance, at + address.size()))
      text->replace(at, kInstance.size(), address);
  return v;
}

// Of the side that a step means; before anybody of what is shipped runs, of what serves.
struct Services final : ports::Running {
  Services(Surroundings& around, run::Side side) : s(around), side(side) {}
  Surroundings& s;
  run::Side side;

  ports::Task<ports::ServiceState> of(std::string service) override {
    auto i = s.runbook.index_of(service);
    if (i == run::kNone) co_return fail(Code::invalid, "the plan has no service `" + service + "`");
    auto seen = co_await look(i, side);
    if (!seen || !seen->instances.empty() || side == run::Side::previous || s.subject(i).previous.none())
      co_return seen;
    co_return co_await look(i, run::Side::previous);
  }

 private:
  ports::Task<ports::ServiceState> look(std::int32_t i, run::Side meant) {
    auto& subject = s.subject(i);
    auto& release = meant == run::Side::candidate ? subject.candidate : subject.previous;
    auto& platform = *s.services.at(subject.service).platform;
    auto who = s.asking(i, meant);
    auto all = co_await platform.instances(release, who);
    if (!all) co_return std::unexpected(all.error());
    ports::ServiceState out{.release = release.id, .instances = *std::move(all)};
    if (!out.instances.empty()) out.healthy = co_await platform.healthy(release, who);
    co_return out;
  }
};

struct ProbeOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<Done> act(run::Attempt a, run::Call call) override {
    if (call.operation == "says") co_return co_await hear(a, call);
    co_return co_await look_again(a, call);
  }

 private:
  // Until it was well for as long as its conditions ask; what is not well ends it, or is asked again while `within`
  // lasts.
  ports::Task<Done> look_again(run::Attempt a, run::Call call) {
    auto hold = ports::held(argument<std::vector<spec::Condition>>(call, "expect"));
    Asked asked(hold, argument<Duration>(call, "within"), a.started);
    for (auto before = s.outside.clock.now();; before = s.outside.clock.now()) {
      auto done = co_await look_once(a, call, asked.one_look(a, before));
      if (auto over = asked.hear(done, before, s.outside.clock.now())) co_return *std::move(over);
      if (auto slept = co_await s.outside.clock.sleep_until(asked.next(s.outside.clock.now())); !slept)
        co_return std::unexpected(slept.error());
    }
  }

  ports::Task<Done> look_once(run::Attempt a, run::Call call, Duration timeout) {
    if (call.name == "condition") co_return co_await read_signals(a, call);
    auto looks = co_await looks_of(a, call);
    if (!looks) co_return std::unexpected(looks.error());
    co_return co_await look_at_all(a, call, *looks, timeout);
  }

  // What was never read yet is waited for; where the plan says how long, it is asked again by the caller.
  ports::Task<Done> read_signals(run::Attempt a, run::Call call) {
    auto within = argument<Duration>(call, "within");
    for (;;) {
      auto seen = look_at_signals(s, a, call);
      auto now = s.outside.clock.now();
      if (!seen.early || within > Duration{} || now >= a.started + kFirstReading) co_return seen.done;
      if (auto slept = co_await s.outside.clock.sleep_until(now + kNextReading); !slept)
        co_return std::unexpected(slept.error());
    }
  }

  ports::Task<Looks> looks_of(run::Attempt a, run::Call call) {
    auto options = call.args.find("options");
    if (!options || !s.registry->find_probe(call.name)) co_return fail(Code::invalid, "no probe `" + call.name + "`");
    if (!names_instance(*options)) co_return Looks{*options};
    auto all = co_await addresses(s.step(a).side);
    if (!all) co_return std::unexpected(all.error());
    Looks out;
    for (auto& address : *all) out.push_back(at_instance(*options, address));
    co_return out;
  }

  // A plan that names instances has one service (plan/check).
  ports::Task<std::vector<std::string>> addresses(run::Side side) {
    auto& subject = s.subject(0);
    auto& release = side == run::Side::candidate ? subject.candidate : subject.previous;
    auto all = co_await s.services.at(subject.service).platform->instances(release, s.asking(0, side));
    if (!all) co_return std::unexpected(all.error());
    std::vector<std::string> out;
    for (auto& e : *all) {
      if (!e.alive) co_return fail(Code::unavailable, fmt::format("instance {} of {}: {}", e.index, e.release, e.says));
      if (e.address.empty())
        co_return fail(Code::invalid, "the platform does not say where its instances listen",
                       "a `command` probe that knows it");
      out.push_back(e.address);
    }
    if (out.empty()) co_return fail(Code::unavailable, "no instance of " + release.id + " runs");
    co_return out;
  }

  // Which version serves, in the service's own words: handed on, to be said again.
  ports::Task<Done> hear(run::Attempt a, run::Call call) {
    auto look = s.registry->find_probe(call.name);
    auto options = call.args.find("options");
    if (!look || !options) co_return fail(Code::invalid, "no probe `" + call.name + "`");
    auto seen = co_await (*look)(*options, s.outside, s.asking(a));
    if (!seen) co_return std::unexpected(seen.error());
    auto value = seen->words.find("value");
    if (!seen->ok || value == seen->words.end())
      co_return Done{.outcome = Outcome::failed, .says = seen->says, .evidence = seen->evidence};
    auto said = std::string(trimmed(value->second));
    auto same = argument<std::string>(call, "same"), other = argument<std::string>(call, "other");
    auto shown = printable(said.substr(0, kLongestVersion));
    if (!same.empty() && said != same)
      co_return Done{.outcome = Outcome::failed, .says = fmt::format("it says {}, and not {}", shown, same)};
    if (!other.empty() && said == other)
      co_return Done{.outcome = Outcome::failed, .says = fmt::format("it still says {}, as the release before", shown)};
    if (said.size() > kLongestVersion) said.clear();
    co_return Done{.says = shown, .evidence = seen->evidence, .made = spec::text(said)};
  }

  // Of several instances the worst one counts.
  ports::Task<Done> look_at_all(run::Attempt a, run::Call call, Looks looks, Duration timeout) {
    auto look = s.registry->find_probe(call.name);
    auto expect = argument<std::vector<spec::Condition>>(call, "expect");
    auto degraded = argument<std::vector<spec::Condition>>(call, "degraded");
    auto who = s.asking(a);
    who.timeout = timeout;
    who.wants = ports::wanted(expect);
    who.wants.merge(ports::wanted(degraded));
    Services services(s, s.step(a).side);
    auto outside = s.outside;
    outside.running = &services;
    std::optional<Done> warned, done;
    for (auto& options : looks) {
      auto seen = co_await (*look)(options, outside, who);
      if (!seen) co_return std::unexpected(seen.error());
      if (auto miss = ports::missed(*seen, expect))
        co_return Done{.outcome = Outcome::failed,
                       .says = miss->says,
                       .evidence = evidence(*seen, *miss, miss->blind ? "cannot tell" : "failed")};
      if (auto miss = ports::warned(*seen, degraded); miss && !warned)
        warned = Done{.says = "degraded: " + miss->says, .evidence = evidence(*seen, *miss, "degraded")};
      done = Done{.says = seen->says, .evidence = seen->evidence};
    }
    co_return warned ? *warned : done.value_or(Done{});
  }

  // What the probe keeps, and `check`: what was expected, and what was found instead.
  static spec::Value evidence(const ports::Observation& seen, const ports::Miss& miss, std::string state) {
    auto map = seen.evidence.map() ? *seen.evidence.map() : spec::Map{};
    spec::Map check{{"state", {}, spec::text(std::move(state))}};
    for (auto [key, text] : {std::pair{"expected", &miss.expected}, {"found", &miss.found}, {"raw", &miss.raw}})
      if (!text->empty()) check.push_back({key, {}, spec::text(*text)});
    map.push_back({"check", {}, spec::object(std::move(check))});
    return spec::object(std::move(map));
  }
};

}  // namespace

std::unique_ptr<ports::Operator> probe_operator(Surroundings& s) { return std::make_unique<ProbeOperator>(s); }

}  // namespace davy::engine
