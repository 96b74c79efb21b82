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

spec::Map with(spec::Map base, spec::Entry more) {
  base.push_back(std::move(more));
  return base;
}

}  // namespace

std::int64_t instances_of(const plan::Service& s) {
  auto n = s.platform.options.find("instances");
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

run::Step probe(Builder& b, const plan::Probe& p) {
  run::Step step{.path = p.title, .says = p.title, .repeatable = true};
  step.timeout = 30s;
  if (p.person != plan::Person::nobody) {
    auto approve = p.person == plan::Person::approve;
    step.says = fmt::format("{}: {} by {}", p.title, approve ? "approval" : "confirmation", p.who);
    step.call = call("person", "", approve ? "approve" : "confirm", {arg("who", p.who), arg("item", p.title)});
    step.timeout = p.expires;
    step.on_trouble = run::Trouble::hold;
  } else {
    step.call =
        call("probe", p.provider.name, "look",
             {{"options", {}, b.value(p.provider.options)}, {"expect", {}, spec::from_json(spec::encode(p.expect))}});
    if (auto length = p.provider.options.find("for"))  // it takes that long to be well
      step.timeout += spec::decoded<Duration>(*length, "for").value_or(Duration{});
  }
  apply(p.common, step);
  return step;
}

void bring_up(Builder& b, const run::Subject& s, std::int64_t instances) {
  auto& service = b.service(s);
  auto candidate = with(about(s, s.candidate), arg("instances", instances));
  run::Step start{.path = s.service + "/start", .timeout = 10min, .repeatable = true, .changes = true};
  start.says = fmt::format("start {} of {} {} and wait until healthy", instances, s.service, s.candidate.version);
  start.call = call("platform", service.platform.name, "start", candidate);
  start.undo = {UndoKind::call, call("platform", service.platform.name, "return", candidate)};
  b.add(start);
  if (!b.routed(s)) return;
  run::Step attach{.path = s.service + "/attach", .timeout = 2min, .repeatable = true, .changes = true};
  attach.says = fmt::format("make {} {} known to the router, without users", s.service, s.candidate.version);
  attach.call = call("router", service.router->name, "attach", candidate);
  attach.undo = {UndoKind::call,
                 call("router", service.router->name, "detach", with(about(s, s.candidate), arg("keep", 0)))};
  b.add(attach);
}

run::Step shift(const run::Subject& s, Ratio share) {
  run::Step step{.path = "traffic", .timeout = 1min, .repeatable = true, .changes = true, .exposes = true};
  step.says = fmt::format("give {} {} {} of the traffic", s.service, s.candidate.version, human(share));
  auto to = with(with(about(s, s.candidate), arg("rest", s.previous.id)),
                 {"share", {}, spec::from_json(spec::encode(share))});
  step.call = call("router", "", "shift", to);
  step.undo = {UndoKind::call, call("router", "", "restore", to)};
  return step;
}

void take_down_previous(Builder& b, const run::Subject& s, std::int64_t keep) {
  auto last = keep == 0;
  if (s.previous.none()) return;
  auto& service = b.service(s);
  auto previous = with(with(about(s, s.previous), arg("keep", keep)), arg("instances", instances_of(service)));
  auto left = last ? std::string() : fmt::format(" down to {}", keep);
  if (b.routed(s)) {
    run::Step drain{.path = s.service + "/drain", .timeout = 10min, .repeatable = true, .changes = true};
    drain.says = fmt::format("drain {} {}{}", s.service, s.previous.version, left);
    drain.call = call("router", service.router->name, "drain", previous);
    drain.undo = {UndoKind::call, call("router", service.router->name, "restore", about(s, s.previous))};
    drain.parts = last;
    b.add(drain);
    run::Step detach{.path = s.service + "/detach", .timeout = 1min, .repeatable = true, .changes = true};
    detach.says = fmt::format("take {} {} out of the router{}", s.service, s.previous.version, left);
    detach.call = call("router", service.router->name, "detach", previous);
    detach.undo = {UndoKind::call, call("router", service.router->name, "attach", previous)};
    detach.parts = last;
    b.add(detach);
  }
  run::Step stop{.path = s.service + "/stop", .timeout = 5min, .repeatable = true, .changes = true};
  stop.says = fmt::format("stop {} {}{}", s.service, s.previous.version, left);
  stop.call = call("platform", service.platform.name, "stop", previous);
  stop.undo = {UndoKind::call, call("platform", service.platform.name, "start", previous)};
  stop.parts = last;
  b.add(stop);
}

void stop_in_place(Builder& b, const run::Subject& s) {
  b.returns_are_verified();
  take_down_previous(b, s, 0);
}

void start_in_place(Builder& b, const run::Subject& s, bool exposes) {
  b.returns_are_verified();
  bring_up(b, s, instances_of(b.service(s)));
  if (!b.routed(s)) {
    b.inside(s.service, [&] {
      run::Step serves{.path = "serves", .says = s.service + " " + s.candidate.version + " serves", .repeatable = true};
      serves.call = call("platform", b.service(s).platform.name, "healthy", about(s, s.candidate));
      serves.exposes = exposes;
      b.add(serves);
    });
    return;
  }
  b.inside(s.service, [&] {
    auto step = shift(s, Ratio{1});
    step.exposes = exposes;
    b.add(step);
  });
}

}  // namespace davy::rollout
