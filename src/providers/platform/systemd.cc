#include "providers/platform/systemd.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/platform/reach.h"
#include "providers/platform/systemd_client.h"

namespace davy::providers {
namespace {

using namespace std::chrono_literals;
using ports::Endpoint;
using ports::Task;
using ports::UnitAct;

constexpr Duration kLook = 100ms;

// One release on this platform. Made for a call, and lives as long.
class Services {
 public:
  Services(ports::Outside& out, const ports::Place& at, const run::Release& release, SystemdOptions o,
           const ports::Asking& who)
      : out_(out), release_(release), o_(std::move(o)), who_(who), units_(out, at, release, o_, who) {}

  Task<std::vector<Endpoint>> listing() {
    auto all = co_await units_.found();
    if (!all) co_return std::unexpected(all.error());
    co_return endpoints(*all);
  }

  Task<> checking() {
    auto all = co_await units_.found();
    if (!all) co_return std::unexpected(all.error());
    if (all->empty()) co_return fail(Code::unavailable, fmt::format("nobody runs {}", release_.id));
    for (auto& one : *all) {
      if (!runs(one.state)) co_return fail(Code::unavailable, named(one) + " is " + says(one.state, out_.clock.now()));
      auto why = co_await ill(one);
      if (!why.empty()) co_return fail(Code::unavailable, named(one) + " is not healthy: " + why);
    }
    co_return Result<>();
  }

  Task<std::vector<ports::Home>> homes() { return units_.homes(); }

  Task<std::vector<Endpoint>> starting(int n) {
    if (auto url = health(); !url) co_return std::unexpected(url.error());
    begun_at_ = out_.clock.now();
    auto until = begun_at_ + o_.up_within;
    auto begun = co_await units_.make_ready(n);
    if (!begun) co_return std::unexpected(begun.error());
    begun_ = *std::move(begun);
    if (auto started = co_await start(until); !started) co_return std::unexpected(started.error());
    if (auto well = co_await wait(n, until); !well) co_return std::unexpected(well.error());
    auto all = co_await units_.found();
    if (!all) co_return std::unexpected(all.error());
    if (auto kept = co_await units_.keep(*all); !kept) co_return std::unexpected(kept.error());
    co_return endpoints(*all);
  }

  // In place there is one slot, which is kept or is not.
  Task<> stopping(int keep) {
    auto all = co_await units_.found();
    if (!all) co_return std::unexpected(all.error());
    std::vector<std::string> units;
    for (auto& one : *all) {
      if (one.note.index < keep) continue;
      if (auto may_go = co_await units_.can_be_given(one); !may_go) co_return may_go;
      units.push_back(one.unit);
    }
    co_return co_await units_.end(std::move(units));
  }

 private:
  std::vector<Endpoint> endpoints(const std::vector<OneUnit>& all) const {
    std::vector<Endpoint> out;
    for (auto& one : all)
      out.push_back({.release = release_.id,
                     .index = one.note.index,
                     .address = one.note.port > 0 ? fmt::format("{}:{}", o_.host, one.note.port) : "",
                     .alive = lives(one.state),
                     .says = one.unit + " " + says(one.state, out_.clock.now())});
    return out;
  }
  std::string named(const OneUnit& one) const { return fmt::format("{} of {}", one.unit, release_.id); }
  bool in_place() const { return !is_template(o_.unit); }
  Result<std::string> health() const { return in_place() ? health_behind(o_.health, who_.variables) : o_.health; }
  Duration healthy_for() const { return o_.healthy_for.value_or(o_.health.empty() ? 1s : Duration::zero()); }

  // It is down, or was started by somebody in the moment before it was given what it needs: that one goes.
  Task<> start(Time until) {
    if (begun_.empty()) co_return Result<>();
    auto ends = co_await out_.units->act(o_.manager(), UnitAct::restart, begun_, until - out_.clock.now());
    if (!ends) co_return std::unexpected(ends.error());
    for (auto& end : *ends) {
      if (end.done() || end.result == "running") continue;  // it is waited for, and told how it is
      auto state = co_await out_.units->look(o_.manager(), end.unit);
      if (!state) co_return std::unexpected(state.error());
      auto why = failure(end).empty() ? failure(*state) : failure(end);
      if (why.empty())
        why = end.result == "again" ? "ended, and systemd started it again" : "does not start: " + end.result;
      co_return std::unexpected(co_await died({end.unit, {}, *std::move(state)}, why));
    }
    co_return Result<>();
  }

