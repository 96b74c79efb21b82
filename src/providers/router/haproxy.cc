#include "providers/router/haproxy.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/router/haproxy_backend.h"
#include "providers/router/haproxy_maintenance.h"

namespace davy::providers {
namespace {

using namespace haproxy;
using ports::Asking;
using ports::Endpoint;
using ports::Served;
using ports::Task;
using Endpoints = std::vector<Endpoint>;

constexpr Duration kForgets =
    std::chrono::milliseconds(500);  // a HAProxy that was restarted may answer 503 to everybody

// `set server addr` takes no names.
std::string numeric(std::string address) {
  return address.starts_with("localhost:") ? "127.0.0.1" + address.substr(9) : address;
}

Addresses addresses_if(const Endpoints& all, auto&& wanted) {
  Addresses out;
  for (auto& e : all)
    if (!e.address.empty() && wanted(e)) out.push_back(numeric(e.address));
  return out;
}

Addresses addresses(const Endpoints& all) {
  return addresses_if(all, [](auto&) { return true; });
}

Addresses addresses(const Endpoints& all, std::string_view release) {
  return addresses_if(all, [&](auto& e) { return !release.empty() && e.release == release; });
}

Served served(const Server& s, const std::string& backend, const Endpoints& endpoints) {
  auto ours = std::ranges::find_if(endpoints, [&](auto& e) { return numeric(e.address) == s.address; });
  return {.server = s.name,
          .label = backend + "/" + s.name,
          .address = s.address,
          .release = ours == endpoints.end() ? "" : ours->release,
          .weight = s.weight,
          .state = s.maint   ? "maint"
                   : s.drain ? "drain"
                             : "ready",
          .up = s.up && !s.maint,
          .sessions = s.sessions};
}

class HaproxyRouter final : public ports::Router {
 public:
  HaproxyRouter(HaproxyOptions o, ports::Outside& out)
      : backend_(Talk(out, o.socket, o.backend, o.patience), {o.backend, o.slots, o.placeholder, o.add_server},
                 o.state_file, o.up_within),
        maintenance_{o.backend, o.maintenance_map, o.retry_after} {}

  Task<std::vector<Served>> read(const Endpoints& e, const Asking&) override { return reading(e); }
  Task<> attach(const Endpoints& e, const Asking&) override { return attaching(e); }
  Task<> shift(const std::string& release, Ratio share, const std::string& rest, const Endpoints& e,
               const Asking&) override {
    return shifting(release, share, rest, e);
  }
  Task<> restore(const std::vector<Served>& found, const Endpoints& e, Duration grace, const Asking&) override {
    return restoring(found, e, grace);
  }
  Task<> drain(const Endpoints& e, Duration within, const Asking&) override { return draining(addresses(e), within); }
  Task<> detach(const Endpoints& e, const Asking&) override { return detaching(addresses(e)); }
  Task<int> sessions(const Endpoints& e, const Asking&) override { return backend_.sessions(addresses(e)); }
  Task<> maintenance(bool on, const std::string& page, const Asking&) override {
    return switch_maintenance(backend_.talk(), maintenance_, on, page);
  }
  Duration forgets() const override { return kForgets; }
  Task<std::vector<ports::Move>> way_back(const run::Release& r, const Endpoints& e, const Asking&) override {
    return preparing(r.id, addresses(e, r.id));
  }

 private:
  Task<std::vector<Served>> reading(Endpoints endpoints) {
    auto now = co_await backend_.talk().look();
    if (!now) co_return std::unexpected(now.error());
    std::vector<Served> out;
    for (auto& s : *now)
      if (!is_free(backend_.layout(), s) && !s.backup) out.push_back(served(s, backend_.layout().backend, endpoints));
    co_return out;
  }

  Task<> attaching(Endpoints endpoints) {
    for (auto& e : endpoints)
      if (e.address.empty())
        co_return fail(Code::invalid, fmt::format("instance {} of {} has no address", e.index, e.release),
                       "its platform must say where it listens");
    auto placed = co_await backend_.place(addresses(endpoints));
    if (!placed) co_return std::unexpected(placed.error());
    if (auto up = co_await backend_.wait_up(addresses(endpoints)); !up) co_return up;
    co_return co_await backend_.remember();
  }

