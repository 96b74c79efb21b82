#include <fmt/format.h>

#include "engine/run/operators.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using State = ports::Replacing::State;

constexpr Duration kBetweenLooks = 1s;
constexpr Duration kToTakeItUp = 1min;  // a push is not known at once to whoever carries it out

// Begins what the platform carries out by itself, and follows it to its end. After a crash it is looked for before
// anything is begun: a second time could be another replacement.
struct RollerOperator : ports::Operator {
  explicit RollerOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call&) override {
    if (a.way != run::Way::apply) co_return spec::Value{};
    co_return co_await roller(a).found(s.asking(a));
  }

  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call& call) override {
    return a.way == run::Way::apply ? ship(a) : back(a, call);
  }

  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& call) override {
    return a.way == run::Way::apply ? ship_on(a) : back(a, call);
  }

  // It goes on without us; the undo gives it up.
  asio::awaitable<ports::Done> stop(const run::Attempt&, const run::Call&) override {
    co_return ports::Done{run::Outcome::cancelled, "", {}};
  }

 private:
  ports::Roller& roller(const run::Attempt& a) { return *s.ports_of(a).platform->roller(); }

  asio::awaitable<ports::Done> ship(run::Attempt a) {
    auto candidate = s.subject(a).candidate;
    auto asking = s.asking(a);
    auto begun = co_await roller(a).begin(candidate, asking);
    co_return co_await followed(a, std::move(begun), candidate, asking, s.subject(a).candidate_name());
  }

  // That nobody could look is no leave to begin it once more.
  asio::awaitable<ports::Done> ship_on(run::Attempt a) {
    auto candidate = s.subject(a).candidate;
    auto asking = s.asking(a);
    for (;;) {
      auto found = co_await roller(a).find(candidate, asking);
      if (found && !*found) co_return co_await ship(a);
      if (found) co_return co_await followed(a, {}, candidate, asking, s.subject(a).candidate_name());
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  asio::awaitable<ports::Done> back(run::Attempt a, run::Call) {
    auto previous = s.subject(a).previous;
    auto asking = s.asking(s.step(a).subject, run::Side::previous);
    asking.key = fmt::format("a{}", a.id), asking.timeout = a.due - a.started;
    auto begun = co_await roller(a).back(previous, a.found, asking);
    co_return co_await followed(a, std::move(begun), previous, asking, s.subject(a).previous_name());
  }

  // An answer may get lost on its way: what became of it is looked up before it is called a failure.
  asio::awaitable<ports::Done> followed(run::Attempt a, Result<> begun, run::Release release, ports::Asking asking,
                                        std::string name) {
    bool lost = !begun && (begun.error().code == Code::unavailable || begun.error().code == Code::timed_out);
    if (!begun && !lost) co_return done(std::unexpected(begun.error()));
    auto taken_up_by = s.outside.clock.now() + (lost ? Duration::zero() : kToTakeItUp);
    for (;;) {
      auto now = co_await roller(a).find(release, asking);
      if (now && *now && (*now)->state != State::running) co_return ended(**now, name);
      if (now && !*now && s.outside.clock.now() >= taken_up_by)
        co_return done(fail(Code::unavailable,
                            lost ? to_string(begun.error()) : fmt::format("the platform does not know of {}", name)));
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  asio::awaitable<bool> pause() {
    co_return (co_await s.outside.clock.sleep_until(s.outside.clock.now() + kBetweenLooks)).has_value();
  }

  static ports::Done ended(const ports::Replacing& how, const std::string& name) {
    auto says = how.says.empty() ? "" : ": " + how.says;
    if (how.state == State::done) return {run::Outcome::ok, fmt::format("{} has replaced what ran{}", name, says), {}};
    auto word = how.state == State::failed ? "failed" : "is stuck";
    return {run::Outcome::failed, fmt::format("the way to {} {} at {}{}", name, word, human(how.moved), says), {}};
  }
};

}  // namespace

std::unique_ptr<ports::Operator> roller_operator(Surroundings& s) { return std::make_unique<RollerOperator>(s); }

}  // namespace davy::engine