  // Until all are well, for as long as they must be; or one is not, and says why: at once where it has failed.
  Task<> wait(int n, Time until) {
    for (auto well_since = out_.clock.now();;) {
      auto lacks = co_await lacking(n);
      if (!lacks) co_return std::unexpected(lacks.error());
      auto now = out_.clock.now();
      if (!lacks->empty()) well_since = now;
      if (lacks->empty() && now - well_since >= healthy_for()) co_return Result<>();
      if (!lacks->empty() && now >= until)
        co_return fail(Code::timed_out, fmt::format("{}, after {}", *lacks, human(o_.up_within)),
                       "a longer `up-within`, if it needs that");
      if (auto slept = co_await out_.clock.sleep_until(now + kLook); !slept) co_return slept;
    }
  }

  // Why not all are well yet; empty when they are. An Error of one that has failed.
  Task<std::string> lacking(int n) {
    auto all = co_await units_.found();
    if (!all) co_return std::unexpected(all.error());
    std::erase_if(*all, [n](auto& one) { return one.note.index >= n; });
    std::string lacks;
    if (std::ssize(*all) < n) lacks = fmt::format("of {} instances of {} there are {}", n, release_.id, all->size());
    for (auto& one : *all) {
      if (auto why = failed(one); !why.empty()) co_return std::unexpected(co_await died(one, std::move(why)));
      if (lacks.empty() && !runs(one.state)) lacks = named(one) + " is " + says(one.state, out_.clock.now());
      if (!lacks.empty()) continue;
      auto why = co_await ill(one);
      if (!why.empty()) lacks = named(one) + " is not healthy: " + why;
    }
    co_return lacks;
  }

  // Another life than the one that was seen first is a crash that systemd has hidden.
  std::string failed(const OneUnit& one) {
    if (auto why = failure(one.state); !why.empty()) return why;
    auto& first = lives_.try_emplace(one.unit, one.state.invocation).first->second;
    bool ours = std::ranges::find(begun_, one.unit) != begun_.end();
    bool again = first != one.state.invocation || (ours && one.state.restarts > 0);
    return again ? "ended, and systemd started it again" : "";
  }

  ports::asio::awaitable<std::string> ill(OneUnit one) {
    auto url = units_.health_of(one);
    if (url.empty()) co_return "";
    co_return co_await unhealthy(out_, std::move(url));
  }

  ports::asio::awaitable<Error> died(OneUnit one, std::string why) {
    auto words = co_await units_.last_words_of(one.unit, begun_at_);
    co_return Error{Code::invalid,
                    fmt::format("{} {}{}", named(one), why, words.empty() ? "" : "; its journal ends: " + words),
                    fmt::format("`journalctl {}--unit={}` has what it said", o_.user ? "--user " : "", one.unit)};
  }

  ports::Outside& out_;
  const run::Release& release_;
  SystemdOptions o_;
  const ports::Asking& who_;
  ReleaseUnits units_;
  std::vector<std::string> begun_;            // by this call
  std::map<std::string, std::string> lives_;  // of each unit the life that was seen first
  Time begun_at_{};
};

class SystemdPlatform final : public ports::Platform {
 public:
  SystemdPlatform(ports::Outside& out, ports::Place at) : out_(out), at_(std::move(at)) {}

  Task<std::vector<Endpoint>> instances(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Services& s) { return s.listing(); });
  }
  Task<std::vector<Endpoint>> start(const run::Release& r, int n, const ports::Asking& who) override {
    return with(r, who, [n](Services& s) { return s.starting(n); });
  }
  Task<> stop(const run::Release& r, int keep, const ports::Asking& who) override {
    return with(r, who, [keep](Services& s) { return s.stopping(keep); });
  }
  Task<> healthy(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Services& s) { return s.checking(); });
  }
  Task<std::vector<ports::Home>> homes(const run::Release& r, const ports::Asking& who) override {
    return with(r, who, [](Services& s) { return s.homes(); });
  }

 private:
  template <class F>
  auto with(run::Release release, ports::Asking who, F act) -> std::invoke_result_t<F, Services&> {
    auto options = spec::decoded<SystemdOptions>(release.as, "options of " + release.id);
    if (!options) co_return std::unexpected(options.error());
    if (!out_.units) co_return fail(Code::unavailable, "nobody here can ask systemd");
    Services services(out_, at_, release, std::move(*options), who);
    co_return co_await act(services);
  }

  ports::Outside& out_;
  ports::Place at_;
};

}  // namespace

std::unique_ptr<ports::Platform> systemd_platform(ports::Outside& out, ports::Place at) {
  return std::make_unique<SystemdPlatform>(out, std::move(at));
}

void add_systemd_platform(ports::Registry& r) {
  r.platform<SystemdOptions>(
      "systemd", "A unit of systemd, in place; or instances of a template, two releases side by side.",
      "{ systemd: shop@, instances: 2, health: /health }", systemd_platform, {"side-by-side", "templates", "folders"});
}

}  // namespace davy::providers
