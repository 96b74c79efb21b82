// Stories for the view's tests: a runbook like the ones that strategies make, and a run of it as a journal, driven
// through run::decide as the engine drives it.
#pragma once
#include <algorithm>
#include <cmath>

#include "view/view.h"

namespace davy::view::testing {
using namespace std::chrono_literals;

inline spec::Entry arg(std::string key, std::string value) {
  return {std::move(key), {}, spec::text(std::move(value))};
}

inline run::Step step(std::string path, std::string says, std::int32_t wave, run::Call call, run::Undo undo = {}) {
  run::Step s{.path = std::move(path), .says = std::move(says), .wave = wave, .call = std::move(call)};
  s.undo = std::move(undo);
  if (s.undo.kind != run::UndoKind::nothing) s.effect = run::Effect::changes;
  s.repeatable = true;
  return s;
}

inline spec::Condition condition(std::string_view text) {
  return spec::parse_condition(text).value_or(spec::Condition{});
}

class Shop {
 public:
  run::Runbook book;

  Shop() {
    book = {.environment = "production", .version = "3"};
    book.subjects = {{"storefront", {"3", "storefront@3~k3f9"}, {"2", "storefront@2~j1aa"}}};
    book.rules = {{condition("error_rate > 5%"), run::Consequence::roll_back},
                  {condition("latency.p95 > 80ms for 1m"), run::Consequence::hold}};
    look("rollout/check/infrastructure/Disk space", 0);
    look("rollout/check/infrastructure/PostgreSQL answers", 0);
    back("rollout/return/storefront is healthy", "check that 2 is healthy", 1);
    add("start", "start 2 of storefront 3 and wait until healthy", 2, {"platform", "process", "start", about()},
        {"platform", "process", "return", about()});
    add("attach", "make storefront 3 known to the router, without users", 3, {"router", "haproxy", "attach", about()},
        {"router", "haproxy", "detach", about()});
    phase("5%", 4, 1min);
    phase("25%", 6, 2min);
    phase("100%", 8, 2min);
    retire("drain", "drain storefront 2", 10, "restore");
    retire("stop", "stop storefront 2", 11, "start");
  }

 private:
  static spec::Value about() { return spec::object({arg("service", "storefront"), arg("version", "3")}); }
  void look(std::string path, int wave) {
    auto leaf = path.substr(path.rfind('/') + 1);
    book.steps.push_back(step(path, leaf, wave, {"probe", "http", "look", {}}));
  }
  void back(std::string path, std::string says, int wave) {
    book.steps.push_back(step(path, "after a rollback: " + says, wave, {},
                              {run::UndoKind::call, {"platform", "process", "healthy", {}}}));
    book.steps.back().effect = run::Effect::looks;
  }
  void add(const std::string& leaf, std::string says, int wave, run::Call call, run::Call undo) {
    book.steps.push_back(step("rollout/canary/storefront/" + leaf, std::move(says), wave, std::move(call),
                              {run::UndoKind::call, std::move(undo)}));
    book.steps.back().subject = 0;
  }
  void phase(const std::string& share, int wave, Duration length) {
    auto first = static_cast<run::StepIx>(book.steps.size());
    auto with = spec::object({arg("service", "storefront"), arg("version", "3"), arg("share", share)});
    book.steps.push_back(step("rollout/canary/" + share + "/traffic", "give storefront 3 " + share + " of the traffic",
                              wave, {"router", "", "shift", with},
                              {run::UndoKind::call, {"router", "", "restore", with}}));
    book.steps.back().effect = run::Effect::exposes;
    auto bake =
        step("rollout/canary/" + share + "/bake", "watch for " + human(length) + ": error_rate < 0.5%", wave + 1,
             {"bake", "", "watch", spec::object({{"for", {}, spec::from_json(spec::encode(length))}})});
    bake.expected = length, bake.timeout = length * 2 + 1min;
    book.steps.push_back(bake);
    for (auto i : {first, first + 1}) book.steps[static_cast<std::size_t>(i)].phase = first;
  }
  void retire(const std::string& leaf, std::string says, int wave, const std::string& undo) {
    auto with = spec::object({arg("version", "2")});
    book.steps.push_back(step("rollout/retire/storefront/" + leaf, std::move(says), wave,
                              {leaf == "stop" ? "platform" : "router", "", leaf, with},
                              {run::UndoKind::call, {leaf == "stop" ? "platform" : "router", "", undo, with}}));
    book.steps.back().effect = run::Effect::parts;
    book.steps.back().subject = 0, book.steps.back().side = run::Side::previous;
  }
};

class Story {
 public:
  explicit Story(run::Runbook book = Shop().book) {
    apply(run::Started{.runbook = std::move(book), .hash = "c0ffee12", .who = {.who = "ann"}});
    hear(run::Took{{1, "host", "boot", "ann", 1}});
  }

