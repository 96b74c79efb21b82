// The pieces that strategies are made of. Each that acts names its undo; `restore` puts back what prepare found, so
// there is no arithmetic of weights here.
#include <fmt/format.h>

#include "rollout/builder.h"

namespace davy::rollout {
namespace {

using namespace std::chrono_literals;
using run::UndoKind;

run::Call call(std::string port, std::string name, std::string operation, spec::Map with) {
  return {std::move(port), std::move(name), std::move(operation), args(std::move(with))};
}

// Where the plan says how long open requests may take, the call is told.
spec::Map draining(const Builder& b, spec::Map with = {}) {
  if (auto within = b.drains_within()) with.push_back({"within", {}, spec::from_json(spec::encode(*within))});
  return with;
}

// A step on one side of a service that acts on the world and may be said twice.
run::Step acting(Builder& b, const run::Subject& s, run::Side side, std::string leaf, Duration timeout) {
  return about(b, s, side,
               {.path = std::move(leaf), .timeout = timeout, .repeatable = true, .effect = run::Effect::changes});
}

}  // namespace

std::int64_t instances_of(const run::Release& r) {
  auto n = r.as.find("instances");
  return n ? spec::Leaf<std::int64_t>::parse(*n).value_or(1) : 1;
}

run::Step bake(Duration length, const std::vector<spec::Condition>& pass, std::optional<run::Trouble> on_trouble) {
  run::Step step{.path = "bake", .repeatable = true};
  step.says = fmt::format("watch for {}", human(length));
  for (auto& condition : pass)
    step.says += fmt::format("{} {}", &condition == &pass.front() ? ":" : ",", condition.text);
  step.call =
      call("bake", "", "watch",
           {{"for", {}, spec::from_json(spec::encode(length))}, {"pass", {}, spec::from_json(spec::encode(pass))}});
  step.timeout = length * 2 + 1min;
  step.expected = length;
  step.on_trouble = on_trouble.value_or(run::Trouble::roll_back);
  return step;
}

run::Step watch(Duration length) {
  auto step = bake(length, {}, {});
  step.path = "wait";
  step.says = "wait for " + human(length) + ", judging";
  std::get<spec::Map>(step.call.args.is).push_back(arg("requests", 1));
  return step;
}

run::Call asked_person(const std::string& operation, const std::string& who, const std::string& item, bool by_another) {
  auto out = call("person", "", operation, {arg("who", who), arg("item", item)});
  if (by_another) std::get<spec::Map>(out.args.is).push_back(arg("by-another", "true"));
  return out;
}

// `timeout` is of one look; so long it is looked at again.
static Duration asked_for(const plan::Probe& p) {
  Duration held{};
  for (auto& condition : p.expect) held = std::max(held, condition.held);
  return p.within.value_or(held);
}

run::Step probe(Builder& b, const plan::Probe& p, run::Side side) {
  run::Step step{.path = p.title, .says = p.title, .side = side, .repeatable = true};
  step.timeout = kOneLook;
  if (p.person != plan::Person::nobody) {
    auto approve = p.person == plan::Person::approve;
    step.says = fmt::format("{}: {} by {}", p.title, approve ? "approval" : "confirmation", p.who);
    step.call = asked_person(approve ? "approve" : "confirm", p.who, p.title, p.by_another);
    step.timeout = p.expires;
    step.on_trouble = run::Trouble::hold;
  } else {
    auto said = [&](auto conditions) {
      for (auto& condition : conditions) condition.text = b.text(condition.text, run::kNone, side);
      return spec::from_json(spec::encode(conditions));
    };
    step.call = call("probe", p.provider.name, "look",
                     {{"options", {}, b.value(p.provider.options, run::kNone, side)}, {"expect", {}, said(p.expect)}});
    auto& more = std::get<spec::Map>(step.call.args.is);
    if (!p.degraded.empty()) more.push_back({"degraded", {}, said(p.degraded)});
    if (p.within) more.push_back({"within", {}, spec::from_json(spec::encode(*p.within))});
    if (auto length = p.provider.options.find("for"))  // it takes that long to be well
      step.timeout += spec::decoded<Duration>(*length, "for").value_or(Duration{});
  }
  apply(p.common, step);
  step.timeout += asked_for(p);
  return step;
}

void bring_up(Builder& b, const run::Subject& s, std::int64_t instances, Beside beside) {
  auto& service = b.service(s);
  bool stays = beside == Beside::previous && !s.previous.none();
  auto back = [&](spec::Map more) {  // not before the previous release is seen to be well
    if (stays) more.push_back(arg("previous", instances_of(s.previous)));
    return more;
  };
  auto start = acting(b, s, run::Side::candidate, s.service + "/start", 10min);
  start.says = fmt::format("start {} of {} {} and wait until healthy", instances, s.service, s.candidate.version);
  auto from = from_current(b, s);
  from.push_back(arg("instances", instances));
  start.call = call("platform", service.platform.name, "start", std::move(from));
  start.undo = {UndoKind::call, call("platform", service.platform.name, "return", back({}))};
  b.add(start);
  if (!b.routed(s)) return;
  auto attach = acting(b, s, run::Side::candidate, s.service + "/attach", 2min);
  attach.says = fmt::format("make {} {} known to the router, without users", s.service, s.candidate.version);
  attach.call = call("router", service.router->name, "attach", {arg("instances", instances)});
  attach.undo = {UndoKind::call, call("router", service.router->name, "detach", back({arg("keep", 0)}))};
  b.add(attach);
}

run::Step shift(Builder& b, const run::Subject& s, Ratio share) {
  auto step = acting(b, s, run::Side::candidate, "traffic", 1min + b.drains_within().value_or(0s));
  step.effect = run::Effect::exposes;
  step.says = fmt::format("give {} {} {} of the traffic", s.service, s.candidate.version, human(share));
  step.call = call("router", "", "shift", {{"share", {}, spec::from_json(spec::encode(share))}});
  step.undo = {UndoKind::call, call("router", "", "restore", draining(b))};
  return step;
}

void take_down_previous(Builder& b, const run::Subject& s, std::int64_t keep, bool beside) {
  if (s.previous.none()) return;
  auto& service = b.service(s);
  auto left = keep == 0 ? std::string() : fmt::format(" down to {}", keep);
  spec::Map instances{arg("keep", keep), arg("instances", instances_of(s.previous))};
  auto taking = [&](const char* leaf, Duration timeout) {
    auto step = acting(b, s, run::Side::previous, s.service + leaf, timeout);
    if (keep == 0) step.effect = run::Effect::parts, step.beside = beside;
    return step;
  };
  if (b.routed(s)) {
    auto drain = taking("/drain", 10min + b.drains_within().value_or(0s));
    drain.says = fmt::format("drain {} {}{}", s.service, s.previous.version, left);
    drain.call = call("router", service.router->name, "drain", draining(b, instances));
    drain.undo = {UndoKind::call, call("router", service.router->name, "restore", {})};
    b.add(drain);
    auto detach = taking("/detach", 1min);
    detach.says = fmt::format("take {} {} out of the router{}", s.service, s.previous.version, left);
    detach.call = call("router", service.router->name, "detach", instances);
    detach.undo = {UndoKind::call, call("router", service.router->name, "attach", instances)};
    b.add(detach);
  }
  auto stop = taking("/stop", 5min);
  stop.says = fmt::format("stop {} {}{}", s.service, s.previous.version, left);
  stop.call = call("platform", service.platform.name, "stop", instances);
  std::ranges::move(from_current(b, s), std::back_inserter(instances));
  stop.undo = {UndoKind::call, call("platform", service.platform.name, "start", instances)};
  b.add(stop);
}

run::Step serves(Builder& b, const run::Subject& s) {
  run::Step step{.path = "serves", .says = s.candidate_name() + " serves", .repeatable = true};
  step.call = call("platform", b.service(s).platform.name, "healthy", {});
  return about(b, s, run::Side::candidate, step);
}

run::Step says(Builder& b, const run::Subject& s, run::Side side) {
  bool back = side == run::Side::previous;
  run::Step step{.path = back ? s.service + " says " + s.previous.says : "says", .timeout = 1min, .repeatable = true};
  step.says = back ? fmt::format("{} says {}", s.service, s.previous.says)
                   : fmt::format("{} says which version serves", s.service);
  auto& probe = *b.service(s).serves;
  step.call = call("probe", probe.name, "says", {{"options", {}, b.value(probe.options, b.index_of(s), side)}});
  auto& known = std::get<spec::Map>(step.call.args.is);
  if (!s.previous.says.empty() && s.previous.version != s.candidate.version)
    known.push_back(arg(back ? "same" : "other", s.previous.says));
  step.tries = 5;
  return about(b, s, side, step);
}

run::Step home(Builder& b, const run::Subject& s) {
  run::Step step{.path = s.service, .timeout = 1min + b.drains_within().value_or(0s), .repeatable = true};
  step.says = fmt::format("all users to {}", s.previous_name());
  step.undo = {UndoKind::call, call("router", b.service(s).router->name, "home",
                                    draining(b, {arg("instances", instances_of(s.previous))}))};
  return about(b, s, run::Side::previous, step);
}

// On the way back the platform replaces the other way round; a first release it is told to end.
void ship(Builder& b, const run::Subject& s, const plan::Common& common) {
  b.returns_are_verified();
  auto& platform = b.service(s).platform.name;
  b.inside(s.service, [&] {
    auto step = about(b, s, run::Side::candidate,
                      {.path = "ship", .timeout = 30min, .repeatable = true, .effect = run::Effect::exposes});
    step.says =
        fmt::format("have {} replaced by {}", s.previous.none() ? "what runs" : s.previous_name(), s.candidate_name());
    step.call = call("roller", platform, "ship", {});
    step.undo = {UndoKind::call, s.previous.none() ? call("platform", platform, "stop", {arg("keep", std::int64_t{0})})
                                                   : call("roller", platform, "back", {})};
    apply(common, step);
    b.add(step);
    b.add(serves(b, s));
  });
}

// Where both can run the previous release is up again before the candidate is taken down.
void stop_in_place(Builder& b, const run::Subject& s) {
  b.returns_are_verified();
  take_down_previous(b, s, 0, b.both_can_run(s));
  b.stopped(s);
}

void start_in_place(Builder& b, const run::Subject& s, Beside beside) {
  b.returns_are_verified();
  if (!b.service(s).side_by_side) make_current(b, s);
  bring_up(b, s, instances_of(s.candidate), beside);
  b.inside(s.service, [&] {
    if (b.routed(s)) return void(b.add(shift(b, s, Ratio{1})));
    auto step = serves(b, s);
    step.effect = run::Effect::exposes;
    b.add(step);
  });
}

}  // namespace davy::rollout
