#include "rollout/builder.h"

#include <algorithm>

#include "base/text.h"
#include "plan/words/names.h"

namespace davy::rollout {
const plan::Service& Builder::service(const run::Subject& s) const { return *plan_.service(s.service); }

run::Step& Builder::add(run::Step step) {
  step.path = path(step.path);
  step.wave = sharing_ ? wave_ : wave_++;
  step.phase = phase_;
  exposed_ |= step.exposes();
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

void Builder::covers(run::StepIx returns, run::StepIx first) {
  for (auto i = returns; i < first; ++i) {
    auto& step = book_.steps[static_cast<std::size_t>(i)];
    step.covers_first = first, step.covers_last = count();
  }
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
  bool page = users_are_back() < plan_.rollout.size();
  auto proofs = page ? std::vector<run::Step>{} : proofs_of_who_serves();
  std::ranges::move(proofs_of(0, users_are_back()), std::back_inserter(proofs));
  for (auto& s : book_.subjects) {
    run::Step health{.path = s.service + " is healthy", .says = "check that " + s.previous.version + " is healthy"};
    bool beside = both_can_run(s);  // else it may not be started on what the candidate left
    health.call = {"platform", service(s).platform.name, "healthy",
                   args(beside ? spec::Map{arg("previous", instances_of(s.previous))} : spec::Map{})};
    if (!s.previous.none()) proofs.push_back(about(*this, s, run::Side::previous, health));
  }
  prove(std::move(proofs));
}

void Builder::returns_are_verified_with_users() {
  if (std::exchange(verified_with_users_, true)) return;
  auto proofs = proofs_of_who_serves();
  std::ranges::move(proofs_of(users_are_back(), plan_.rollout.size()), std::back_inserter(proofs));
  prove(std::move(proofs));
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

bool Builder::in_environment(const plan::Common& common) const {
  auto& where = common.only_in;
  return where.empty() || std::ranges::find(where, book_.environment) != where.end();
}

bool Builder::here(const plan::Probe& item) {
  if (in_environment(item.common)) return true;
  if (shows_elsewhere_)
    add({.path = item.title, .says = "only in " + joined(item.common.only_in, ", "), .call = elsewhere()});
  return false;
}

std::vector<run::Step> Builder::proofs_of(std::size_t from, std::size_t to) {
  std::vector<run::Step> proofs;
  for (auto i = from; i < to; ++i)
    if (auto verify = std::get_if<plan::Verify>(&plan_.rollout[i].what))
      for (auto& item : verify->items)
        if (item.person == plan::Person::nobody && in_environment(item.common))
          proofs.push_back(probe(*this, item, run::Side::previous));
  std::ranges::reverse(proofs);
  return proofs;
}

// What it said when it was verified it must say again.
std::vector<run::Step> Builder::proofs_of_who_serves() {
  std::vector<run::Step> proofs;
  for (auto& s : book_.subjects)
    if (service(s).serves && !s.previous.says.empty()) proofs.push_back(says(*this, s, run::Side::previous));
  return proofs;
}

void Builder::prove(std::vector<run::Step> proofs) {
  inside("return", [&] {
    for (auto& proof : proofs) {
      if (book_.first_release()) continue;
      auto back = proof;
      back.says = "after a rollback: " + proof.says;
      back.call = {};
      back.repeatable = true, back.optional = false;
      back.undo = {run::UndoKind::call, proof.call};
      back.tries = proof.call.args.find("within") ? proof.tries : std::max(proof.tries, 5);
      add(std::move(back));
    }
  });
}

// Last of all: is all that was shipped still there? And, for the way back alone: users first.
void Builder::finish() {
  for (auto& body : last_) body();
  for (auto& s : book_.subjects)
    if (folders_made_ && service(s).side_by_side) make_current(*this, s);
  for (auto& s : book_.subjects)
    if (service(s).serves) inside(s.service, [&] { add(says(*this, s, run::Side::candidate)); });
  drains_ = longest_drain_;
  if (exposed_) bring_home();
  if (folders_made_) keep_few(*this);
}

void Builder::bring_home() {
  for (auto& s : book_.subjects) {
    if (!routed(s)) continue;
    inside(s.service, [&] { add(serves(*this, s)); });
    if (!s.previous.none()) inside("home", [&] { add(home(*this, s)); });
  }
}

template <class T>
T Builder::expanded(const T& raw, std::int32_t subject, run::Side side, const std::vector<std::string>& later) {
  auto known = book_.variables(subject, side);
  known["instance"] = "${instance}";  // told when a probe looks, and so is what it keeps
  for (auto& name : later) known[name] = "${" + name + "}";
  auto out = plan::expanded(raw, known);
  if (!out && !problem_) problem_ = out.error();
  return out.value_or(raw);
}

std::string Builder::text(const std::string& raw, std::int32_t subject, run::Side side) {
  return expanded(raw, subject, side);
}

spec::Value Builder::value(const spec::Value& raw, std::int32_t subject, run::Side side) {
  return expanded(raw, subject, side, plan::kept_names(raw));
}

run::Call elsewhere() { return {"elsewhere", "", "", {}}; }

spec::Value args(spec::Map map) { return spec::object(std::move(map)); }
spec::Entry arg(std::string key, std::string value) { return {std::move(key), {}, spec::text(std::move(value))}; }
spec::Entry arg(std::string key, std::int64_t value) { return {std::move(key), {}, spec::number(value)}; }

run::Step about(Builder& b, const run::Subject& s, run::Side side, run::Step step) {
  step.subject = b.index_of(s), step.side = side;
  return step;
}

void apply(const plan::Common& common, run::Step& step) {
  if (common.timeout) step.timeout = *common.timeout;
  if (common.retry) step.tries = common.retry->tries, step.retry_wait = common.retry->wait;
  if (common.on_trouble) step.on_trouble = *common.on_trouble;
  step.optional |= common.optional;
  step.repeatable |= common.repeatable;
  if (common.secrets) step.secrets = common.secrets;
}

}  // namespace davy::rollout