  Story& after(Duration d) { return now += d, *this; }
  Story& hear(const run::Input& in) {
    for (auto& e : run::decide(state, in, now)) apply(e);
    return *this;
  }
  Story& begin() {
    for (auto [i, way] : run::wanted(state, now).prepare) hear(run::Prepared{i, way, spec::Value{}});
    return *this;
  }
  Story& end(run::Outcome outcome = run::Outcome::ok, std::string says = "", spec::Value evidence = {}) {
    return hear(run::Finished{state.open.front().id, outcome, std::move(says), std::move(evidence)});
  }
  std::string going() const { return state.open.empty() ? "" : state.step(state.open.front().step).path; }

  // Everything goes well, a step takes 120 ms and a bake its length, until a step with this in its path runs.
  Story& until(std::string_view path) {
    while (!state.ended && state.mode != run::Mode::held) {
      begin();
      if (going().empty() || (!path.empty() && going().contains(path))) break;
      pass();
    }
    return *this;
  }
  Story& bake_for(Duration d) {
    auto from = now;
    auto step = state.open.front().step;
    for (auto t = 1s; t <= d; t += 1s) second(), hear(run::Observed{step, now - from});
    return *this;
  }
  Story& verdict(run::Consequence then, std::string sentence) {
    auto evidence = spec::from_json(
        {{"candidate", {{"release", "storefront@3~k3f9"}, {"requests", 104}, {"errors", 21}, {"error_rate", 0.2019}}},
         {"previous", {{"release", "storefront@2~j1aa"}, {"requests", 1896}, {"errors", 2}, {"error_rate", 0.00105}}},
         {"window_seconds", 1.1}});
    return hear(run::Judged{"error_rate > 5%", then, std::move(sentence), evidence});
  }
  Story& ask(std::string what, std::string about = "", std::string note = "") {
    return hear(run::Asked{++entry, {.who = "bob"}, std::move(what), std::move(about), std::move(note)});
  }
  // Undoes all there is to undo.
  Story& back() {
    while (state.mode == run::Mode::retreat) {
      if (state.open.empty()) begin();
      if (state.open.empty()) break;
      after(80ms).end(state.open.front().way == run::Way::apply ? run::Outcome::cancelled : run::Outcome::ok);
    }
    return *this;
  }

  // The judge takes the users away that this step gave, for half a minute.
  Story& step_aside(std::string_view traffic) {
    auto step = std::ranges::find_if(state.runbook.steps, [&](auto& s) { return s.path.ends_with(traffic); });
    apply(run::SteppedAside{{static_cast<run::StepIx>(step - state.runbook.steps.begin())}, now + 30s});
    return *this;
  }

  RunView view() const { return project("k3f9", events, samples, now); }

  // One second of traffic: 2,000 requests, shared as the journal says.
  void second() {
    now += 1s;
    double share = 0;
    for (auto& s : state.runbook.steps)
      if (auto given = s.call.args.find("share");
          given && s.exposes() && state.at(static_cast<run::StepIx>(&s - state.runbook.steps.data())).applied)
        share = spec::decoded<Ratio>(*given, "share")->value;
    judge::Window w{.from = now - 1s, .to = now};
    auto wobble = 1 + 0.08 * std::sin(seconds(now.time_since_epoch()) * 0.9) +
                  0.05 * std::sin(seconds(now.time_since_epoch()) * 0.23);
    fill(w.releases["storefront@3~k3f9"], 2000 * share * wobble, error_share, candidate_latency);
    fill(w.releases["storefront@2~j1aa"], 2000 * (1 - share) * wobble, 0.001, 22ms);
    std::erase_if(w.releases, [](auto& one) { return one.second.requests == 0; });
    samples.push_back(std::move(w));
  }

  run::State state;
  std::vector<TimedEvent> events;
  std::vector<judge::Window> samples;
  Time now = Time(1'795'000'000s);
  std::int64_t entry = 0;
  double error_share = 0.001;
  Duration candidate_latency = 24ms;

 private:
  void apply(const run::Event& e) {
    events.push_back({static_cast<std::int64_t>(events.size()) + 1, e, now});
    run::fold(state, e, now);
  }
  static void fill(judge::Tally& t, double requests, double errors, Duration latency) {
    t.requests = static_cast<std::uint64_t>(requests);
    t.errors = static_cast<std::uint64_t>(requests * errors + 0.5);
    t.latency.add(latency / 2, t.requests);
    t.latency.add(latency, t.requests / 10 + 1);
  }
  void pass() {
    auto& s = state.step(state.open.front().step);
    if (s.call.port == "bake") return bake_for(s.expected), end(run::Outcome::ok, "held over all of it"), void();
    after(120ms).end(run::Outcome::ok, s.call.operation == "shift" ? s.path.substr(15, s.path.rfind('/') - 15) : "");
  }
};

}  // namespace davy::view::testing
