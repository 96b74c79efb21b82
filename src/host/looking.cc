#include "host/looking.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/outfit.h"
#include "host/plan_folder.h"

namespace davy::host {
namespace {

using namespace std::chrono_literals;
using Services = std::map<std::string, engine::ServicePorts>;
constexpr Duration kSettle = 500ms;  // for what was cancelled to end
constexpr Duration kDrain = 30s;     // of the last sessions on what is taken down

// Platforms and routers of a runbook and nothing else: no signal is opened, so a run that goes on keeps its log socket.
struct Asker {
  Asker(const StateDir& dir, const run::Runbook& b) : book(b), outfit(dir, dir.spool("look")) {
    (void)io::take_secrets(outfit.secrets, book, std::chrono::seconds(2));  // what needs one says so itself
    outfit.plan_folder = book.setup.directory;
    services = engine::make_services(book, outfit.registry, outfit.outside, dir.root);
  }

  ports::Task<std::vector<ports::Endpoint>> instances(std::int32_t i) {
    std::vector<ports::Endpoint> all;
    auto& subject = book.subjects[static_cast<std::size_t>(i)];
    for (auto side : {run::Side::previous, run::Side::candidate}) {
      auto& release = side == run::Side::candidate ? subject.candidate : subject.previous;
      if (release.none()) continue;
      auto some = co_await of(i).platform->instances(release, engine::asking_for(book, i, side));
      if (!some) co_return std::unexpected(some.error());
      std::ranges::move(*some, std::back_inserter(all));
    }
    co_return all;
  }
  engine::ServicePorts& of(std::int32_t i) { return services->at(book.subjects[static_cast<std::size_t>(i)].service); }

  // Runs it for so long; false: it was cancelled.
  template <class T>
  bool run(asio::awaitable<T> task, Duration within, std::optional<T>& out) {
    asio::cancellation_signal stop;
    asio::co_spawn(outfit.context, std::move(task),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e, T value) {
                     if (!e) out.emplace(std::move(value));
                     outfit.context.stop();
                   }));
    outfit.context.restart();
    outfit.context.run_for(within);
    if (out) return true;
    stop.emit(asio::cancellation_type::terminal);
    outfit.context.restart();
    outfit.context.run_for(kSettle);
    return out.has_value();
  }

  const run::Runbook& book;
  Outfit outfit;
  Result<Services> services;
};

// What was cut short says that, and not that somebody cancelled a wait.
template <class T>
void tell_time(Result<T>& out, std::string says) {
  if (!out && out.error().code == Code::cancelled) out = fail(Code::timed_out, std::move(says));
}

asio::awaitable<ServiceSeen> look_at(Asker& asker, std::int32_t i, bool all) {
  ServiceSeen out{.service = asker.book.subjects[static_cast<std::size_t>(i)].service};
  auto& router = asker.of(i).router;
  out.instances = co_await asker.instances(i);
  if (asker.of(i).platform->roller() && out.instances) {
    auto& candidate = asker.book.subjects[static_cast<std::size_t>(i)].candidate;
    auto shares =
        co_await asker.of(i).platform->serves(candidate, engine::asking_for(asker.book, i, run::Side::candidate));
    shares ? void(out.shares = *std::move(shares)) : void(out.instances = std::unexpected(shares.error()));
  }
  out.routed = router && (all || router->forgets() != Duration::max());
  if (!out.routed || !out.instances) co_return out;
  out.served = co_await router->read(*out.instances, engine::asking_for(asker.book, i, run::Side::candidate));
  co_return out;
}

bool up_with_users(const ports::Served& s) { return s.up && s.weight > 0 && s.state == "ready"; }