  Task<> shifting(std::string release, Ratio share, std::string rest, Endpoints endpoints) {
    auto gains = addresses(endpoints, release), keeps = addresses(endpoints, rest);
    if (!rest.empty() && keeps.empty() && share.value < 1)
      co_return fail(Code::refused, fmt::format("{} is to have users, and has no instance", rest));
    auto needed = addresses_if(endpoints, [&](auto& e) {
      return e.alive && ((e.release == release && share.value > 0) || (e.release == rest && share.value < 1));
    });
    // Who is down for a moment would get nothing for as long as this share lasts.
    if (auto placed = co_await backend_.place(needed); placed) (void)co_await backend_.wait_up(needed, kStumbles);
    Sides sides{{gains.begin(), gains.end()}, {keeps.begin(), keeps.end()}};
    auto done = co_await backend_.settle(needed, [=](const Servers& now) -> Result<Wanted> {
      auto w = weights(now, sides, share);
      if (!w) return std::unexpected(w.error());
      return Wanted{std::move(*w), {}, {}};
    });
    co_return done ? Result<>() : std::unexpected(done.error());
  }

  // Who stood by without users stands by again: a HAProxy that was restarted knows nobody. An address at which nobody
  // lives is not made known: whoever is started there next would have users at once.
  Task<> restoring(std::vector<Served> found, Endpoints endpoints, Duration grace) {
    auto needed = addresses_if(endpoints, [&](auto& e) {
      return e.alive && std::ranges::find(found, numeric(e.address), &Served::address) != found.end();
    });
    auto layout = backend_.layout();
    auto done =
        co_await backend_.settle(needed, [layout, found](const Servers& now) { return as_found(layout, now, found); });
    if (!done) co_return std::unexpected(done.error());
    if (done->losers.empty()) co_return Result<>();
    auto open = co_await backend_.wait_empty(done->losers, backend_.talk().now() + grace);
    if (!open) co_return std::unexpected(open.error());
    co_return co_await backend_.end_sessions(done->losers);
  }

  // Sticky users come back to a server in drain for ever: half of the time is theirs, then maint moves them.
  Task<> draining(Addresses wanted, Duration within) {
    auto start = backend_.talk().now();
    if (auto put = co_await backend_.put(wanted, "drain"); !put) co_return put;
    auto open = co_await backend_.wait_empty(wanted, start + within / 2);
    if (!open) co_return std::unexpected(open.error());
    if (auto put = co_await backend_.put(wanted, "maint"); !put) co_return put;
    open = co_await backend_.wait_empty(wanted, start + within);
    if (!open) co_return std::unexpected(open.error());
    (void)co_await backend_.remember();
    auto former = co_await backend_.wait_for_former_workers(start + within);
    // Nothing is waited for that nobody can see, and nothing is said of it that nobody saw.
    if (!former && *open == 0 && former.error().code == Code::unavailable)
      co_return fail(Code::timed_out, former.error().message);
    if (!former) co_return std::unexpected(former.error());
    if (*open == 0 && former->empty()) co_return Result<>();
    if (*open == 0)
      co_return fail(Code::timed_out, fmt::format("former workers of HAProxy (pid {}) still have requests after {}",
                                                  joined(*former, ", "), human(within)));
    co_return fail(Code::timed_out, fmt::format("{} sessions on {} are still open after {}", *open,
                                                joined(wanted, ", "), human(within)));
  }

  Task<> detaching(Addresses wanted) {
    if (auto put = co_await backend_.put(wanted, "maint"); !put) co_return put;
    if (auto ended = co_await backend_.end_sessions(wanted); !ended) co_return ended;
    co_return co_await backend_.take_away(wanted);
  }

  Task<std::vector<ports::Move>> preparing(std::string release, Addresses home) {
    auto now = co_await backend_.talk().look();
    if (!now) co_return std::unexpected(now.error());
    auto to = everything_to(backend_.layout(), *now, home);
    if (to.raise.empty())
      co_return fail(Code::refused, fmt::format("HAProxy has no server of {}: there is no way back", release));
    auto say = [&](const std::string& line) {
      return ports::Act{.address = backend_.talk().socket(), .text = line + "\n"};
    };
    ports::Move move{.proof = say(to.question), .expect = {to.expect}};
    if (!to.lacks.empty()) move.lacks = {to.lacks};
    move.missing = "HAProxy finds nobody of it up", move.left = "HAProxy still gives users to others";
    for (auto& line : lines(to.raise)) move.acts.push_back(say(line));
    if (!to.lower.empty()) move.acts.push_back(move.proof), move.acts.back().expect = to.expect;
    for (auto& line : lines(to.lower)) move.acts.push_back(say(line));
    co_return std::vector{std::move(move)};
  }

  Backend backend_;
  Maintenance maintenance_;
};

}  // namespace

std::unique_ptr<ports::Router> haproxy_router(HaproxyOptions o, ports::Outside& out, ports::Place) {
  return std::make_unique<HaproxyRouter>(std::move(o), out);
}

void add_haproxy_router(ports::Registry& r) {
  r.router<HaproxyOptions>("haproxy", "Your own HAProxy, through its runtime API.",
                           "{ haproxy: /run/haproxy/admin.sock, backend: shop, slots: davy }", haproxy_router,
                           {"shares"});
}

}  // namespace davy::providers
