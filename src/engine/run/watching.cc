#include "engine/run/watching.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/run/arguments.h"
#include "judge/patience.h"
#include "run/maintenance.h"

namespace davy::engine {
namespace {

using namespace std::chrono_literals;

constexpr Duration kGrain = judge::Sampler::kGrain;
constexpr Duration kBeat = 1s;           // between two signs of life for the guard
constexpr Duration kWrittenWithin = 1s;  // a verdict that cannot be written for longer is none
constexpr Duration kToldWithin = 1s;     // after a service is back what failed before stands in the logs
constexpr Duration kFrozenSpan = 1min;   // the baseline from before the run, where no previous release serves beside

spec::Value numbers(const judge::Bake& bake) {
  return spec::object({{"observed", {}, spec::from_json(spec::encode(bake.observed()))}});
}

// In maintenance rules pause: its 503s are wanted, and an application that is stopped is not healthy.
judge::Window without_users(const judge::Window& w) {
  judge::Window out{.from = w.from, .to = w.to, .complete = w.complete, .gap = w.gap};
  out.sure = w.sure, out.doubted = w.doubted;
  return out;
}

}  // namespace

struct Watching::Baking {
  Baking(asio::any_io_executor ex, judge::Bake b, Time from, Duration length)
      : bake(std::move(b)), changed(ex), from(from), length(length) {}
  judge::Bake bake;
  Flag changed;
  Time from;
  Duration length;
  Duration told{};
  Duration unseen{};  // since the last window that was whole
  bool stopped = false, starved = false;
};

// start and resume are the same thing: what was watched stands in the journal.
struct Watching::Bakes : ports::Operator {
  explicit Bakes(Watching& w) : w(w) {}
  Watching& w;

  ports::Task<spec::Value> prepare(const run::Attempt&, const run::Call&) override { co_return spec::Value{}; }
  asio::awaitable<ports::Done> resume(const run::Attempt& a, const run::Call& c) override { return start(a, c); }

  asio::awaitable<ports::Done> start(const run::Attempt& a, const run::Call& call) override {
    auto length = argument<Duration>(call, "for");
    auto pass = argument<std::vector<spec::Condition>>(call, "pass");
    auto setup = co_await w.setup();
    if (auto least = argument<std::int64_t>(call, "requests"); least > 0)
      setup.least_requests = static_cast<std::uint64_t>(least), setup.kayenta.reset();
    auto baking =
        std::make_shared<Baking>(w.ex_, judge::Bake(std::move(setup), std::move(pass), length), a.started, length);
    co_await refill(*baking, a);
    w.baking_[a.step] = baking;
    while (!w.over(*baking) && !baking->stopped && !baking->starved) {
      co_await baking->changed.wait();
      if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) break;
    }
    if (auto it = w.baking_.find(a.step); it != w.baking_.end() && it->second == baking) w.baking_.erase(it);
    if (baking->starved) co_return ports::Done{run::Outcome::inconclusive, w.watched(a), numbers(baking->bake)};
    if (!baking->bake.over()) co_return ports::Done{run::Outcome::cancelled, "", numbers(baking->bake)};
    co_return ended(baking->bake.verdict());
  }

  asio::awaitable<ports::Done> stop(const run::Attempt& a, const run::Call&) override {
    auto says = w.watched(a);
    if (auto it = w.baking_.find(a.step); it != w.baking_.end()) {
      it->second->stopped = true;
      it->second->changed.raise();
    }
    // Out of time because there was nothing to see: that is not the candidate's fault, a person decides.
    auto attempt = w.state_.find(a.id);
    bool starved = attempt && attempt->timed_out;
    co_return ports::Done{starved ? run::Outcome::inconclusive : run::Outcome::cancelled, starved ? says : "", {}};
  }

  // What an earlier Davy saw of this bake. Only time whose evidence is still there counts: a bake without it would pass
  // on nothing. The oldest sample may reach back before the start by less than its own length.
  asio::awaitable<void> refill(Baking& baking, run::Attempt a) {
    for (auto& window : co_await w.recorded(a.started - kGrain))
      if (window.to > a.started) baking.bake.see(window);
  }

  static ports::Done ended(const judge::Verdict& v) {
    auto outcome = v.kind == judge::Kind::pass          ? run::Outcome::ok
                   : v.kind == judge::Kind::cannot_tell ? run::Outcome::inconclusive
                                                        : run::Outcome::failed;
    // What was seen and is not as it should be, but no reason to go back by itself, is for people.
    bool for_people = outcome == run::Outcome::failed && v.kind != judge::Kind::roll_back;
    return {.outcome = outcome, .says = v.sentence, .evidence = v.evidence, .for_people = for_people};
  }
};

Watching::Watching(asio::any_io_executor ex, World world, const run::State& state, std::function<void(run::Input)> tell)
    : ex_(std::move(ex)),
      world_(world),
      tell_(std::move(tell)),
      state_(state),
      alive_(ex_),
      bakes_(std::make_unique<Bakes>(*this)) {}

