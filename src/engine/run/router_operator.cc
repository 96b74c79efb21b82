#include <fmt/format.h>

#include <algorithm>

#include "engine/run/all_users.h"
#include "engine/run/alone.h"
#include "engine/run/operators.h"
#include "engine/run/routed.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using Endpoints = std::vector<ports::Endpoint>;
// Unless the plan says `drain-within`:
constexpr Duration kDrainWithin = 30s;  // of a release that goes for good; what is left then is ended
constexpr int kAttachTries = 3;         // each as long as a server may take to come up
constexpr Duration kSessionGrace = 1s;  // of sticky sessions on a candidate that is taken back

struct RouterOperator : Repeatable {
  using Repeatable::Repeatable;

  // What stood before is not what a router shows that has forgotten everything.
  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call&) override {
    auto turn = co_await my_turn();
    if (!turn) co_return std::unexpected(turn.error());
    ++s.routing;
    auto found = co_await as_it_stands(a);
    --s.routing;
    co_return found;
  }

  ports::Task<ports::Done> act(run::Attempt a, run::Call call) override {
    auto turn = co_await my_turn();
    if (!turn) co_return std::unexpected(turn.error());
    ++s.routing;
    auto went = co_await carry_out(a, call);
    --s.routing;
    co_return went;
  }

 private:
  ports::Task<> my_turn() {
    while (s.routing > 0)
      if (auto slept = co_await s.outside.clock.sleep_until(s.outside.clock.now() + 1ms); !slept) co_return slept;
    co_return Result<>{};
  }

  ports::Task<spec::Value> as_it_stands(run::Attempt a) {
    // Nobody who had users is up: that is how it stands, and this step may give them to somebody who is.
    auto healed = co_await heal(s, s.step(a).subject, Heal::what_is_gone);
    if (!healed && healed.error().code != Code::refused) co_return std::unexpected(healed.error());
    auto endpoints = co_await s.instances(s.step(a).subject);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    auto served = co_await read(a, *endpoints);
    if (!served) co_return std::unexpected(served.error());
    co_return evidence_of(*served);
  }

  ports::Task<ports::Done> carry_out(run::Attempt a, run::Call call) {
    auto endpoints = co_await s.instances(s.step(a).subject);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    // On the way back nobody is given to the candidate once more. What does not go the step itself says.
    if (a.way == run::Way::apply || share_of(s.routed[s.subject(a).service], s.subject(a).candidate.id) == 0)
      (void)co_await heal(s, s.step(a).subject, Heal::what_is_gone);
    auto went = co_await perform(a, call, *endpoints);
    if (!went) co_return std::unexpected(went.error());
    auto served = co_await read(a, *endpoints);
    if (!served) co_return std::unexpected(served.error());
    auto& left = s.routed[s.subject(a).service];
    if (forgot_meanwhile(a, call, left, *served))
      co_return fail(Code::unavailable, "the router was started anew meanwhile, and knows nobody");
    went->evidence = evidence_of(*served);
    s.ordered[s.subject(a).service] = *served;
    left = std::move(*served);
    s.forgetting.erase(s.subject(a).service);
    co_return went;
  }

  // Nobody has users any more, and it was not this step that took them.
  bool forgot_meanwhile(const run::Attempt& a, const run::Call& call, Routed expected, const Routed& now) const {
    if (s.subject(a).previous.none() || !users_with_nobody(now)) return false;
    bool takes = call.operation == "detach" || call.operation == "drain";
    if (takes) std::erase_if(expected, [&](auto& one) { return one.release == s.release(a).id; });
    return !users_with_nobody(expected);
  }

  run::Side other_side(const run::Attempt& a) const {
    return s.step(a).side == run::Side::candidate ? run::Side::previous : run::Side::candidate;
  }
  ports::Router& router(const run::Attempt& a) { return *s.ports_of(a).router; }

  ports::Task<Routed> read(run::Attempt a, Endpoints endpoints) {
    auto served = co_await router(a).read(endpoints, s.asking(a));
    if (served) s.learn(*served);
    co_return served;
  }

  ports::Task<ports::Done> perform(run::Attempt a, run::Call call, Endpoints all) {
    auto found = where_they_are_now(routed_of(a.found).value_or(Routed{}), all);
    bool undo = a.way == run::Way::undo && !a.found.null();
    if (a.way == run::Way::aside) co_return co_await take_away(a, all);
    auto grace = argument<Duration>(call, "within", kSessionGrace);
    if (call.operation == "home") co_return co_await bring_home(a, all, grace);
    if (call.operation == "restore") co_return co_await restore(a, found, all, grace);
    if (a.way == run::Way::apply && call.operation != "attach")
      if (auto there = co_await candidate_is_there(a, all); !there) co_return std::unexpected(there.error());
    if (call.operation == "shift") co_return co_await shift(a, call, all);
    auto mine = of(a, call, all, undo ? &found : nullptr);
    if (call.operation == "attach") co_return co_await attach(a, mine, all);
    if (call.operation == "drain") co_return co_await drain(a, mine, argument<Duration>(call, "within", kDrainWithin));
    if (auto well = co_await s.see_that_previous_is_well(a, call); !well) co_return std::unexpected(well.error());
    co_return said(co_await router(a).detach(mine, s.asking(a)), fmt::format("{} servers", mine.size()));
  }

  // A release that the router's own check does not find well, try after try, is for people: without an end to that a
  // rollback of what was done would go on for ever.
  ports::Task<ports::Done> attach(run::Attempt a, Endpoints mine, Endpoints all) {
    if (a.way == run::Way::apply)
      if (auto none = co_await nobodys_gift(a, all); !none) co_return std::unexpected(none.error());
    auto went = co_await router(a).attach(mine, s.asking(a));
    bool sick = !went && went.error().code == Code::timed_out && a.way == run::Way::undo && a.number >= kAttachTries;
    if (sick) co_return ports::Done{run::Outcome::failed, to_string(went.error()), {}, {}, true};
    co_return said(went, fmt::format("{} servers", mine.size()));
  }

  // The router may know an address of the candidate from before, with users. No step gave it any there: they are taken
  // away.
  ports::Task<> nobodys_gift(run::Attempt a, Endpoints all) {
    auto now = co_await read(a, all);
    if (!now) co_return std::unexpected(now.error());
    auto& candidate = s.release(a).id;
    auto& given = s.ordered[s.subject(a).service];
    bool any = false;
    for (auto& one : *now) {
      auto before = std::ranges::find(given, one.address, &ports::Served::address);
      bool ours = before != given.end() && before->release == candidate && before->weight > 0;
      if (one.release != candidate || one.weight == 0 || ours) continue;
      any = true, one.weight = 0;
    }
    if (!any || users_with_nobody(*now)) co_return Result<>{};
    co_return co_await router(a).restore(*now, all, Duration::zero(), s.asking(a));
  }

  ports::Task<ports::Done> shift(run::Attempt a, run::Call call, Endpoints all) {
    auto share = argument<Ratio>(call, "share");
    auto alone = share.value < 1
                     ? co_await stays_down(router(a), s.outside.clock, all, s.other_release(a), s.asking(a), s.down)
                     : Result<bool>(false);
    if (!alone) co_return std::unexpected(alone.error());
    if (*alone) co_return co_await all_of_them(a, all, share);
    auto went = co_await router(a).shift(s.release(a).id, share, s.other_release(a).id, all, s.asking(a));
    co_return said(went, human(share));
  }

  // A share makes no sense in an outage: whoever is not with the candidate is with nobody.
  ports::Task<ports::Done> all_of_them(run::Attempt a, Endpoints all, Ratio planned) {
    auto went = co_await router(a).shift(s.release(a).id, Ratio{1}, s.other_release(a).id, all, s.asking(a));
    co_return said(went,
                   fmt::format("100% instead of {}: nobody of {} is up", human(planned), name(s.other_release(a).id)));
  }

  // All users go to the other release, those too who stay where they are: a shift would leave them. Somebody of it must
  // be up: it may have had no users for long.
  ports::Task<ports::Done> take_away(run::Attempt a, Endpoints all) {
    auto& home = s.other_release(a);
    auto now = co_await read(a, all);
    if (!now) co_return std::unexpected(now.error());
    if (is_down(*now, all, home))
      co_return fail(Code::unavailable, fmt::format("nobody of {} is up: users stay", name(home.id)));
    auto went = co_await all_to(a, all, other_side(a), kSessionGrace);
    if (went) went->says = "no users until it is tried again";
    co_return went;
  }

  // Before more users come, and before the previous release goes: an instance may have vanished since it was started.
  // (In place it has not been started when the previous one goes.)
  ports::Task<> candidate_is_there(run::Attempt a, Endpoints all) {
    auto& candidate = s.subject(a).candidate;
    if (std::ranges::find(all, candidate.id, &ports::Endpoint::release) == all.end()) co_return Result<>{};
    auto asking = s.asking(s.step(a).subject, run::Side::candidate);
    co_return co_await s.ports_of(a).platform->healthy(candidate, asking);
  }

  // The first act of going back, whatever it finds: all users to the previous release, which is started anew where none
  // of it runs any more. Sessions that stick to the candidate are ended.
  ports::Task<ports::Done> bring_home(run::Attempt a, Endpoints all, Duration grace) {
    auto& home = s.release(a).id;
    auto runs = [&](const ports::Endpoint& e) { return e.release == home && e.alive; };
    auto went = Result<ports::Done>(fail(Code::refused, "nobody of " + name(home) + " runs"));
    if (std::ranges::any_of(all, runs)) went = co_await all_to(a, all, run::Side::previous, grace);
    if (!went && went.error().code != Code::refused) co_return went;
    if (!went) {  // nobody of it is up
      (void)co_await candidate_serves_meanwhile(s, s.step(a).subject);
      auto up = co_await bring_up(a);
      if (!up) co_return std::unexpected(up.error());
      co_return co_await all_to(a, *std::move(up), run::Side::previous, grace);
    }
    if (std::ranges::count_if(all, runs) >= argument(s.step(a).undo.call, "instances", 1)) co_return went;
    // Users are back; what is missing of it comes after. That it does not is for the proofs to say.
    if (auto up = co_await bring_up(a)) (void)co_await all_to(a, *std::move(up), run::Side::previous, grace);
    co_return went;
  }

  ports::Task<ports::Done> all_to(run::Attempt a, Endpoints all, run::Side side, Duration grace) {
    return all_users_to(s, s.step(a).subject, side, std::move(all), grace, s.asking(a));
  }

  ports::Task<Endpoints> bring_up(run::Attempt a) {
    auto& home = s.release(a);
    auto n = argument(s.step(a).undo.call, "instances", 1);
    auto who = s.asking(a);
    auto told = co_await s.to_start(home, s.step(a).subject, who);
    auto started = co_await s.ports_of(a).platform->start(home, n, told.value_or(who));
    if (!started) co_return std::unexpected(started.error());
    auto all = co_await s.instances(s.step(a).subject);
    if (!all) co_return all;
    if (auto known = co_await attach_living(s, s.step(a).subject, *all, home.id, s.asking(a)); !known)
      co_return std::unexpected(known.error());
    co_return all;
  }

  // A canary that somebody left may have had users then. Nobody judges it, so the way back gives it none.
  Routed without_strangers(const run::Attempt& a, Routed found) const {
    auto &candidate = s.subject(a).candidate.id, &home = s.subject(a).previous.id;
    for (auto& one : found)
      if (one.release != candidate && one.release != home) one.weight = 0;
    return found;
  }

  // What stood before; but on the way back nobody is given to the candidate who is not with it by now.
  ports::Task<ports::Done> restore(run::Attempt a, Routed found, Endpoints all, Duration grace) {
    if (a.found.null()) co_return ok("nothing was changed");
    if (a.way == run::Way::undo && !s.subject(a).previous.none()) found = without_strangers(a, std::move(found));
    bool nobody = std::ranges::none_of(found, [](auto& one) { return one.weight > 0; });
    if (nobody && !s.subject(a).previous.none())
      co_return ok("nobody was seen to have users before: all stays as it is");
    auto now = co_await read(a, all);
    if (!now) co_return std::unexpected(now.error());
    auto& candidate = s.subject(a).candidate.id;
    auto& home = s.subject(a).previous.id;
    bool more = a.way == run::Way::undo && share_of(found, candidate) > share_of(*now, candidate) + 1e-3;
    if (more && has_users(*now, home) && share_of(*now, candidate) == 0) {
      if (all_have_users(*now, home)) co_return ok("all users are back already");
      found = everybody_with(*now, home);
    } else if (more) {
      co_return ok("the candidate gets no more users than it has: " + shares(*now));
    }
    auto went = co_await router(a).restore(found, all, grace, s.asking(a));
    bool home_already = a.way == run::Way::undo && has_users(*now, home) && share_of(*now, candidate) == 0;
    // Nobody of it is up at this moment: whoever takes the candidate away sees to that first.
    bool nobody_up = !went && went.error().code == Code::refused;
    if (nobody_up && home_already) co_return ok("all users are back already");
    // Who had them is gone: on the way back they are with the previous release sooner.
    bool home_is_up = !s.subject(a).previous.none() && !is_down(*now, all, s.subject(a).previous);
    if (nobody_up && a.way == run::Way::undo && home_is_up)
      co_return co_await all_to(a, all, run::Side::previous, grace);
    co_return said(went, "as it was: " + shares(found));
  }

  ports::Task<ports::Done> drain(run::Attempt a, Endpoints mine, Duration within) {
    auto drained = co_await router(a).drain(mine, within, s.asking(a));
    if (drained || drained.error().code == Code::timed_out)
      co_return ok(drained ? "drained" : drained.error().message + ": what is left is ended");
    co_return std::unexpected(drained.error());
  }

  // The endpoints a call is about. attach: instances 0…instances-1. drain, detach: instances keep…. When it undoes,
  // what stood before decides: re-attach what was there, detach what was not.
  Endpoints of(const run::Attempt& a, const run::Call& call, const Endpoints& all, const Routed* before) const {
    auto& release = s.release(a).id;
    auto stood = [&](const ports::Endpoint& e) {
      return std::ranges::any_of(*before,
                                 [&](auto& one) { return one.address == e.address && one.release == release; });
    };
    auto attach = call.operation == "attach";
    auto keep = argument(call, "keep", 0), instances = argument(call, "instances", 1 << 20);
    Endpoints out;
    for (auto& e : all) {
      if (e.release != release || (attach && !e.alive)) continue;
      bool meant = before ? stood(e) == attach : attach ? e.index < instances : e.index >= keep;
      if (meant) out.push_back(e);
    }
    return out;
  }

  std::string shares(const Routed& served) const {
    int all = 0;
    std::map<std::string, int> by_release;
    for (auto& one : served)
      if (one.state != "maint") all += one.weight, by_release[one.release] += one.weight;
    std::string out;
    for (auto& [release, weight] : by_release)
      if (weight > 0 && !release.empty())
        out += fmt::format("{}{} {}", out.empty() ? "" : ", ", name(release),
                           human(Ratio{static_cast<double>(weight) / all}));
    return out.empty() ? "nobody served" : out;
  }

  std::string name(const std::string& release) const {
    for (auto& subject : s.runbook.subjects) {
      if (subject.candidate.id == release) return subject.candidate_name();
      if (subject.previous.id == release) return subject.previous_name();
    }
    return release;
  }

  static ports::Done ok(std::string says) { return {run::Outcome::ok, std::move(says), {}}; }
  static Result<ports::Done> said(const Result<>& result, std::string says) {
    if (!result) return std::unexpected(result.error());
    return ok(std::move(says));
  }
};

}  // namespace

std::unique_ptr<ports::Operator> router_operator(Surroundings& s) { return std::make_unique<RouterOperator>(s); }

}  // namespace davy::engine