asio::awaitable<Result<>> take_down(Asker& asker, std::int32_t i, run::Side side) {
  auto& subject = asker.book.subjects[static_cast<std::size_t>(i)];
  auto& release = side == run::Side::candidate ? subject.candidate : subject.previous;
  auto who = engine::asking_for(asker.book, i, side);
  auto all = co_await asker.instances(i);
  if (!all) co_return std::unexpected(all.error());
  std::vector<ports::Endpoint> mine;
  std::ranges::copy_if(*all, std::back_inserter(mine), [&](auto& e) { return e.release == release.id; });
  if (auto& router = asker.of(i).router) {
    auto served = co_await router->read(*all, who);
    if (!served) co_return std::unexpected(served.error());
    auto of_it = [&](auto& s) { return s.release == release.id && s.weight > 0 && s.state == "ready"; };
    auto others = [&](auto& s) { return s.release != release.id && up_with_users(s); };
    if (std::ranges::any_of(*served, of_it) && std::ranges::none_of(*served, others))
      co_return fail(Code::refused, fmt::format("{} has users, and nobody else is up who could take them", release.id),
                     "deploy something that serves first");
    auto drained = co_await router->drain(mine, kDrain, who);
    if (!drained && drained.error().code != Code::timed_out) co_return drained;
    if (auto out = co_await router->detach(mine, who); !out) co_return out;
  }
  co_return co_await asker.of(i).platform->stop(release, 0, who);
}

Seen ask_around(const StateDir& dir, const run::Runbook& book, Duration within, bool all) {
  Asker asker(dir, book);
  Seen out{.at = asker.outfit.clock.now()};
  for (std::int32_t i = 0; i < std::ssize(book.subjects); ++i) {
    ServiceSeen none{.service = book.subjects[static_cast<std::size_t>(i)].service, .routed = true};
    std::optional<ServiceSeen> seen;
    if (!asker.services)
      none.instances = std::unexpected(asker.services.error());
    else if (!asker.run(look_at(asker, i, all), within, seen))
      none.instances = fail(Code::timed_out, fmt::format("no answer within {}", human(within)));
    auto& one = out.services.emplace_back(seen ? std::move(*seen) : std::move(none));
    tell_time(one.instances, fmt::format("no answer within {}", human(within)));
    tell_time(one.served, fmt::format("no answer within {}", human(within)));
  }
  return out;
}

Result<ports::Observation> ask_probe(const StateDir& dir, const run::Runbook& book, std::int32_t subject,
                                     const run::Chosen& probe, Duration within) {
  Asker asker(dir, book);
  auto look = asker.outfit.registry.find_probe(probe.name);
  if (!look) return fail(Code::invalid, "no probe `" + probe.name + "`");
  auto who = engine::asking_for(book, subject, run::Side::candidate);
  who.timeout = within;
  std::optional<Result<ports::Observation>> out;
  if (!asker.run((*look)(probe.options, asker.outfit.outside, who), within + kSettle, out))
    return fail(Code::timed_out, fmt::format("no answer within {}", human(within)));
  return *std::move(out);
}

Result<> take_all_down(const StateDir& dir, const run::Runbook& book, std::int32_t subject, run::Side side) {
  Asker asker(dir, book);
  if (!asker.services) return std::unexpected(asker.services.error());
  std::optional<Result<>> out;
  if (!asker.run(take_down(asker, subject, side), 2min, out)) return fail(Code::timed_out, "no end within 2m");
  tell_time(*out, "no end within 2m");
  return *out;
}

}  // namespace

Seen look_around(const StateDir& dir, const run::Runbook& book, Duration within, bool all) {
  Seen out;
  in_folder(plan_folder(book, dir.spool("look")), [&] { out = ask_around(dir, book, within, all); });
  return out;
}

Result<ports::Observation> look_with(const StateDir& dir, const run::Runbook& book, std::int32_t subject,
                                     const run::Chosen& probe, Duration within) {
  Result<ports::Observation> out;
  in_folder(plan_folder(book, dir.spool("look")), [&] { out = ask_probe(dir, book, subject, probe, within); });
  return out;
}

Result<> take_down(const StateDir& dir, const run::Runbook& book, std::int32_t subject, run::Side side) {
  Result<> out;
  in_folder(plan_folder(book, dir.spool("look")), [&] { out = take_all_down(dir, book, subject, side); });
  return out;
}

}  // namespace davy::host
