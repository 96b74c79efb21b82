// The loop of one watch: hear, decide, commit, make it so. The same object in the real and in the simulated world.
#pragma once
#include <set>

#include "engine/loop/inbox.h"
#include "engine/loop/nursery.h"
#include "engine/watch/looking.h"
#include "engine/watch/watch_records.h"
#include "ports/clock.h"
#include "watch/alarms.h"

namespace davy::engine {

struct WatchWorld {
  ports::Clock& clock;
  ports::Journal& journal;
  const watch::Zone& zone;
  // Carries out what is due.
  std::function<ports::Task<LookEnd>(watch::DueLook)> look;
  std::function<watch::RuleSeen(const spec::Condition&)> read;  // what a rule is found to be now
  // Begins the run that takes the release back. When it has begun, this watch is another's.
  std::function<ports::Task<>(std::string why)> take_back;
  // What is not written yet, behind that record: for who looks meanwhile.
  std::function<void(std::int64_t seq, const std::vector<watch::Event>&)> show = {};
};

class WatchLoop {
 public:
  WatchLoop(asio::any_io_executor, WatchWorld, std::string stream);

  // Replays, claims the watch (fencing whoever had it), and carries it on until it is over. Code::conflict: somebody
  // else has it now, a run perhaps. Cancellable: then all stands as the journal says, and another go() carries on.
  asio::awaitable<Result<>> go(run::Claimed claim);

  const watch::State& state() const { return state_; }
  // Nothing is due now, and nothing is under way.
  bool idle() const;
  void drop();  // simulated death: waiters are forgotten before what they point to

  // A look that found what the one before found is written down with those that follow, so late at most.
  static constexpr Duration kWrittenWithin = std::chrono::minutes(10);
  static constexpr Duration kReadRules = std::chrono::seconds(1);

 private:
  ports::Task<> open(run::Claimed);
  ports::Task<> take(std::vector<watch::Event>, Time now);
  ports::Task<> commit(bool claiming);
  void keep(watch::Event, bool may_wait);
  void make_it_so();
  void begin(const watch::DueLook&);
  void wake_at(Time);
  asio::awaitable<void> look(watch::DueLook);
  asio::awaitable<void> read_rules();
  asio::awaitable<void> go_back(std::string why);
  asio::awaitable<void> sleep(Time);
  void tell(watch::Input in) { inbox_.tell(std::move(in)); }

  asio::any_io_executor ex_;
  WatchWorld world_;
  std::string stream_;
  watch::State state_;
  std::int64_t seq_ = 0;
  std::vector<watch::Event> unwritten_;
  bool urgent_ = false;           // among them is one that may not wait
  std::optional<Time> oldest_{};  // of those that may
  Inbox<watch::Input> inbox_;
  std::set<watch::DutyIx> looking_, beginning_;
  std::set<Time> sleeping_;
  bool going_back_ = false, reading_ = false;
  Nursery nursery_;  // last: its coroutines go before what they point to
};

}  // namespace davy::engine
