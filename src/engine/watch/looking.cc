#include "engine/watch/looking.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace davy::engine {
namespace {

using ports::Done;
using run::Outcome;
using run::StepIx;
using watch::Seen;

constexpr run::AttemptId kTriesAtMost = 1000;  // ids of the attempts of two steps are that far apart
constexpr Duration kLongestPause = std::chrono::minutes(1);

// What was looked at and is not well has that in its evidence; anything else could not be looked at (view/checks.cc).
bool could_not_tell(const run::Step& step, const Done& done) {
  if (step.call.port != "probe") return done.outcome == Outcome::unknown || done.outcome == Outcome::inconclusive;
  auto check = done.evidence.find("check");
  auto state = check ? check->find("state") : nullptr;
  return !state || !state->text() || *state->text() != "failed";
}

// checks/daily/Disk space -> Disk space
std::string title_of(const run::Step& step) { return step.path.substr(step.path.rfind('/') + 1); }

}  // namespace

run::Runbook book_of_looks(const run::Runbook& watched) {
  auto out = watched;
  out.steps.clear();
  std::int32_t wave = 0;
  for (auto& duty : watched.watch) {
    auto before = wave;
    for (auto step : duty.steps) {
      step.wave += before;
      wave = std::max(wave, step.wave + 1);
      out.steps.push_back(std::move(step));
    }
  }
  return out;
}

// Steps of one wave, side by side.
struct Looking::Wave {
  explicit Wave(const asio::any_io_executor& ex) : over(ex), nursery(ex) {}
  ~Wave() { nursery.drop(), over.drop(); }
  struct Result {
    StepIx step;
    Done done;
  };
  std::vector<Nursery::Id> ids;
  std::vector<Result> ended;
  bool closing = false;  // whoever asked for the look gave it up
  Flag over;
  Nursery nursery;  // last: its coroutines go before what they point to
};

StepIx Looking::first_of(watch::DutyIx duty) const {
  std::size_t out = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(duty); ++i) out += watched_.watch[i].steps.size();
  return static_cast<StepIx>(out);
}

// Whoever is cancelled meanwhile ends what was begun: because its time is over, or because nobody wants to know.
asio::awaitable<Done> Looking::try_once(run::Attempt a, bool resume, std::size_t nth, Wave& wave) {
  auto& step = book_.steps[static_cast<std::size_t>(a.step)];
  auto op = operators_.resolve(step.call);
  if (!op) co_return Done{Outcome::failed, "no provider for " + step.call.port + " " + step.call.name, {}};
  auto limit = [](ports::Clock& clock, Time due, Wave& w, std::size_t n) -> asio::awaitable<void> {
    if (auto slept = co_await clock.sleep_until(due); slept) w.nursery.cancel(w.ids[n]);
  };
  auto timer = wave.nursery.spawn(limit(clock_, a.due, wave, nth));
  auto found = co_await op->prepare(a, step.call);
  if (found) a.found = *found;
  Done done = found ? Done{} : Done{Outcome::failed, found.error().message, {}};
  if (found) done = resume ? co_await op->resume(a, step.call) : co_await op->start(a, step.call);
  wave.nursery.cancel(timer);
  if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none) co_return done;
  co_await asio::this_coro::reset_cancellation_state();
  (void)co_await op->stop(a, step.call);
  if (done.outcome == Outcome::ok) co_return done;
  co_return Done{wave.closing ? Outcome::cancelled : Outcome::unknown, "no answer within " + human(step.timeout), {}};
}

asio::awaitable<Done> Looking::try_on(StepIx ix, run::AttemptId id, bool resume, std::size_t nth, Wave& wave) {
  auto& step = book_.steps[static_cast<std::size_t>(ix)];
  auto pause = step.retry_wait;
  for (std::int32_t number = 1;; ++number, pause = std::min(2 * pause, kLongestPause)) {
    auto now = clock_.now();
    run::Attempt a{
        .id = id == 0 ? 0 : id + (number - 1), .step = ix, .number = number, .started = now, .due = now + step.timeout};
    auto done = co_await try_once(a, resume, nth, wave);
    if (done.outcome == Outcome::ok || wave.closing || number >= std::max(step.tries, 1)) co_return done;
    (void)co_await clock_.sleep_until(clock_.now() + pause);
  }
}

