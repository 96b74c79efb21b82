#include "engine/watch/watch_loop.h"

#include <algorithm>
#include <utility>

namespace davy::engine {

using namespace watch;

namespace {

// Nothing follows from it, and nobody is told: it can be added to the one before.
bool may_wait(const State& before, const Event& e, Time now) {
  auto looked = std::get_if<Looked>(&e);
  if (!looked || looked->id != 0) return false;
  auto& duty = before.duties.at(static_cast<std::size_t>(looked->duty));
  return duty.last && duty.last->seen == looked->seen && !is_told(duty, *looked, now);
}

}  // namespace

WatchLoop::WatchLoop(asio::any_io_executor ex, WatchWorld world, std::string stream)
    : ex_(ex), world_(std::move(world)), stream_(std::move(stream)), inbox_(ex), nursery_(ex) {}

void WatchLoop::drop() {
  inbox_.drop();
  nursery_.drop();
}

bool WatchLoop::idle() const {
  return looking_.empty() && beginning_.empty() && !going_back_ &&
         wanted(state_, world_.clock.now(), world_.zone).looks.empty();
}

asio::awaitable<Result<>> WatchLoop::go(run::Claimed claim) {
  if (auto opened = co_await open(std::move(claim)); !opened) co_return std::unexpected(opened.error());
  Result<> went;
  make_it_so();
  while (!state_.over && went) {
    auto heard = co_await inbox_.all();
    if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) break;
    auto now = world_.clock.now();
    for (auto& in : heard) {
      if (auto begins = std::get_if<Begins>(&in)) beginning_.erase(begins->duty);
      for (auto& e : decide(state_, in, now, world_.zone)) {
        auto waits = may_wait(state_, e, now);
        fold(state_, e, now);
        keep(std::move(e), waits);
      }
    }
    if (oldest_ && now - *oldest_ >= kWrittenWithin) urgent_ = true;
    // state_ is ahead of the disk until this returns, and for good if it fails: then never act on it.
    if (urgent_) went = co_await commit(false);
    if (world_.show) world_.show(seq_, unwritten_);
    if (went) make_it_so();
  }
  co_await asio::this_coro::reset_cancellation_state();
  co_await nursery_.close();
  if (went && !unwritten_.empty()) went = co_await commit(false);
  co_return went;
}

ports::Task<> WatchLoop::open(run::Claimed claim) {
  auto records = co_await world_.journal.read(stream_);
  if (!records) co_return std::unexpected(records.error());
  auto info = co_await world_.journal.stream(stream_);
  if (!info) co_return std::unexpected(info.error());
  auto history = replay_watch(*records);
  if (!history) co_return std::unexpected(history.error());
  state_ = std::move(history->state);
  seq_ = info->seq;
  if (info->closed || state_.over) co_return fail(Code::conflict, "the watch " + stream_ + " is over");
  claim.epoch = info->epoch + 1;  // a run that supersedes it counts on without an event of ours
  auto now = world_.clock.now();
  for (auto& e : decide(state_, Took{std::move(claim)}, now, world_.zone)) {
    fold(state_, e, now);
    keep(std::move(e), false);
  }
  co_return co_await commit(true);
}

// Looks of one duty that found the same are one entry.
void WatchLoop::keep(Event e, bool waits) {
  urgent_ |= !waits;
  if (waits && !oldest_) oldest_ = world_.clock.now();
  auto looked = std::get_if<Looked>(&e);
  auto same = std::ranges::find_if(unwritten_, [&](auto& other) {
    auto before = std::get_if<Looked>(&other);
    return looked && before && before->duty == looked->duty && before->id == 0;
  });
  if (!waits || same == unwritten_.end()) return unwritten_.push_back(std::move(e));
  looked->times += std::get<Looked>(*same).times;
  *same = std::move(e);
}

ports::Task<> WatchLoop::commit(bool claiming) {
  auto now = world_.clock.now();
  std::vector<ports::Record> records;
  ports::After then;
  auto before = seq_;
  for (auto& e : std::exchange(unwritten_, {})) {
    records.push_back(record_of(e, ++seq_, now));
    if (auto over = std::get_if<Over>(&e)) then.close = ports::Close{"over", over->sentence};
  }
  urgent_ = false, oldest_.reset();
  if (claiming) co_return co_await world_.journal.claim(stream_, state_.epoch, before, std::move(records));
  co_return co_await world_.journal.append(stream_, state_.epoch, before, std::move(records), std::move(then));
}

// Only here does anything begin, and what acts only from what is durable.
void WatchLoop::make_it_so() {
  if (state_.over) return;
  auto now = world_.clock.now();
  auto want = wanted(state_, now, world_.zone);
  for (auto& due : want.looks) begin(due);
  if (want.alarms && world_.read && !std::exchange(reading_, true)) nursery_.spawn(read_rules());
  if (want.take_back && !std::exchange(going_back_, true)) nursery_.spawn(go_back(*state_.back_wanted));
  if (want.wake) wake_at(*want.wake);
  if (oldest_) wake_at(*oldest_ + kWrittenWithin);
}

void WatchLoop::begin(const DueLook& due) {
  if (looking_.contains(due.duty)) return;
  if (due.to_begin) {
    if (beginning_.insert(due.duty).second) tell(Begins{due.duty, due.due});
    return;
  }
  looking_.insert(due.duty);
  nursery_.spawn(look(due));
}

asio::awaitable<void> WatchLoop::look(DueLook due) {
  auto end = co_await world_.look(due);
  looking_.erase(due.duty);
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
  if (!end) end = LookEnd{.seen = Seen::cannot_tell, .says = to_string(end.error()), .items = {}, .told = {}};
  tell(Finished{due.duty, due.due, due.id, end->seen, std::move(end->says), std::move(end->items), std::move(end->told),
                end->took});
}

asio::awaitable<void> WatchLoop::read_rules() {
  std::set<std::string> firing;
  for (auto& [rule, since] : state_.alarms) firing.insert(rule);
  Alarms alarms(state_.book.rules, firing);
  for (;;) {
    if (auto slept = co_await world_.clock.sleep_until(world_.clock.now() + kReadRules); !slept) co_return;
    for (std::size_t i = 0; i < alarms.rules().size(); ++i) {
      auto seen = world_.read(alarms.rules()[i].when);
      for (auto& change : alarms.see(i, seen, world_.clock.now())) tell(std::move(change));
    }
  }
}

asio::awaitable<void> WatchLoop::go_back(std::string why) {
  auto begun = co_await world_.take_back(std::move(why));
  if ((co_await asio::this_coro::cancellation_state).cancelled() != asio::cancellation_type::none) co_return;
  if (begun) co_return;  // the run has fenced this loop: whoever keeps it lets go of it, or its next append fails
  going_back_ = false;
  tell(CannotGoBack{to_string(begun.error())});
}

void WatchLoop::wake_at(Time t) {
  if (sleeping_.insert(t).second) nursery_.spawn(sleep(t));
}

asio::awaitable<void> WatchLoop::sleep(Time t) {
  auto slept = co_await world_.clock.sleep_until(t);
  sleeping_.erase(t);
  if (slept) tell(Tick{});
}

}  // namespace davy::engine
