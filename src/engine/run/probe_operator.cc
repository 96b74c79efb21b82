// Port `probe`: looks, and compares with what is expected. `${instance}` in its options is each instance's own address,
// past the router: while a maintenance page stands before the users, nothing else shows what was started.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/run/operators.h"
#include "ports/expect.h"

namespace davy::engine {
namespace {

using ports::Done;
using run::Outcome;
using Looks = std::vector<spec::Value>;  // options of the probe, once for each instance

constexpr std::string_view kInstance = "${instance}";
constexpr std::size_t kLongestVersion = 128;
constexpr Duration kAgain = std::chrono::seconds(1);  // where a condition must hold for some time

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

struct ProbeOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<Done> act(run::Attempt a, run::Call call) override {
    if (call.operation == "says") co_return co_await hear(a, call);
    auto looks = co_await looks_of(a, call);
    if (!looks) co_return std::unexpected(looks.error());
    auto until = s.outside.clock.now() + ports::held(argument<std::vector<spec::Condition>>(call, "expect"));
    for (;;) {
      auto done = co_await look_at_all(a, call, *looks);
      auto now = s.outside.clock.now();
      if (!done || done->outcome != Outcome::ok || now >= until) co_return done;
      if (auto slept = co_await s.outside.clock.sleep_until(std::min(now + kAgain, until)); !slept)
        co_return std::unexpected(slept.error());
    }
  }

 private:
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

  ports::Task<Done> look_at_all(run::Attempt a, run::Call call, Looks looks) {
    auto look = s.registry->find_probe(call.name);
    auto expect = argument<std::vector<spec::Condition>>(call, "expect");
    auto who = s.asking(a);
    who.wants = ports::wanted(expect);
    Done done;
    for (auto& options : looks) {
      auto seen = co_await (*look)(options, s.outside, who);
      if (!seen) co_return std::unexpected(seen.error());
      if (auto miss = ports::missed(*seen, expect))
        co_return Done{.outcome = Outcome::failed, .says = miss->says, .evidence = evidence(*seen, *miss)};
      done = {Outcome::ok, seen->says, seen->evidence};
    }
    co_return done;
  }

  // What the probe keeps, and `check`: what was expected, and what was found instead.
  static spec::Value evidence(const ports::Observation& seen, const ports::Miss& miss) {
    auto map = seen.evidence.map() ? *seen.evidence.map() : spec::Map{};
    spec::Map check{{"state", {}, spec::text(miss.blind ? "cannot tell" : "failed")}};
    for (auto [key, text] : {std::pair{"expected", &miss.expected}, {"found", &miss.found}, {"raw", &miss.raw}})
      if (!text->empty()) check.push_back({key, {}, spec::text(*text)});
    map.push_back({"check", {}, spec::object(std::move(check))});
    return spec::object(std::move(map));
  }
};

}  // namespace

std::unique_ptr<ports::Operator> probe_operator(Surroundings& s) { return std::make_unique<ProbeOperator>(s); }

}  // namespace davy::engine
