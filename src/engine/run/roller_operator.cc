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

  // The platform goes on without us, and the undo gives that up; what we told it by must not go on beside the undo.
  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return s.end_commands(a); }

 private:
  ports::Roller& roller(const run::Attempt& a) { return *s.ports_of(a).platform->roller(); }

  asio::awaitable<ports::Done> ship(run::Attempt a) {
    auto candidate = s.subject(a).candidate;
    auto asking = s.asking(a);
    auto begun = co_await roller(a).begin(candidate, asking);
    co_return co_await followed(a, std::move(begun), asking);
  }

  // That nobody could look is no leave to begin it once more.
  asio::awaitable<ports::Done> ship_on(run::Attempt a) {
    auto candidate = s.subject(a).candidate;
    auto asking = s.asking(a);
    for (;;) {
      auto found = co_await roller(a).find(candidate, asking);
      if (found && !*found) co_return co_await ship(a);
      if (found) co_return co_await followed(a, {}, asking);
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  asio::awaitable<ports::Done> back(run::Attempt a, run::Call) {
    auto previous = s.subject(a).previous;
    auto asking = s.asking(s.step(a).subject, run::Side::previous);
    asking.key = fmt::format("a{}", a.id), asking.timeout = a.due - a.started;
    auto begun = co_await roller(a).back(previous, a.found, asking);
    co_return co_await followed(a, std::move(begun), asking);
  }

  // An answer may get lost on its way: what became of it is looked up before it is called a failure.
  asio::awaitable<ports::Done> followed(run::Attempt a, Result<> begun, ports::Asking asking) {
    bool lost = !begun && (begun.error().code == Code::unavailable || begun.error().code == Code::timed_out);
    if (!begun && !lost) co_return done(std::unexpected(begun.error()));
    auto taken_up_by = s.outside.clock.now() + (lost ? Duration::zero() : kToTakeItUp);
    for (;;) {
      auto look = co_await looked(a, asking);
      if (look && look->how && look->how->state != State::running) co_return ended(*look->how, name_of(a));
      if (look && !look->how && s.outside.clock.now() >= taken_up_by)
        co_return done(fail(Code::unavailable, lost ? to_string(begun.error()) : look->why_not));
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  struct Look {
    std::optional<ports::Replacing> how;
    std::string why_not;  // why that was not taken up
  };

  // The previous release has all users also while the candidate has not moved anybody yet: that is home only once the
  // candidate is not on its way any more.
  ports::Task<Look> looked(run::Attempt a, ports::Asking asking) {
    bool back = a.way == run::Way::undo;
    auto now = co_await roller(a).find(back ? s.subject(a).previous : s.subject(a).candidate, asking);
    if (!now) co_return std::unexpected(now.error());
    if (!*now) co_return Look{{}, fmt::format("the platform does not know of {}", name_of(a))};
    if (!back || (*now)->state != State::done) co_return Look{*now, ""};
    auto candidate = co_await roller(a).find(s.subject(a).candidate, s.asking(s.step(a).subject, run::Side::candidate));
    if (!candidate) co_return std::unexpected(candidate.error());
    if (!*candidate || (*candidate)->state != State::running) co_return Look{*now, ""};
    co_return Look{{}, fmt::format("the platform goes on with {}", s.subject(a).candidate_name())};
  }

  std::string name_of(const run::Attempt& a) const {
    return a.way == run::Way::undo ? s.subject(a).previous_name() : s.subject(a).candidate_name();
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
