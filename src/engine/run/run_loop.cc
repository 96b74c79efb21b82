#include "engine/run/run_loop.h"

#include <algorithm>

#include "engine/watch/watch_records.h"

namespace davy::engine {

using namespace run;

RunLoop::RunLoop(asio::any_io_executor ex, World world, std::string run)
    : ex_(ex),
      world_(std::move(world)),
      run_(std::move(run)),
      inbox_(ex),
      watching_(ex, {world_.clock, world_.signals, world_.samples, world_.guard, world_.asked}, state_,
                [this](Input in) { tell(std::move(in)); }),
      nursery_(ex) {}

void RunLoop::drop() {
  inbox_.drop();
  nursery_.drop();
  watching_.drop();
}

asio::awaitable<Result<Ending>> RunLoop::go(Claimed claim) {
  if (auto opened = co_await open(std::move(claim)); !opened) co_return std::unexpected(opened.error());
  bool returned = !state_.ended && co_await ask_guard();
  nursery_.spawn(read_desk());
  nursery_.spawn(watching_.go());
  nursery_.spawn(watching_.beats());
  Result<> went;
  if (!returned) make_it_so();  // else first hear that users are elsewhere now
  while (!state_.ended && went) {
    std::vector<Event> batch;  // everything that waits is decided together and committed once
    auto heard = co_await inbox_.all();
    auto now = world_.clock.now();
    for (auto& in : heard)
      for (auto& e : decide(state_, in, now)) {
        fold(state_, e, now);
        batch.push_back(std::move(e));
      }
    if (state_.ended && co_await acted_unheard()) {
      went = co_await stand_where_the_journal_does();
      if (!went) break;
      (void)co_await ask_guard();
      for (auto& in : heard) tell(std::move(in));
      continue;
    }
    // state_ is ahead of the disk until this returns, and for good if it fails: then never act on it.
    if (!batch.empty()) went = co_await commit(std::move(batch), now, false);
    if (went) make_it_so();
  }
  co_await nursery_.close();
  if (!went) co_return std::unexpected(went.error());
  // A way back that failed leaves its users to the guard, which tries on where this engine gave up.
  if (*state_.ended == Ending::needs_people && exposed(state_)) co_return *state_.ended;
  (void)co_await world_.guard.taken();  // whatever it did, the ending has been verified
  // Whoever armed it, perhaps an engine before this one. Not before the end is written: whoever dies in between would
  // leave users behind with nobody to take them back, and one who dies here is started again, and comes here.
  (void)co_await disarm();
  co_return *state_.ended;
}

ports::Task<> RunLoop::open(Claimed claim) {
  auto records = co_await world_.journal.read(run_);
  if (!records) co_return std::unexpected(records.error());
  auto history = replay(*records);
  if (!history) co_return std::unexpected(history.error());
  state_ = std::move(history->state);
  moved_ = exposed(state_);
  seq_ = history->seq;
  if (state_.ended) co_return Result<>{};
  claim.epoch = state_.epoch + 1;
  auto now = world_.clock.now();
  auto events = decide(state_, Took{std::move(claim)}, now);
  for (auto& e : events) fold(state_, e, now);
  co_return co_await commit(std::move(events), now, true);
}

// What was decided and not written is taken back.
ports::Task<> RunLoop::stand_where_the_journal_does() {
  auto records = co_await world_.journal.read(run_);
  if (!records) co_return std::unexpected(records.error());
  auto history = replay(*records);
  if (!history) co_return std::unexpected(history.error());
  state_ = std::move(history->state);
  co_return Result<>{};
}

// While this engine stood still the keeper may have acted in its place: that is heard before any end is written.
asio::awaitable<bool> RunLoop::acted_unheard() {
  auto taken = co_await world_.guard.taken();
  co_return taken && *taken && (*taken)->at > std::max(told_of_, state_.way_back_at.value_or(Time{}));
}

// What could not be looked at is said with the end that it is about.
asio::awaitable<void> RunLoop::look_a_last_time(Ended& end) {
  bool may_have_changed = std::ranges::any_of(state_.runbook.steps, &Step::changes);
  if (!world_.last_look || end.how == Ending::refused || !may_have_changed) co_return;
  if (auto well = co_await world_.last_look(); !well)
    end.sentence +=
        ". Whether the router still sends users where it was told could not be seen: " + well.error().message;
}

ports::Task<> RunLoop::commit(std::vector<Event> events, Time now, bool claiming) {
  for (auto& e : events)
    if (auto end = std::get_if<Ended>(&e)) co_await look_a_last_time(*end);
  std::vector<ports::Record> records;
  ports::After then;
  auto before = seq_;
  watching_.writing(now);
  for (auto& e : events) {
    records.push_back(record_of(e, ++seq_, now));
    if (auto ended = std::get_if<Ended>(&e)) {
      then = watch_after(state_, *ended, run_, now);
      bool as_before =
          ended->how == Ending::replaced || ended->how == Ending::rolled_back || ended->how == Ending::refused;
      then.close = ports::Close{spec::encode(ended->how).get<std::string>(), ended->sentence, as_before};
    }
  }
  auto claim_or_append = [&]() -> ports::Task<> {
    if (claiming) return world_.journal.claim(run_, state_.epoch, before, std::move(records));
    return world_.journal.append(run_, state_.epoch, before, std::move(records), std::move(then));
  };
  auto written = co_await claim_or_append();
  if (written) watching_.writing({});
  co_return written;
}

// Only here does anything begin or stop, and only from what is durable.
void RunLoop::make_it_so() {
  if (state_.ended) return;
  auto want = wanted(state_, world_.clock.now());
  keep_working(want);
  for (auto [step, way] : want.prepare)
    if (preparing_.insert({step, way}).second) nursery_.spawn(prepare(step, way));
  if (want.wake) wake_at(*want.wake);
  bool at_risk = want.judge || state_.mode == Mode::retreat || !state_.open.empty();
  if (!exposed(state_) && !at_risk && std::exchange(armed_, false)) nursery_.spawn(let_go());
}

void RunLoop::keep_working(const Wanted& want) {
  std::set<AttemptId> open;
  for (auto& attempt : state_.open) open.insert(attempt.id);
  for (auto& [id, working] : working_)  // ended by somebody else: a person's answer
    if (!open.contains(id)) nursery_.cancel(working.id);
  for (auto& w : want.work) {
    auto it = working_.find(w.attempt.id);
    if (it == working_.end()) {
      working_[w.attempt.id] = {0, w.how == Handling::stop};
      working_[w.attempt.id].id = nursery_.spawn(work(w));
    } else if (w.how == Handling::stop && !std::exchange(it->second.stopping, true)) {
      nursery_.cancel(it->second.id);
    }
  }
}

void RunLoop::wake_at(Time t) {
  if (sleeping_.insert(t).second) nursery_.spawn(sleep(t));
}

asio::awaitable<void> RunLoop::sleep(Time t) {
  auto slept = co_await world_.clock.sleep_until(t);
  sleeping_.erase(t);
  if (slept) tell(Tick{});
}

ports::Operator* RunLoop::operator_of(const Call& call) {
  return call.port == "bake" ? &watching_.bakes() : world_.resolve(call);
}

const Call& RunLoop::call_of(const Attempt& a) const {
  auto& step = state_.step(a.step);
  return a.way == Way::undo ? step.undo.call : step.call;
}

// What steps made and hand on.
std::map<std::string, spec::Value> RunLoop::made() const {
  std::map<std::string, spec::Value> out;
  for (StepIx i = 0; i < state_.count(); ++i)
    if (!state_.at(i).made.null()) out[state_.step(i).path] = state_.at(i).made;
  return out;
}

asio::awaitable<void> RunLoop::prepare(StepIx step, Way way) {
  Attempt a{.step = step, .way = way, .again = state_.at(step).tainted, .made = made()};
  auto call = call_of(a);
  Result<spec::Value> found = state_.at(step).found;  // an undo is given what its apply found
  if (way == Way::apply) {
    if (auto op = operator_of(call))
      found = co_await op->prepare(a, call);
    else
      found = fail(Code::internal, "no provider for " + call.port + " " + call.name);
  }
  preparing_.erase({step, way});
  if ((co_await asio::this_coro::cancellation_state).cancelled() == asio::cancellation_type::none)
    tell(Prepared{step, way, std::move(found)});
}

asio::awaitable<void> RunLoop::work(Work w) {
  auto a = w.attempt;
  a.made = made();
  auto call = call_of(a);
  auto op = operator_of(call);
  ports::Done done{Outcome::failed, "no provider for " + call.port + " " + call.name, {}};
  if (op && w.how != Handling::stop) {
    if (auto armed = co_await see_to_guard(a); !armed) {
      bool given_up = armed.error().code == Code::cancelled;
      if (w.how == Handling::resume && !given_up)
        (void)co_await op->stop(a, call);  // an engine before this one began it
      done = {Outcome::failed, "the guard says no: " + armed.error().message, {}, {}, true};
      if (given_up) done = {Outcome::cancelled, "", {}};
    } else {
      moved_ |= state_.step(a.step).exposes();
      done = w.how == Handling::resume ? co_await op->resume(a, call) : co_await op->start(a, call);
    }
  }
  bool cancelled = (co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none;
  if (cancelled) co_await asio::this_coro::reset_cancellation_state();
  bool ours = working_[a.id].stopping || !cancelled;  // else the whole engine is being closed: end nothing
  if (op && ours && (w.how == Handling::stop || done.outcome == Outcome::cancelled)) done = co_await op->stop(a, call);
  working_.erase(a.id);
  if (ours)
    tell(Finished{a.id, done.outcome, std::move(done.says), std::move(done.evidence), std::move(done.made),
                  done.for_people});
}

// No user before somebody stands by who can take them back without us; and nobody stands by any more once the previous
// release goes, since moving users to it would then be the outage. Armed anew by every step that exposes: instances may
// have come since.
ports::Task<> RunLoop::see_to_guard(const Attempt& a) {
  auto& step = state_.step(a.step);
  if (a.way != Way::apply) co_return Result<>{};
  if (step.parts())
    if (auto let_go = co_await disarm(); !let_go) co_return let_go;  // users may be with the previous release by now
  if (step.exposes() && !parted(state_)) co_return co_await arm();
  co_return Result<>{};
}

// Nobody is given to a candidate that nobody could judge: where that is known before its first user, people can mend
// it. Rehearsed while the previous release has everybody: until a step of this engine, or of one before, began to
// expose.
ports::Task<> RunLoop::arm() {
  auto way = co_await world_.way_back();
  if (!way) co_return std::unexpected(way.error());
  if (way->moves.empty()) co_return co_await disarm();  // one that was armed before would move users to nobody
  if (auto why = moved_ ? "" : watching_.blind(); !why.empty())
    co_return fail(Code::refused, "nobody could judge the candidate, since nothing is seen of what users get: " + why);
  way->rehearse = !moved_;
  if (auto armed = co_await world_.guard.arm(std::move(*way)); !armed) co_return armed;
  armed_ = true;
  co_return Result<>{};
}

ports::Task<> RunLoop::disarm() {
  armed_ = false;
  co_return co_await world_.guard.disarm();
}

asio::awaitable<void> RunLoop::let_go() { (void)co_await disarm(); }

// After a crash the keeper may have acted in our place, or be armed still. When it cannot be armed anew the run goes
// on: a judge lives again, and the next exposing step insists.
asio::awaitable<bool> RunLoop::ask_guard() {
  auto taken = co_await world_.guard.taken();
  bool nobody_acted = taken && !*taken;
  if (nobody_acted && exposed(state_) && !parted(state_))
    if (auto armed = co_await arm(); !armed) taken = co_await world_.guard.taken();  // it acted just now
  if (!taken || !*taken) co_return false;
  told_of_ = (*taken)->at;
  tell(Returned{(*taken)->at, in_words(**taken), (*taken)->open.empty()});
  co_return !(state_.way_back_at && (*taken)->at <= *state_.way_back_at);
}

asio::awaitable<void> RunLoop::read_desk() {
  for (auto last = state_.desk_entry;;) {
    auto entries = co_await world_.desk(last);
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
    if (!entries && !co_await world_.clock.sleep_until(world_.clock.now() + std::chrono::seconds(1))) co_return;
    for (auto& e : entries ? *entries : std::vector<ports::DeskEntry>{}) {
      last = e.number;
      tell(Asked{e.number, speaker_of(e), e.ask, e.about, e.note});
    }
  }
}

}  // namespace davy::engine
