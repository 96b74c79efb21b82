#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "engine/run/operators.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;
using ports::Replacing;
using State = Replacing::State;

constexpr Duration kBetweenLooks = 1s;
constexpr double kAll = 0.9995, kNobody = 0.0005;

bool all_users(const std::optional<Replacing>& r) { return r && r->state == State::done && r->moved.value >= kAll; }

// Of a way: who is to have the users in the end, and who must not be on their way any more.
struct Look {
  std::optional<Replacing> to, from;
  bool over(run::Way way) const {
    bool given_up = !from || (from->state != State::running && from->moved.value <= kNobody);
    return all_users(to) && (way == run::Way::apply || given_up);
  }
};

// Begins what the platform carries out by itself, and follows it to its end. After a crash it is looked for before
// anything is begun: a second time could be another replacement.
struct RollerOperator : ports::Operator {
  explicit RollerOperator(Surroundings& s) : s(s) {}
  Surroundings& s;

  // What stands now is what the way back returns to: so the previous release has the users, not somebody whom nobody
  // knows here.
  ports::Task<spec::Value> prepare(const run::Attempt& a, const run::Call&) override {
    if (a.way != run::Way::apply) co_return spec::Value{};
    if (auto ours = co_await only_ours_have_users(a); !ours) co_return std::unexpected(ours.error());
    co_return co_await roller(a).found(s.asking(a));
  }

  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call&) override {
    return a.way == run::Way::apply ? ship(a) : back(a);
  }

  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call&) override {
    return a.way == run::Way::apply ? ship_on(a) : back(a);
  }

  // The platform goes on without us, and the undo gives that up; what we told it by must not go on beside the undo.
  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override { return stopped(a); }

 private:
  ports::Platform& platform(const run::Attempt& a) { return *s.ports_of(a).platform; }
  ports::Roller& roller(const run::Attempt& a) { return *platform(a).roller(); }

  asio::awaitable<ports::Done> stopped(run::Attempt a) {
    auto done = co_await s.end_commands(a);
    if (done.says.empty()) done.says = seen_[a.id];
    co_return done;
  }

  // Code::refused: somebody else has users, who would lose them by this without a word.
  ports::Task<> only_ours_have_users(run::Attempt a) {
    auto& about = s.subject(a);
    auto shares = co_await platform(a).serves(about.candidate, s.asking(s.step(a).subject, run::Side::candidate));
    if (!shares) co_return std::unexpected(shares.error());
    for (auto& one : *shares) {
      if (one.name == about.candidate.version && one.name == about.previous.version)
        co_return fail(
            Code::refused,
            fmt::format("{} is shipped once more, and its platform names releases by their versions: the two "
                        "could not be told apart",
                        about.candidate_name()),
            "have it name them by $release");
      if (about.previous.none() || is_of(one, about.previous) || is_of(one, about.candidate)) continue;
      co_return fail(Code::refused,
                     fmt::format("{} has {} of the users of {}, and this run knows only {} and {}", printable(one.name),
                                 human(one.of), about.service, about.previous_name(), about.candidate_name()),
                     "look; then deploy, and say what serves: --serves VERSION");
    }
    co_return Result<>{};
  }
  static bool is_of(const ports::Share& share, const run::Release& r) {
    return share.name == r.id || share.name == r.version;
  }

  asio::awaitable<ports::Done> ship(run::Attempt a) {
    auto begun = co_await roller(a).begin(s.subject(a).candidate, s.asking(a));
    co_return co_await followed(a, std::move(begun), false);
  }

  // That nobody could look is no leave to begin it once more.
  asio::awaitable<ports::Done> ship_on(run::Attempt a) {
    for (;;) {
      auto found = co_await roller(a).find(s.subject(a).candidate, s.asking(a));
      if (found && !*found) co_return co_await ship(a);
      if (found) co_return co_await followed(a, {}, true);
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  // Whoever is told of nobody of the candidate's may have asked too soon: what was told a moment ago is not known at
  // once to whoever carries it out.
  asio::awaitable<ports::Done> back(run::Attempt a) {
    auto before = co_await look(a);
    auto begun = co_await roller(a).back(s.subject(a).previous, a.found, asking_back(a));
    co_return co_await followed(a, std::move(begun), before && before->from);
  }

  ports::Asking asking_back(const run::Attempt& a) const {
    auto out = s.asking(s.step(a).subject, run::Side::previous);
    out.key = fmt::format("a{}", a.id), out.timeout = a.due - a.started;
    return out;
  }

  ports::Task<Look> look(run::Attempt a) {
    auto& about = s.subject(a);
    Look out;
    for (auto side : {run::Side::previous, run::Side::candidate}) {
      auto& release = side == run::Side::previous ? about.previous : about.candidate;
      bool is_goal = (side == run::Side::previous) == (a.way == run::Way::undo);
      if (release.none() || (!is_goal && a.way == run::Way::apply)) continue;
      auto now = co_await roller(a).find(release, s.asking(s.step(a).subject, side));
      if (!now) co_return std::unexpected(now.error());
      (is_goal ? out.to : out.from) = *now;
    }
    co_return out;
  }

  // An answer may get lost on its way: what became of it is looked up before it is called a failure. One look alone
  // decides nothing, neither that all is over nor that it is gone. known: the platform has told of what is to end here.
  asio::awaitable<ports::Done> followed(run::Attempt a, Result<> begun, bool known) {
    bool lost = !begun && (a.way == run::Way::undo || begun.error().code == Code::unavailable ||
                           begun.error().code == Code::timed_out);
    if (!begun && !lost) co_return done(std::unexpected(begun.error()));
    auto told = s.outside.clock.now(), moving = told;
    auto patience = roller(a).known_within(s.subject(a).candidate);
    for (bool over_before = false;;) {
      auto now = s.outside.clock.now();
      auto seen = co_await look(a);
      note(a, seen);
      if (seen && seen->to && (seen->to->state == State::failed || seen->to->state == State::stuck))
        co_return ended(*seen->to, name_of(a));
      known |= seen && seen->from;
      bool over = seen && seen->over(a.way) && (a.way == run::Way::apply || known || now - told >= patience);
      if (over && over_before) co_return ended(*seen->to, name_of(a));
      over_before = over;
      if (!seen || is_on_its_way(a, *seen)) moving = now;
      if (seen && !over && now - moving >= (lost ? Duration::zero() : patience))
        co_return done(fail(Code::unavailable, lost ? to_string(begun.error()) : seen_[a.id]));
      if (!co_await pause()) co_return done(fail(Code::cancelled, "cancelled"));
    }
  }

  // Else somebody should say it once more.
  static bool is_on_its_way(const run::Attempt& a, const Look& look) {
    if (!look.to) return false;
    return a.way == run::Way::apply || look.to->state == State::running || look.over(a.way);
  }

  // How it looks now, for whoever must say why there was no end.
  void note(const run::Attempt& a, const Result<Look>& seen) {
    auto& says = seen_[a.id];
    if (!seen)
      says = to_string(seen.error());
    else if (!seen->to)
      says = fmt::format("the platform does not know of {}", name_of(a));
    else if (seen->from && seen->from->state == State::running)
      says = fmt::format("the platform goes on with {}", s.subject(a).candidate_name());
    else
      says = fmt::format("{} of the users are with {}", human(seen->to->moved), name_of(a));
  }

  std::string name_of(const run::Attempt& a) const {
    return a.way == run::Way::undo ? s.subject(a).previous_name() : s.subject(a).candidate_name();
  }

  asio::awaitable<bool> pause() {
    co_return (co_await s.outside.clock.sleep_until(s.outside.clock.now() + kBetweenLooks)).has_value();
  }

  static ports::Done ended(const Replacing& how, const std::string& name) {
    auto says = how.says.empty() ? "" : ": " + how.says;
    if (how.state == State::done) return {run::Outcome::ok, fmt::format("{} has replaced what ran{}", name, says), {}};
    auto word = how.state == State::failed ? "failed" : "is stuck";
    return {run::Outcome::failed, fmt::format("the way to {} {} at {}{}", name, word, human(how.moved), says), {}};
  }

  std::map<run::AttemptId, std::string> seen_;
};

}  // namespace

std::unique_ptr<ports::Operator> roller_operator(Surroundings& s) { return std::make_unique<RollerOperator>(s); }

}  // namespace davy::engine
