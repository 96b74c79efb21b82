// A run as a small language: steps by name, then what is heard, then what the run wants and how it stands.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run/state.h"

namespace davy::run {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

inline Step step(std::string path, std::int32_t wave) {
  Step s{.path = std::move(path), .wave = wave, .call = {"command", "", "run", {}}, .effect = Effect::changes};
  s.undo = {UndoKind::call, {"command", "", "undo", {}}};
  return s;
}

inline Step look(std::string path, std::int32_t wave) {
  return {.path = std::move(path), .wave = wave, .call = {"probe", "http", "look", {}}, .repeatable = true};
}

class Run : public testing::Test {
 protected:
  void begin(std::vector<Step> steps, bool first_release = false) {
    Runbook book{.environment = "production", .version = "2"};
    book.subjects = {{"app", {"2", "app@2"}, first_release ? Release{} : Release{"1", "app@1"}}};
    book.steps = std::move(steps);
    apply(Started{.runbook = book, .hash = "hash", .who = {.who = "ann"}});
    hear(Took{{1, "host", "boot", "ann", 1}});
  }
  void apply(const Event& e) {
    events_.push_back(e);
    fold(state_, e, now_);
  }
  void hear(const Input& in) {
    for (auto& e : decide(state_, in, now_)) apply(e);
  }
  // Prepares all that is wanted and answers what began.
  std::vector<std::string> go() {
    std::vector<std::string> began;
    for (auto [i, way] : wanted(state_, now_).prepare) {
      hear(Prepared{i, way, spec::text("before")});
      began.push_back((way == Way::undo ? "undo " : way == Way::aside ? "aside " : "") + state_.step(i).path);
    }
    return began;
  }
  void end(Outcome outcome = Outcome::ok, std::string says = "") {
    auto id = state_.open.front().id;
    hear(Finished{id, outcome, std::move(says), {}});
  }
  void end_for_people(std::string says) {
    hear(Finished{
        .id = state_.open.front().id, .outcome = Outcome::failed, .says = std::move(says), .for_people = true});
  }
  void all_well_until(std::string_view path) {
    while (!state_.ended) {
      go();
      if (state_.open.empty() || state_.step(state_.open.front().step).path == path) return;
      end();
    }
  }
  // Answers what the run answers.
  std::string ask(std::string what, std::string about = "", std::string note = "") {
    hear(Asked{++entry_, {.who = "bob"}, std::move(what), std::move(about), std::move(note)});
    for (auto it = events_.rbegin(); it != events_.rend(); ++it)
      if (auto heard = std::get_if<Heard>(&*it)) return heard->answer;
    return "";
  }
  std::vector<std::string> retreat_order() {
    std::vector<std::string> out;
    while (state_.mode == Mode::retreat) {
      auto began = go();
      if (began.empty()) break;
      out.push_back(began.front());
      end();
    }
    return out;
  }

  State state_;
  std::vector<Event> events_;
  Time now_{};
  std::int64_t entry_ = 0;
};

class CanaryRun : public Run {
 protected:
  void begin_canary(Trouble second = Trouble::step_back) {
    std::vector<Step> steps{step("start", 0)};
    for (std::string name : {"5%", "25%", "100%"}) {
      auto phase = static_cast<StepIx>(steps.size());
      auto traffic = step(name + "/traffic", phase);
      traffic.phase = phase, traffic.effect = Effect::exposes;
      traffic.subject = 0, traffic.call = {"router", "", "shift", {}};
      auto bake = look(name + "/bake", phase + 1);
      bake.phase = phase, bake.call = {"bake", "", "watch", {}};
      if (name != "5%") traffic.on_trouble = bake.on_trouble = second;
      steps.push_back(traffic);
      steps.push_back(bake);
    }
    begin(std::move(steps));
  }
  void judge(Consequence then) { hear(Judged{"error_rate > 5%", then, "20 % fail", {}}); }
  void strike() { hear(Judged{"count test", Consequence::note, "one moment", {}, now_, true}); }
  // What is going on beside the bake, as go() tells it, ends.
  void end_other(Outcome outcome = Outcome::ok) { hear(Finished{state_.open.back().id, outcome, "", {}}); }
};

}  // namespace davy::run
