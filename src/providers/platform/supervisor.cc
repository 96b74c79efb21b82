#include "providers/platform/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <set>

#include "base/text.h"
#include "providers/platform/reach.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Endpoint;
using ports::Task;
using Names = std::vector<std::string>;

constexpr Duration kLook = 100ms;

// What they must have come to, each more than the one before.
enum class Until { running, healthy, lasting };

bool among(const Names& names, const Program& p) { return std::ranges::find(names, full_name(p)) != names.end(); }

// One release on this platform. Made for a call, and lives as long.
class Programs {
 public:
  Programs(ports::Outside& out, run::Release release, SupervisorOptions o, ports::Asking who)
      : out_(out), release_(std::move(release)), o_(std::move(o)), who_(std::move(who)), supervisor_(out, o_.place()) {}

  Task<std::vector<Endpoint>> listing() {
    auto all = co_await supervisor_.programs(o_.programs);
    if (!all) co_return std::unexpected(all.error());
    std::vector<Endpoint> out;
    for (auto& p : *all)
      out.push_back({.release = release_.id,
                     .index = static_cast<int>(out.size()),
                     .alive = p.lives(),
                     .says = printable(full_name(p)) + " " + says(p)});
    co_return out;
  }

  Task<> checking() {
    auto all = co_await supervisor_.programs(o_.programs);
    if (!all) co_return std::unexpected(all.error());
    for (auto& p : *all)
      if (!p.runs()) co_return fail(Code::unavailable, named(p) + " is " + says(p));
    auto why = co_await unhealthy();
    if (!why.empty()) co_return fail(Code::unavailable, fmt::format("{} is not healthy: {}", release_.id, why));
    co_return Result<>();
  }

  Task<std::vector<Endpoint>> starting() {
    if (auto url = health_behind(o_.health, who_.variables); !url) co_return std::unexpected(url.error());
    auto order = co_await supervisor_.order(o_.programs);
    if (!order) co_return std::unexpected(order.error());
    auto until = out_.clock.now() + o_.up_within;
    for (auto& level : *order) {
      if (auto begun = co_await begin(level, until); !begun) co_return std::unexpected(begun.error());
      if (auto up = co_await wait(Until::running, until); !up) co_return std::unexpected(up.error());
    }
    if (auto well = co_await wait(Until::healthy, until); !well) co_return std::unexpected(well.error());
    if (auto lasts = co_await wait(Until::lasting, Time::max()); !lasts) co_return std::unexpected(lasts.error());
    if (auto still = co_await checking(); !still) co_return std::unexpected(still.error());
    co_return co_await listing();
  }

  Task<std::vector<ports::Home>> homes() { return supervisor_.homes(o_.programs); }

  // supervisord itself asks first, and kills after `stopwaitsecs`.
  Task<> stopping(int keep) {
    if (keep > 0) co_return Result<>();  // one slot: it is kept
    auto order = co_await supervisor_.order(o_.programs);
    if (!order) co_return std::unexpected(order.error());
    auto until = out_.clock.now() + who_.timeout;
    for (auto& level : *order | std::views::reverse)
      if (auto ended = co_await end(level, until); !ended) co_return ended;
    co_return Result<>();
  }

 private:
  std::string named(const Program& p) const { return fmt::format("{} of {}", printable(full_name(p)), release_.id); }

  Task<> pause() { return out_.clock.sleep_until(out_.clock.now() + kLook); }

  // Of these, all: one that is not there any more is not one that is well.
  Task<std::vector<Program>> looking_at(Names names) {
    auto found = co_await supervisor_.programs(o_.programs);
    if (!found) co_return found;
    std::erase_if(*found, [&](auto& p) { return !among(names, p); });
    for (auto& name : names)
      if (std::ranges::find(*found, name, full_name) == found->end())
        co_return fail(Code::invalid, fmt::format("supervisor has no {} any more", printable(name)),
                       "its configuration was changed meanwhile; try again");
    co_return found;
  }

  // Those that run are left as they are. One that an earlier try left in BACKOFF is started anew, like one that gave
  // up.
  Task<> begin(Names names, Time until) {
    for (bool all = false; !all;) {
      auto found = co_await looking_at(names);
      if (!found) co_return std::unexpected(found.error());
      all = true;
      for (auto& p : *found) {
        if (begun_.contains(full_name(p))) continue;
        if (p.state == ProgramState::stopping) {
          if (out_.clock.now() >= until) co_return std::unexpected(too_late(p, "is STOPPING"));
          all = false;
          continue;
        }
        if (auto begun = co_await begin(p); !begun) co_return begun;
      }
      if (!all)
        if (auto slept = co_await pause(); !slept) co_return slept;
    }
    co_return Result<>();
  }

  Task<> begin(Program p) {
    begun_.insert(full_name(p));
    if (p.runs() || p.state == ProgramState::starting) co_return Result<>();
    if (p.state == ProgramState::backoff)
      if (auto ended = co_await supervisor_.stop(full_name(p)); !ended) co_return ended;
    co_return co_await supervisor_.start(full_name(p));
  }

