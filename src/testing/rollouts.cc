// The plan of a scenario, expanded as any other.
#include "rollout/rollout.h"
#include "testing/books.h"

namespace davy::testing {
namespace {

using namespace std::chrono_literals;

plan::Step step(auto what, std::optional<std::string> undo = {}) {
  plan::Step out;
  out.what = std::move(what);
  if (undo) out.common.undo = plan::Undo{*std::move(undo)};
  return out;
}

plan::Phase phase(double share, Duration bake, std::optional<run::Trouble> trouble = {}) {
  return {Ratio{share}, bake, {*spec::parse_condition("error_rate < 2%")}, trouble};
}

std::vector<plan::Step> in_place(const std::string& how) {
  plan::Step release =
      step(plan::Releasing{{step(plan::Run{"ship", ""}), step(plan::Migrate{.what = {"migrate"}}, "migrate back")}});
  auto on = step(plan::Maintenance{true}), off = step(plan::Maintenance{false}), wait = step(plan::Wait{30s});
  auto drain = step(plan::Drain{{}, 10s, plan::Otherwise::close});
  auto stop = step(plan::Stop{}), start = step(plan::Start{}), restart = step(plan::Restart{});
  if (how == "restart") return {on, release, restart, off, wait};
  if (how == "beside") return {on, drain, stop, start, off, wait};
  if (how == "replace") return {restart, wait};
  return {on, drain, stop, release, start, off, wait};
}

std::vector<plan::Step> rollout_of(const std::string& strategy) {
  if (strategy == "canary")
    return {step(plan::Canary{{phase(.05, 5s), phase(.25, 5s, run::Trouble::step_back), phase(1, 5s)}})};
  if (strategy == "long-canary")
    return {step(plan::Run{"work", ""}, "work"),
            step(plan::Canary{{phase(.05, 48h), phase(.25, 72h, run::Trouble::step_back), phase(1, 24h)}})};
  if (strategy == "by-hand")
    return {step(plan::Start{}),   step(plan::Run{"work", ""}, "nothing"), step(plan::Traffic{Ratio{.1}}),
            step(plan::Wait{10s}), step(plan::Traffic{Ratio{1}}),          step(plan::Wait{10s})};
  if (strategy == "blue-green") return {step(plan::BlueGreen{10s, {}}), step(plan::Run{"work", ""}, "nothing")};
  if (strategy == "ship") return {step(plan::Ship{}), step(plan::Wait{30s}), step(plan::Run{"work", ""}, "nothing")};
  if (strategy == "rolling") return {step(plan::Rolling{{Ratio{.25}, Ratio{.5}, Ratio{.75}, Ratio{1}}, 3s, {}})};
  return {};
}

spec::Value options(std::string command) {
  return spec::object({{"instances", {}, spec::number(kInstances)}, {"command", {}, spec::text(std::move(command))}});
}

plan::Plan plan_of(const Scenario& s) {
  plan::Plan p;
  for (auto& name : services_of(s)) {
    auto& service = p.services.emplace_back(name, plan::Provider{"sim", options("app-${version}"), {}});
    service.replaces = s.strategy == "ship";
    if (!service.replaces) service.router = plan::Provider{"sim", spec::object({}), {}};
    service.side_by_side = s.strategy != "in-place" || both_can_run(s);
  }
  if (s.strategy == "ship" || s.strategy == "in-place" || s.strategy == "by-hand")  // their `wait` judges
    p.signals = {{.name = "log", .provider = {"sim", spec::object({}), {}}, .gives = {"requests"}}};
  p.environments = {{"production", "http://app", "", "UTC", {}}};
  p.maintenance = plan::MaintenanceMode{"/maintenance", false, ""};
  p.rollback_window = 24h * 30;
  p.secrets = {"TOKEN"};
  if (!s.by_tests) p.judge.rules = {{*spec::parse_condition("error_rate > 5%"), run::Consequence::roll_back}};
  p.rollout = s.strategy == "in-place" ? in_place(s.in_place) : rollout_of(s.strategy);
  if (!s.behind.empty()) p.rollout.push_back(step(plan::Run{"tell", ""}, "tell back"));
  if (s.gate == "ticket") p.rollout.insert(p.rollout.begin(), step(plan::Run{"ticket", ""}, "impossible"));
  if (s.gate == "migration")
    p.rollout.insert(p.rollout.begin(),
                     step(plan::Migrate{.what = {"migrate"}, .compatible_with_previous = true}, "impossible"));
  return p;
}

}  // namespace

bool both_can_run(const Scenario& s) { return s.in_place == "beside" || s.in_place == "replace"; }

std::vector<std::string> services_of(const Scenario& s) {
  return s.second ? std::vector<std::string>{"app", "web"} : std::vector<std::string>{"app"};
}

spec::Value previous_options() { return options("app-1 --as-it-was"); }

run::Runbook book_of(const Scenario& s) {
  std::vector<run::Subject> subjects;
  for (auto& name : services_of(s)) {
    auto& one = subjects.emplace_back(name, run::Release{"2", name + "@2~r"});
    if (!s.first_release) one.previous = {"1", name + "@1~q", previous_options()};
  }
  auto book = rollout::expand(plan_of(s), {"production", "2", "r", subjects});
  DAVY_CHECK(book.has_value());
  return *book;
}

}  // namespace davy::testing
