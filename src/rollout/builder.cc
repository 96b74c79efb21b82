#include "rollout/builder.h"

#include <algorithm>

namespace davy::rollout {
namespace {

Variables first_variables(const plan::Plan& plan, const Request& request) {
  Variables out{{"version", request.version}, {"environment", request.environment}, {"run", request.run}};
  out["previous"] = request.subjects.empty() ? "" : request.subjects.front().previous.version;
  out["service"] = request.subjects.empty() ? "" : request.subjects.front().service;
  if (auto environment = plan.environment(request.environment)) {
    out["url"] = environment->url;
    for (auto& [name, value] : environment->variables) out[name] = value;
  }
  return out;
}

}  // namespace

Builder::Builder(const plan::Plan& plan, const Request& request, run::Runbook& book)
    : plan_(plan), book_(book), variables_(first_variables(plan, request)) {}

const plan::Service& Builder::service(const run::Subject& s) const { return *plan_.service(s.service); }

run::Step& Builder::add(run::Step step) {
  step.path = path(step.path);
  step.wave = sharing_ ? wave_ : wave_++;
  step.phase = phase_;
  exposed_ |= step.exposes;
  return book_.steps.emplace_back(std::move(step));
}

void Builder::together(const std::function<void()>& body) {
  sharing_ = true;
  body();
  sharing_ = false;
  ++wave_;
}

void Builder::phase(const std::function<void()>& body) {
  phase_ = static_cast<run::StepIx>(book_.steps.size());
  body();
  phase_ = run::kNone;
}

void Builder::inside(const std::string& name, const std::function<void()>& body) {
  auto outer = prefix_;
  prefix_ = path(name);
  body();
  prefix_ = outer;
}

std::string Builder::path(const std::string& leaf) const { return prefix_ + "/" + leaf; }

// Undone newest first: the services' health, then the plan's own verify lists.
void Builder::returns_are_verified() {
  if (std::exchange(verified_, true)) return;
  auto proofs = proofs_of(0, users_are_back());
  for (auto& s : book_.subjects) {
    run::Step health{.path = s.service + " is healthy", .says = "check that " + s.previous.version + " is healthy"};
    health.call = {"platform", service(s).platform.name, "healthy", args(about(s, s.previous))};
    if (!s.previous.none()) proofs.push_back(health);
  }
  prove(std::move(proofs));
}

void Builder::returns_are_verified_with_users() {
  if (!std::exchange(verified_with_users_, true)) prove(proofs_of(users_are_back(), plan_.rollout.size()));
}

// Where the plan ends maintenance mode: its verify lists from there on look at what users see.
std::size_t Builder::users_are_back() const {
  auto at = plan_.rollout.size();
  bool closed = false;
  for (std::size_t i = 0; i < plan_.rollout.size(); ++i)
    if (auto mode = std::get_if<plan::Maintenance>(&plan_.rollout[i].what)) {
      if (!mode->on && closed) at = i;
      closed |= mode->on;
    }
  return at;
}

std::vector<run::Step> Builder::proofs_of(std::size_t from, std::size_t to) {
  std::vector<run::Step> proofs;
  for (auto i = from; i < to; ++i)
    if (auto verify = std::get_if<plan::Verify>(&plan_.rollout[i].what))
      for (auto& item : verify->items)
        if (item.person == plan::Person::nobody) proofs.push_back(probe(*this, item));
  std::ranges::reverse(proofs);
  return proofs;
}

void Builder::prove(std::vector<run::Step> proofs) {
  inside("return", [&] {
    for (auto& proof : proofs) {
      if (book_.first_release()) continue;
      run::Step back{
          .path = proof.path, .says = "after a rollback: " + proof.says, .timeout = proof.timeout, .repeatable = true};
      back.undo = {run::UndoKind::call, proof.call};
      back.tries = std::max(proof.tries, 5);
      add(std::move(back));
    }
  });
}

void Builder::finish() {
  for (auto& body : last_) body();
}

std::string Builder::text(const std::string& raw) {
  auto out = plan::expanded(raw, variables_);
  if (!out && !problem_) problem_ = out.error();
  return out.value_or(raw);
}

spec::Value Builder::value(const spec::Value& raw) {
  auto out = plan::expanded(raw, variables_);
  if (!out && !problem_) problem_ = out.error();
  return out.value_or(raw);
}

spec::Value args(spec::Map map) { return spec::object(std::move(map)); }
spec::Entry arg(std::string key, std::string value) { return {std::move(key), {}, spec::text(std::move(value))}; }
spec::Entry arg(std::string key, std::int64_t value) { return {std::move(key), {}, spec::number(value)}; }

spec::Map about(const run::Subject& s, const run::Release& r) {
  return {arg("service", s.service), arg("release", r.id), arg("version", r.version)};
}

void apply(const plan::Common& common, run::Step& step) {
  if (common.timeout) step.timeout = *common.timeout;
  if (common.retry) step.tries = common.retry->tries, step.retry_wait = common.retry->wait;
  if (common.on_trouble) step.on_trouble = *common.on_trouble;
  step.optional |= common.optional;
  step.repeatable |= common.repeatable;
}

}  // namespace davy::rollout