Watching::~Watching() = default;

void Watching::drop() {
  alive_.drop();
  for (auto& [step, baking] : baking_) baking->changed.drop();
}

ports::Operator& Watching::bakes() { return *bakes_; }

// In maintenance, and while Davy itself has a service stopped; and for a moment after either, in which what failed
// before is told.
bool Watching::nobody_is_to_blame(const judge::Window& w) {
  auto changes = run::changes_in_place(state_);  // a restart may be over before the next window
  bool changed = std::exchange(changes_in_place_, changes) != changes;
  if (changed || run::in_maintenance(state_) || run::stopped_in_place(state_)) not_before_ = w.to + kToldWithin;
  return w.from < not_before_;
}

// What a release says in its log while it starts it says itself, whoever is down meanwhile.
judge::Window Watching::without_blame(const judge::Window& w) const {
  auto out = without_users(w);
  if (!run::in_maintenance(state_)) out.counts = w.counts, out.shown = w.shown;
  return out;
}

asio::awaitable<void> Watching::go() {
  for (;;) {
    auto window = co_await world_.signals.next();
    tell_formats();
    if (!window) break;
    seeing_.see(*window);
    own_restarts_.take_out(*window, run::starts_or_stops(state_));
    if (nobody_is_to_blame(*window))
      *window = without_blame(*window), world_.signals.paused();
    else
      world_.signals.read_by_rules(*window);
    tell_shares(*window);
    tell_blindness(window->to);
    co_await look(*window);
    tell_trial(*window);
    for (auto& sure : settling_.see(std::move(*window))) {
      bake(sure);
      co_await keep(sure);
    }
    sign_of_life();
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) break;
  }
  co_await asio::this_coro::reset_cancellation_state();
  for (auto& window : settling_.rest()) co_await keep(window);
  // The run is over: what it saw last is worth a shorter sample.
  if (auto rest = sampler_.rest()) co_await write(*rest);
}

// Before anything is decided by them, and in the record.
void Watching::tell_formats() {
  for (auto& [signal, says] : world_.signals.formats())
    if (std::exchange(formats_[signal], says) != says)
      tell_(run::Judged{signal, run::Consequence::note, fmt::format("`{}` is read as: {}", signal, says), {}});
}

// The keeper moves users back when nothing was judged for its patience; until then people can mend it.
void Watching::tell_blindness(Time now) {
  if (auto why = judge_ ? seeing_.news(now) : std::nullopt)
    tell_(run::Judged{
        "sight", run::Consequence::note, fmt::format("nothing is seen, so no bake counts on: {}", *why), {}});
}

void Watching::tell_trial(const judge::Window& window) {
  if (judge_)
    if (auto tried = trial_.see(window, state_)) tell_(*tried);
}

std::string Watching::watched(const run::Attempt& a) const {
  return fmt::format("watched {} with data{}{}", human(state_.at(a.step).watched), seeing_.gap().empty() ? "" : "; ",
                     seeing_.gap());
}

// Why the keeper had to act, where this engine lived all the while.
std::string Watching::unseen() const {
  auto blind = !seeing_.sees(world_.clock.now()) && !seeing_.gap().empty();
  return blind ? "; nothing was seen: " + seeing_.gap() : std::string();
}

asio::awaitable<void> Watching::look(judge::Window& window) {
  if (!run::wanted(state_, window.to).judge) {
    judge_.reset();
    co_return;
  }
  if (!judge_ || judge_from_ != state_.judged_from) co_await appoint_judge();
  judge_->count_news(window);
  see(window);
}

// Only of the time in which it runs: what settled meanwhile is older.
void Watching::bake(const judge::Window& window) {
  for (auto& [step, baking] : baking_) {
    if (window.to <= baking->from) continue;
    baking->bake.see(window);
    auto so_far = baking->bake.observed();
    if (so_far - baking->told >= std::max<Duration>(kGrain, baking->length / 50)) {
      baking->told = so_far;
      tell_(run::Observed{step, so_far});
    }
    // Where no keeper is armed to move users back, as in a first release, nobody else would end it.
    baking->unseen = window.complete ? Duration{} : baking->unseen + std::min<Duration>(window.length(), kGrain);
    baking->starved = baking->unseen > 2 * judge::patience(state_.runbook);
    if (over(*baking) || baking->starved) baking->changed.raise();
  }
}

// A rule of `for 5m` that began to hold a minute before the end of a bake has its say first, also one whose clock a
// person's word started anew: behind the last bake nobody is left to go back to.
bool Watching::over(const Baking& baking) const { return baking.bake.over() && !(judge_ && judge_->pending()); }

void Watching::see(const judge::Window& window) {
  for (auto& v : judge_->see(window))
    tell_(run::Judged{v.rule, v.then, v.sentence, v.evidence, window.from, v.kind == judge::Kind::step_aside});
}

