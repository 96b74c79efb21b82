#include "providers/router/haproxy_backend.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "providers/router/haproxy_workers.h"

namespace davy::providers::haproxy {
namespace {

using namespace std::chrono_literals;
using ports::Task;

constexpr Duration kLook = 50ms;  // between two looks while waiting
constexpr int kTries = 3;         // HAProxy may be restarted between a command and its proof

Weights raised_only(const Weights& wanted, const Servers& now) {
  Weights out;
  for (auto& [name, weight] : wanted) {
    auto s = std::ranges::find(now, name, &Server::name);
    if (s == now.end() || weight > s->weight) out[name] = weight;
  }
  return out;
}

}  // namespace

Task<Servers> Backend::place(Addresses wanted) {
  for (int tries = 1;; ++tries) {
    auto now = co_await talk_.look();
    if (!now) co_return std::unexpected(now.error());
    auto commands = placed(layout_, *now, wanted);
    if (commands.empty()) co_return std::move(*now);
    auto told = co_await talk_.tell(std::move(commands));
    if (!told) co_return std::unexpected(told.error());
    if (placed(layout_, told->now, wanted).empty()) co_return std::move(told->now);
    if (tries == kTries)
      co_return fail(
          Code::invalid,
          fmt::format("HAProxy gave {} no server in `{}`: {}", joined(wanted, ", "), layout_.backend, told->complaint),
          "it needs a server-template with free slots, or a dynamic `balance` to add servers");
  }
}

Task<> Backend::wait_up(Addresses wanted, std::optional<Duration> at_most) {
  auto within = std::min(up_within_, at_most.value_or(up_within_));
  auto until = talk_.now() + within;
  for (;;) {
    auto now = co_await talk_.look();
    if (!now) co_return std::unexpected(now.error());
    auto down = co_await first_down(std::move(*now), wanted);
    if (down.empty()) co_return Result<>();
    if (talk_.now() >= until)
      co_return fail(Code::timed_out, fmt::format("after {} HAProxy finds {}", human(within), down),
                     "does its health check suit the service?");
    if (auto slept = co_await talk_.pause(kLook); !slept) co_return slept;
  }
}

// A server without a health check is always up to HAProxy: there Davy knocks itself.
ports::asio::awaitable<std::string> Backend::first_down(Servers now, Addresses wanted) {
  for (auto& address : wanted) {
    auto s = at(layout_, now, address);
    if (!s) co_return "no server for " + address;
    if (!s->up || s->maint) co_return fmt::format("{} ({}) down: {}", s->name, address, s->check);
    if (s->checked) continue;
    auto answers = co_await talk_.outside().dialer.connect(address, 1s);
    if (!answers) co_return fmt::format("{} ({}) up, but unchecked, and {}", s->name, address, answers.error().message);
  }
  co_return "";
}

Task<Wanted> Backend::settle(Addresses needed, Decide decide) {
  auto until = talk_.now() + kStumbles;  // somebody who was placed gets all the time to be found up
  for (int tries = 1, placings = 0;;) {
    auto now = co_await talk_.look();
    if (now && !placed(layout_, *now, needed).empty()) {
      now = co_await place(needed);
      if (++placings <= kTries) until = talk_.now() + up_within_;
    }
    if (!now) co_return std::unexpected(now.error());
    auto wanted = decide(*now);
    if (!wanted && talk_.now() >= until) co_return std::unexpected(wanted.error());
    if (!wanted) {
      if (auto slept = co_await talk_.pause(kLook); !slept) co_return std::unexpected(slept.error());
      continue;
    }
    auto wrong = co_await make_so(std::move(*now), *wanted);
    if (!wrong) co_return std::unexpected(wrong.error());
    if (wrong->empty()) co_return std::move(*wanted);
    if (++tries > kTries) co_return fail(Code::unavailable, "HAProxy does not do what it is told: " + *wrong);
  }
}

// Raise, see that it is so, then lower.
Task<std::string> Backend::make_so(Servers now, Wanted wanted) {
  auto [raise, lower] = change(layout_.backend, now, wanted.weights);
  auto wrong = co_await prove(std::move(raise), raised_only(wanted.weights, now));
  if (!wrong || !wrong->empty()) co_return wrong;
  auto rest = std::move(wanted.states);
  rest.insert(rest.end(), lower.begin(), lower.end());
  wrong = co_await prove(std::move(rest), std::move(wanted.weights));
  (void)co_await remember();  // a full disk must keep nobody from the way back
  co_return wrong;
}

Task<std::string> Backend::prove(Commands commands, Weights wanted) {
  if (commands.empty()) co_return "";
  auto told = co_await talk_.tell(std::move(commands));
  if (!told) co_return std::unexpected(told.error());
  auto wrong = difference(told->now, wanted);
  co_return wrong.empty() || told->complaint.empty() ? wrong : wrong + ": " + told->complaint;
}

Task<> Backend::put(Addresses wanted, std::string to) {
  auto now = co_await talk_.look();
  if (!now) co_return std::unexpected(now.error());
  auto is_so = [&](const Server& s) { return s.maint || (s.drain && to == "drain"); };
  Commands commands;
  for (auto& address : wanted)
    if (auto s = at(layout_, *now, address); s && !is_so(*s)) commands.push_back(state(layout_.backend, s->name, to));
  if (commands.empty()) co_return Result<>();
  auto told = co_await talk_.tell(std::move(commands));
  if (!told) co_return std::unexpected(told.error());
  for (auto& address : wanted)
    if (auto s = at(layout_, told->now, address); s && !is_so(*s))
      co_return fail(Code::unavailable,
                     fmt::format("HAProxy was told to {} {}, and did not: {}", to, s->name, told->complaint));
  co_return Result<>();
}

Task<int> Backend::sessions(Addresses wanted) {
  auto now = co_await talk_.look();
  if (!now) co_return std::unexpected(now.error());
  int n = 0;
  for (auto& address : wanted)
    if (auto s = at(layout_, *now, address)) n += s->sessions;
  co_return n;
}

Task<int> Backend::wait_empty(Addresses wanted, Time until) {
  for (;;) {
    auto n = co_await sessions(wanted);
    if (!n || *n == 0 || talk_.now() >= until) co_return n;
    if (auto slept = co_await talk_.pause(kLook); !slept) co_return std::unexpected(slept.error());
  }
}

Task<Addresses> Backend::wait_for_former_workers(Time until) {
  auto info = co_await talk_.ask("show info");
  if (!info) co_return std::unexpected(info.error());
  auto current = pid_of(*info);
  for (;;) {
    Addresses left;
    auto older = older_workers(talk_.outside().files, current);
    if (!older) co_return std::unexpected(older.error());
    for (auto pid : *older) left.push_back(std::to_string(pid));
    if (left.empty() || talk_.now() >= until) co_return left;
    if (auto slept = co_await talk_.pause(4 * kLook); !slept) co_return std::unexpected(slept.error());
  }
}

Task<> Backend::end_sessions(Addresses wanted) {
  auto now = co_await talk_.look();
  if (!now) co_return std::unexpected(now.error());
  Commands commands;
  for (auto& address : wanted)
    if (auto s = at(layout_, *now, address)) commands.push_back(haproxy::end_sessions(layout_.backend, s->name));
  if (commands.empty()) co_return Result<>();
  auto told = co_await talk_.tell(std::move(commands));
  co_return told ? Result<>() : std::unexpected(told.error());
}

Task<> Backend::take_away(Addresses wanted) {
  std::string complaint;
  for (int tries = 0; tries < 40; ++tries) {  // `del server` waits for connections that are being closed
    auto now = co_await talk_.look();
    if (!now) co_return std::unexpected(now.error());
    Commands commands;
    for (auto& address : wanted)
      if (auto s = at(layout_, *now, address))
        for (auto& command : emptied(layout_, *now, *s)) commands.push_back(command);
    if (commands.empty()) {
      (void)co_await remember();  // it protects against a reload only, and must keep nobody from stopping a release
      co_return Result<>();
    }
    auto told = co_await talk_.tell(std::move(commands));
    if (!told) co_return std::unexpected(told.error());
    complaint = told->complaint;
    if (auto slept = co_await talk_.pause(complaint.empty() ? 0ms : kLook); !slept) co_return slept;
  }
  co_return fail(Code::timed_out, fmt::format("HAProxy keeps {}: {}", joined(wanted, ", "), complaint));
}

Task<> Backend::remember() {
  if (state_file_.empty()) co_return Result<>();
  auto all = co_await talk_.ask("show servers state");
  if (!all) co_return std::unexpected(all.error());
  co_return talk_.outside().files.write(state_file_, std::string(trimmed(*all)) + "\n", 0644);
}

}  // namespace davy::providers::haproxy
