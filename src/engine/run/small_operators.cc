// maintenance, wait, person, notice: a few lines each.
#include <fmt/format.h>

#include "engine/run/operators.h"
#include "ports/calendar.h"
#include "ports/past.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using ports::Done;
using run::Outcome;

// Flag file, or the router's own 503. What stood before is put back, so that a rollback gives back what it found.
struct MaintenanceOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<spec::Value> prepare(const run::Attempt&, const run::Call& call) override {
    if (call.name == "router") co_return was(call.operation == "off");
    auto stat = s.outside.files.stat(argument<std::string>(call, "file"));
    if (!stat) co_return std::unexpected(stat.error());
    co_return was(stat->has_value());
  }
  ports::Task<Done> act(run::Attempt a, run::Call call) override {
    auto before = a.found.find("was");
    if (call.operation == "restore" && !before) co_return Done{Outcome::ok, "nothing was changed", {}};
    bool on = call.operation == "restore" ? std::get<bool>(before->is) : call.operation == "on";
    auto went = co_await set(a, call, on);
    if (!went) co_return std::unexpected(went.error());
    co_return Done{Outcome::ok, on ? "on" : "off", {}};
  }
  ports::Task<> set(run::Attempt a, run::Call call, bool on) {
    if (call.name == "router") co_return co_await route(a, call, on);
    auto file = argument<std::string>(call, "file");
    co_return on ? s.outside.files.write(file, "davy run " + s.run + "\n", 0644) : s.outside.files.remove(file);
  }
  ports::Task<> route(run::Attempt a, run::Call call, bool on) {
    auto path = argument<std::string>(call, "page");
    auto page = path.empty() || !on ? Result<std::string>() : s.outside.files.read(path);
    if (!page) co_return std::unexpected(page.error());
    co_return co_await s.ports_of(a).router->maintenance(on, *page, s.asking(a));
  }
  static spec::Value was(bool on) { return spec::object({{"was", {}, spec::Value{on, {}}}}); }
};

// Launches nothing, so it has nothing to end.
struct Waiting : Repeatable {
  using Repeatable::Repeatable;
  asio::awaitable<Done> stop(const run::Attempt&, const run::Call&) override {
    co_return Done{Outcome::cancelled, "", {}};
  }
};

struct WaitOperator : Waiting {
  using Waiting::Waiting;

  ports::Task<Done> act(run::Attempt a, run::Call call) override {
    if (call.operation == "window") co_return co_await until_it_opens(ports::calendar_of(call.args));
    auto slept = co_await s.outside.clock.sleep_until(a.started + argument<Duration>(call, "for"));
    if (!slept) co_return std::unexpected(slept.error());
    co_return Done{};
  }

 private:
  // Looked up anew at the hour that was told: the machine may have slept beyond it, and somebody may have frozen the
  // environment meanwhile.
  ports::Task<Done> until_it_opens(ports::Calendar calendar) {
    for (;;) {
      auto now = s.outside.clock.now();
      auto opens = ports::opens(calendar, now);
      if (!opens)
        co_return fail(Code::invalid,
                       fmt::format("the deploy window ({}) does not open within two years", text_of(calendar.windows)));
      auto until = *opens;
      if (until <= now) {
        Result<std::string> frozen = "";
        if (s.outside.past) frozen = co_await s.outside.past->frozen(s.runbook.environment, now);
        if (!frozen) co_return std::unexpected(frozen.error());
        if (frozen->empty()) co_return Done{Outcome::ok, "it is open", {}};
        until = now + 10s;  // somebody may lift it
      }
      if (auto slept = co_await s.outside.clock.sleep_until(until); !slept) co_return std::unexpected(slept.error());
    }
  }
};

// The answer comes through the desk; this only waits until it is no longer wanted.
struct PersonOperator : Waiting {
  using Waiting::Waiting;

  ports::Task<Done> act(run::Attempt a, run::Call) override {
    (void)co_await s.outside.clock.sleep_until(a.due + 24h);
    co_return fail(Code::cancelled, "nobody answered");
  }
};

// Who tells people follows the journal: that it came so far is all there is to do here.
struct NoticeOperator : Repeatable {
  using Repeatable::Repeatable;

  ports::Task<Done> act(run::Attempt, run::Call call) override {
    co_return Done{.says = "handed to who tells people: " + argument<std::string>(call, "name")};
  }
};

}  // namespace

std::unique_ptr<ports::Operator> notice_operator(Surroundings& s) { return std::make_unique<NoticeOperator>(s); }
std::unique_ptr<ports::Operator> maintenance_operator(Surroundings& s) {
  return std::make_unique<MaintenanceOperator>(s);
}
std::unique_ptr<ports::Operator> wait_operator(Surroundings& s) { return std::make_unique<WaitOperator>(s); }
std::unique_ptr<ports::Operator> person_operator(Surroundings& s) { return std::make_unique<PersonOperator>(s); }

}  // namespace davy::engine
