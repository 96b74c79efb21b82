// Operators by themselves in the simulated world: no run loop, no keeper, one call after the other.
#pragma once
#include <gtest/gtest.h>

#include <boost/asio/detached.hpp>

#include "engine/run/operators.h"
#include "testing/books.h"
#include "testing/sim_ports.h"

namespace davy::testing {

using namespace std::chrono_literals;

struct OneService {
  using Platform = std::function<std::unique_ptr<ports::Platform>(Life&)>;
  explicit OneService(
      std::string strategy = "canary", Platform p = [](Life& life) { return std::make_unique<SimPlatform>(life); })
      : book(book_of({.strategy = std::move(strategy)})), platform(std::move(p)) {}

  run::Runbook book;
  Platform platform;
  Reality reality{1};
  Life life{reality};
  SimClock clock{life};
  SimProcess process{life};
  SimFiles files{reality};
  NoInstances instances;
  NoHttp http;
  NoDialer dialer;
  ports::Registry registry;
  engine::Operators operators{around()};

  engine::Surroundings around() {
    reality.services = {"app"};
    for (int i = 0; i < kInstances; ++i) {
      for (auto* release : {"app@1~q", "app@2~r"}) reality.instances[release][i] = {true, true, ""};
      reality.servers["app@1~q:" + std::to_string(i)] = {"app@1~q", 256, false};
    }
    reality.proven = {"app@1~q", "app@2~r"};
    engine::Surroundings out{.outside = {clock, process, instances, http, dialer, files},
                             .registry = &registry,
                             .run = "r",
                             .runbook = book};
    out.services["app"].platform = platform(life);
    out.services["app"].router = std::make_unique<SimRouter>(life, "app");
    return out;
  }

  run::StepIx find(auto meant) const {
    for (run::StepIx i = 0; i < std::ssize(book.steps); ++i)
      if (meant(book.steps[static_cast<std::size_t>(i)])) return i;
    return run::kNone;
  }
  ports::Done carry_out(run::StepIx step, run::Way way, int number = 1) {
    auto& s = book.steps.at(static_cast<std::size_t>(step));
    run::Attempt a{.id = ++last_, .step = step, .way = way, .number = number};
    a.started = reality.now, a.due = reality.now + s.timeout;
    auto& call = way == run::Way::undo ? s.undo.call : s.call;
    std::optional<ports::Done> out;
    asio::co_spawn(life.executor(), operators.resolve(call)->start(a, call),
                   [&](std::exception_ptr, ports::Done d) { out = std::move(d); });
    life.run([&] { return out.has_value() || reality.now > a.due; });
    return out.value_or(ports::Done{run::Outcome::cancelled, "no end in its time", {}});
  }
  void look_at_routers() {
    bool looked = false;
    asio::co_spawn(life.executor(), operators.refresh(), [&](std::exception_ptr, Result<>) { looked = true; });
    life.run([&] { return looked; });
  }

 private:
  run::AttemptId last_ = 0;
};

}  // namespace davy::testing