// Bakes and the judge must know what was asked for, also those that read the samples later. Of whom users were taken
// away nothing is asked, whatever its router does with those who stay.
void Watching::tell_shares(judge::Window& window) const {
  window.asked = world_.asked();
  for (run::StepIx i = 0; i < state_.count(); ++i)
    if (state_.at(i).away)
      window.asked[state_.runbook.subjects[static_cast<std::size_t>(state_.step(i).subject)].candidate.id] = 0;
}

// The minute before the candidate's first user is a baseline where no previous release serves beside. Of a service that
// got its first user later than the others it is the minute before that.
asio::awaitable<judge::Setup> Watching::setup() {
  auto out = judge::setup_of(state_.runbook);
  out.nth = state_.judges;
  auto first = state_.exposed_since.value_or(state_.judged_from);
  auto known = co_await recorded(first - kFrozenSpan);
  out.baselines.before = minute_before(known, first);
  for (auto& [subject, since] : state_.first_users)
    if (auto minute = since > first && out.baselines.before ? minute_before(known, since) : std::nullopt)
      judge::take_minute_of(state_.runbook.subjects[static_cast<std::size_t>(subject)], *minute, *out.baselines.before);
  co_return out;
}

std::optional<judge::Window> Watching::minute_before(const std::vector<judge::Window>& known, Time exposed) const {
  std::vector<judge::Window> before;
  auto within = [&](auto& w) { return w.to <= exposed && w.to > exposed - kFrozenSpan; };
  std::ranges::copy_if(known, std::back_inserter(before), within);
  if (auto open = sampler_.gathers(); open && open->from < exposed) before.push_back(*open);  // not written yet
  std::ranges::copy_if(settling_.waiting(), std::back_inserter(before), within);
  auto minute = judge::condensed(before, Duration{});
  return minute.empty() ? std::nullopt : std::optional(minute.front());
}

// As ports::samples_of has it: who asks for the run's samples finds these.
ports::SampleKey Watching::key() const {
  auto& book = state_.runbook;
  if (book.subjects.empty()) return {"", book.environment, ""};
  return {book.subjects.front().service, book.environment, book.subjects.front().candidate.id};
}

// What is left of the samples since then, in order of time; none where they cannot be read.
asio::awaitable<std::vector<judge::Window>> Watching::recorded(Time since) {
  auto samples = co_await world_.samples.since(key(), since);
  co_return samples ? std::move(*samples) : std::vector<judge::Window>{};
}

// A judge begins with what the samples tell of the time since its evidence counts, so a crash costs no `for 5m`.
asio::awaitable<void> Watching::appoint_judge() {
  judge_from_ = state_.judged_from;
  auto known = co_await setup();
  std::vector<judge::Window> fresh;
  for (auto& window : co_await recorded(state_.exposed_since.value_or(judge_from_)))
    if (window.from >= judge_from_)
      fresh.push_back(std::move(window));
    else if (auto& before = known.baselines.before)  // what was shown since is no news
      before->merge({.from = before->from, .to = before->to, .shown = std::move(window.shown)});
  judge_.emplace(std::move(known));
  for (auto& window : fresh) see(window);
}

// Samples may be lost (a full disk, a crash): they cost detail, never a verdict.
asio::awaitable<void> Watching::keep(const judge::Window& window) {
  for (auto& sample : sampler_.take(window, state_.runbook.subjects, state_.exposed_since)) co_await write(sample);
}

asio::awaitable<void> Watching::write(const judge::Window& sample) {
  std::vector<ports::Sample> one{sample};
  (void)co_await world_.samples.add(key(), std::move(one));
}

// While the candidate has users only a window that was judged counts as a sign of life, once it is written down, and
// one of which something is missing was not judged. In a retreat the engine itself brings users home, and knows when
// there is nobody yet to bring them to; where it cannot (it may open no socket, say) it is no better than a dead one.
bool Watching::in_control(Time now) const {
  bool stuck = writing_since_ && now - *writing_since_ > kWrittenWithin;
  if (state_.mode == run::Mode::retreat) return !stuck && !run::stuck_on_the_way(state_);
  return !stuck && judge_.has_value() && seeing_.sees(now);
}

void Watching::sign_of_life() {
  auto now = world_.clock.now();
  if (now - last_beat_ < kBeat) return;
  last_beat_ = now;
  alive_.raise();
}

asio::awaitable<void> Watching::beats() {
  for (;;) {
    co_await alive_.wait();
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    co_await beat();
  }
}

asio::awaitable<void> Watching::beat() {
  if (in_control(world_.clock.now())) (void)co_await world_.guard.judged();
  // This engine may have stood still, or seen nothing, for so long that the keeper acted in its place.
  if (auto taken = co_await world_.guard.taken(); taken && *taken)
    tell_(run::Returned{(*taken)->at, in_words(**taken) + unseen(), (*taken)->open.empty()});
}

}  // namespace davy::engine
