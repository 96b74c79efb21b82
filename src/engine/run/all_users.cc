#include "engine/run/all_users.h"

#include <fmt/format.h>

#include <algorithm>

namespace davy::engine {
namespace {

using Endpoints = std::vector<ports::Endpoint>;

ports::Router& router_of(Surroundings& s, std::int32_t subject) {
  return *s.services.at(s.subject(subject).service).router;
}

const run::Release& release_of(const Surroundings& s, std::int32_t subject, run::Side side) {
  return side == run::Side::candidate ? s.subject(subject).candidate : s.subject(subject).previous;
}

std::string name_of(const Surroundings& s, std::int32_t subject, run::Side side) {
  auto& about = s.subject(subject);
  return side == run::Side::candidate ? about.candidate_name() : about.previous_name();
}

}  // namespace

ports::Task<> attach_living(Surroundings& s, std::int32_t subject, Endpoints all, std::string release,
                            ports::Asking who) {
  std::erase_if(all, [&](auto& e) { return e.release != release || !e.alive; });
  co_return co_await router_of(s, subject).attach(all, who);
}

ports::Task<ports::Done> all_users_to(Surroundings& s, std::int32_t subject, run::Side side, Endpoints all,
                                      Duration grace, ports::Asking who) {
  auto& router = router_of(s, subject);
  auto& to = release_of(s, subject, side).id;
  auto rest = release_of(s, subject, side == run::Side::candidate ? run::Side::previous : run::Side::candidate).id;
  auto shown = name_of(s, subject, side);
  auto now = co_await router.read(all, who);
  if (now && everybody_with(*now, to).empty()) {  // a router that was started anew
    if (auto known = co_await attach_living(s, subject, all, to, who); !known) co_return std::unexpected(known.error());
    now = co_await router.read(all, who);
  }
  if (!now) co_return std::unexpected(now.error());
  auto table = everybody_with(*now, to);
  if (table.empty()) co_return fail(Code::unavailable, "the router knows no server of " + shown);
  if (is_down(*now, all, release_of(s, subject, side))) co_return fail(Code::refused, "nobody of " + shown + " is up");
  if (all_have_users(*now, to) && !has_users(*now, rest))
    co_return ports::Done{run::Outcome::ok, fmt::format("all users are with {} already", shown), {}};
  if (auto went = co_await router.restore(table, all, grace, who); !went) co_return std::unexpected(went.error());
  co_return ports::Done{run::Outcome::ok, "all users are with " + shown, {}};
}

ports::Task<> candidate_serves_meanwhile(Surroundings& s, std::int32_t subject) {
  auto& about = s.subject(subject);
  if (!s.services.at(about.service).router) co_return Result<>{};
  auto who = s.asking(subject, run::Side::candidate);
  auto all = co_await s.instances(subject);
  if (!all) co_return std::unexpected(all.error());
  auto& router = router_of(s, subject);
  auto now = co_await router.read(*all, who);
  if (!now) co_return std::unexpected(now.error());
  bool known = !everybody_with(*now, about.candidate.id).empty();
  if (!known || living(*all, about.candidate.id).empty() || !is_down(*now, *all, about.previous)) co_return Result<>{};
  auto& left = s.routed[about.service] = everybody_with(*now, about.candidate.id);  // also where no answer comes
  auto went = co_await router.shift(about.candidate.id, Ratio{1}, about.previous.id, *all, who);
  if (now = co_await router.read(*all, who); now) left = *std::move(now);
  co_return went;
}

}  // namespace davy::engine