  // What has begun comes to that, or does not and says why: at once where it has failed.
  Task<> wait(Until what, Time until) {
    for (;;) {
      auto found = co_await looking_at({begun_.begin(), begun_.end()});
      if (!found) co_return std::unexpected(found.error());
      std::optional<Error> late;
      for (auto& p : *found) {
        if (auto why = failed(p); !why.empty()) co_return std::unexpected(co_await died(p, std::move(why)));
        if (auto lacks = lacking(p, what); !late && !lacks.empty()) late = too_late(p, lacks);
      }
      if (!late && what == Until::healthy)
        if (auto why = co_await unhealthy(); !why.empty())
          late = Error{Code::timed_out,
                       fmt::format("{} is not healthy after {}: {}", release_.id, human(o_.up_within), why)};
      if (!late) co_return Result<>();
      if (out_.clock.now() >= until) co_return std::unexpected(*std::move(late));
      if (auto slept = co_await pause(); !slept) co_return slept;
    }
  }

  // Of one that was begun. Empty: it may still become what it should be.
  std::string failed(const Program& p) {
    using enum ProgramState;
    if (p.state != starting && p.state != running) return "is " + says(p);
    auto first = pids_.try_emplace(full_name(p), p.pid).first->second;
    return first == p.pid ? "" : fmt::format("ended, and supervisor started it again (pid {}, then {})", first, p.pid);
  }

  // How long it runs goes by our own clock: supervisord's may be set meanwhile.
  std::string lacking(const Program& p, Until what) {
    if (!p.runs()) return "is " + says(p);
    auto since = running_since_.try_emplace(full_name(p), out_.clock.now()).first->second;
    return what != Until::lasting || out_.clock.now() - since >= o_.healthy_for ? "" : "is " + says(p);
  }

  Error too_late(const Program& p, const std::string& lacks) const {
    return {Code::timed_out, fmt::format("{} {}, after {}", named(p), lacks, human(o_.up_within)),
            "a longer `up-within`, if it needs that"};
  }

  ports::asio::awaitable<Error> died(Program p, std::string why) {
    auto words = co_await supervisor_.last_words_of(full_name(p));
    co_return Error{Code::invalid,
                    fmt::format("{} {}{}", named(p), why, words.empty() ? "" : "; its log ends: " + words),
                    fmt::format("`supervisorctl tail {} stderr` has what it said", printable(full_name(p)))};
  }

  Task<> end(Names names, Time until) {
    for (;;) {
      auto found = co_await supervisor_.programs(o_.programs);
      if (!found) co_return std::unexpected(found.error());
      std::erase_if(*found, [&](auto& p) { return !among(names, p) || p.is_down(); });
      if (found->empty()) co_return Result<>();
      if (out_.clock.now() >= until)
        co_return fail(Code::timed_out, fmt::format("{} is still {}", named(found->front()), says(found->front())),
                       "its `stopwaitsecs` says when supervisor kills it");
      for (auto& p : *found)
        if (p.state != ProgramState::stopping)
          if (auto ended = co_await supervisor_.stop(full_name(p)); !ended) co_return ended;
      if (auto slept = co_await pause(); !slept) co_return slept;
    }
  }

  // Empty when it is healthy, and when nobody says how to ask.
  ports::asio::awaitable<std::string> unhealthy() {
    auto url = health_behind(o_.health, who_.variables);
    if (!url) co_return url.error().message;
    if (url->empty()) co_return "";
    co_return co_await providers::unhealthy(out_, *url);
  }

  ports::Outside& out_;
  run::Release release_;
  SupervisorOptions o_;
  ports::Asking who_;
  Supervisor supervisor_;
  std::set<std::string> begun_;               // by this call
  std::map<std::string, std::int64_t> pids_;  // of those, as they were seen first
  std::map<std::string, Time> running_since_;
};

class SupervisorPlatform final : public ports::Platform {
 public:
  explicit SupervisorPlatform(ports::Outside& out) : out_(out) {}

  Task<std::vector<Endpoint>> instances(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Programs& p) { return p.listing(); });
  }
  Task<std::vector<Endpoint>> start(const run::Release& r, int, const ports::Asking& who) override {
    return with(r, who, [](Programs& p) { return p.starting(); });
  }
  Task<> stop(const run::Release& r, int keep, const ports::Asking& who) override {
    return with(r, who, [keep](Programs& p) { return p.stopping(keep); });
  }
  Task<> healthy(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Programs& p) { return p.checking(); });
  }
  Task<std::vector<ports::Home>> homes(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Programs& p) { return p.homes(); });
  }

 private:
  template <class F>
  auto with(run::Release release, ports::Asking who, F act) -> std::invoke_result_t<F, Programs&> {
    auto options = spec::decoded<SupervisorOptions>(release.as, "options of " + release.id);
    if (!options) co_return std::unexpected(options.error());
    Programs programs(out_, std::move(release), std::move(*options), std::move(who));
    co_return co_await act(programs);
  }

  ports::Outside& out_;
};

}  // namespace

bool fit_together(const SupervisorOptions& o, const spec::Value& given, spec::Diagnostics& d) {
  return reachable(o.place(), given, d);
}

std::unique_ptr<ports::Platform> supervisor_platform(ports::Outside& out, ports::Place) {
  return std::make_unique<SupervisorPlatform>(out);
}

void add_supervisor_platform(ports::Registry& r) {
  r.platform<SupervisorOptions>("supervisor", "Programs of a supervisord that is there: one release at a time.",
                                "{ supervisor: backend, health: /health }", supervisor_platform, {"folders"});
}

}  // namespace davy::providers