asio::awaitable<void> Looking::carry_out_step(StepIx ix, run::AttemptId id, bool resume, std::size_t nth, Wave& wave) {
  auto done = co_await try_on(ix, id, resume, nth, wave);
  wave.ended.push_back({ix, std::move(done)});
  wave.over.raise();
}

namespace {

void take(LookEnd& out, const run::Step& step, const Done& done) {
  auto notice = step.call.port == "notice" ? step.call.args.find("name") : nullptr;
  if (done.outcome == Outcome::ok && notice && notice->text()) out.told.push_back(*notice->text());
  bool warns = done.outcome == Outcome::ok && done.says.starts_with("degraded: ");
  if (warns || (done.outcome != Outcome::ok && step.optional)) out.beside.push_back(title_of(step) + ": " + done.says);
  if (done.outcome == Outcome::ok || step.optional) return;
  auto seen = could_not_tell(step, done) ? Seen::cannot_tell : Seen::failed;
  out.items.push_back({title_of(step), done.says, seen});
  if (seen == Seen::failed || out.seen == Seen::well) out.seen = seen;
}

std::string in_words(const LookEnd& end, std::size_t steps) {
  if (end.items.empty() && end.beside.empty()) return steps == 1 ? "well" : fmt::format("all {} are well", steps);
  if (end.items.empty())
    return fmt::format("{} of {} are well without more; {}", steps - end.beside.size(), steps,
                       joined(end.beside, "; "));
  auto& first = end.items.front();
  auto more = end.items.size() > 1 ? fmt::format(", and {} more", end.items.size() - 1) : "";
  return fmt::format("{}: {}{}", first.path, first.says, more);
}

}  // namespace

// Nobody is taken from users by one look: what fails and would take the release back is looked at again.
ports::Task<LookEnd> Looking::carry_out(watch::DueLook look) {
  auto& duty = watched_.watch[static_cast<std::size_t>(look.duty)];
  auto found = co_await look_once(look);
  if (!found || found->seen != Seen::failed || duty.then != run::Consequence::roll_back || watch::acts(duty))
    co_return found;
  if (auto slept = co_await clock_.sleep_until(clock_.now() + kLookAgain); !slept)
    co_return std::unexpected(slept.error());
  co_return co_await look_once(look);
}

ports::Task<LookEnd> Looking::look_once(watch::DueLook look) {
  auto began = clock_.now();
  auto& steps = watched_.watch[static_cast<std::size_t>(look.duty)].steps;
  auto first = first_of(look.duty);
  LookEnd out;
  for (std::size_t i = 0; i < steps.size() && out.items.empty();) {
    Wave wave(ex_);
    auto end = i;
    while (end < steps.size() && steps[end].wave == steps[i].wave) ++end;
    wave.ids.resize(end - i);
    for (auto k = i; k < end; ++k) {
      auto id = look.id == 0 ? 0 : look.id * kIdsOfALook + static_cast<run::AttemptId>(k) * kTriesAtMost;
      wave.ids[k - i] =
          wave.nursery.spawn(carry_out_step(first + static_cast<StepIx>(k), id, look.resume, k - i, wave));
    }
    while (wave.ended.size() < end - i) {
      co_await wave.over.wait();
      if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none) continue;
      co_await asio::this_coro::reset_cancellation_state();
      wave.closing = true;
      co_await wave.nursery.close();
      co_return fail(Code::cancelled, "the look was given up");
    }
    co_await wave.nursery.close();
    std::ranges::sort(wave.ended, {}, &Wave::Result::step);
    for (auto& one : wave.ended) take(out, book_.steps[static_cast<std::size_t>(one.step)], one.done);
    i = end;
  }
  out.says = in_words(out, steps.size());
  out.took = clock_.now() - began;
  co_return out;
}

}  // namespace davy::engine
