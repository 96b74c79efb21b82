// The loop of one run: hear, decide, commit, make it so. The same object in the real and in the simulated world.
#pragma once
#include <set>

#include "engine/loop/inbox.h"
#include "engine/loop/nursery.h"
#include "engine/run/records.h"
#include "engine/run/watching.h"

namespace davy::engine {

struct World {
  ports::Clock& clock;
  ports::Journal& journal;
  ports::Samples& samples;
  ports::Signals& signals;
  ports::Guard& guard;
  // Desk entries after this number; waits until there is one.
  std::function<ports::Task<std::vector<ports::DeskEntry>>(std::int64_t after)> desk;
  // The operator of a call's port; never null for a runbook that was expanded by this Davy.
  std::function<ports::Operator*(const run::Call&)> resolve;
  // The way back as data, asked before the candidate gets its first user.
  std::function<ports::Task<ports::WayBack>()> way_back;
  // What share of the users each candidate is to have now, where it is known.
  std::function<std::map<std::string, double>()> asked = [] { return std::map<std::string, double>(); };
  // Leaves routers as they should be: nobody looks after them once the run has ended. Before its end is written, so
  // that who is killed meanwhile does it again.
  std::function<ports::Task<>()> last_look = {};
};

class RunLoop {
 public:
  RunLoop(asio::any_io_executor, World, std::string run);

  // Replays, claims the run (fencing whoever had it), and carries it on until it ends. Code::conflict: somebody else
  // has it now; nothing more was done. Cancellable: then all stands as the journal says, and another go() carries on.
  asio::awaitable<Result<run::Ending>> go(run::Claimed claim);

  void tell(run::Input in) { inbox_.tell(std::move(in)); }
  const run::State& state() const { return state_; }
  const Watching& watching() const { return watching_; }
  void drop();  // simulated death: waiters are forgotten before what they point to

 private:
  ports::Task<> open(run::Claimed claim);
  asio::awaitable<void> look_a_last_time(run::Ended&);
  ports::Task<> commit(std::vector<run::Event> events, Time now, bool claiming);
  void make_it_so();
  void keep_working(const run::Wanted&);
  void wake_at(Time);
  ports::Operator* operator_of(const run::Call& call);
  const run::Call& call_of(const run::Attempt&) const;
  std::map<std::string, spec::Value> made() const;
  asio::awaitable<void> prepare(run::StepIx, run::Way);
  asio::awaitable<void> work(run::Work);
  asio::awaitable<void> sleep(Time);
  asio::awaitable<void> read_desk();
  asio::awaitable<bool> ask_guard();  // did the keeper act in our place?
  asio::awaitable<void> let_go();     // as disarm(), for nobody who listens
  asio::awaitable<bool> acted_unheard();
  ports::Task<> stand_where_the_journal_does();
  ports::Task<> see_to_guard(const run::Attempt&);
  ports::Task<> arm();
  ports::Task<> disarm();

  asio::any_io_executor ex_;
  World world_;
  std::string run_;
  run::State state_;
  std::int64_t seq_ = 0;
  Inbox<run::Input> inbox_;
  Watching watching_;
  bool armed_ = false;
  Time told_of_{};      // the newest way back of the guard's that was told here
  bool moved_ = false;  // a step that exposes has begun: the previous release may not have everybody
  struct Working {
    Nursery::Id id;
    bool stopping;
  };
  std::map<run::AttemptId, Working> working_;
  std::set<std::pair<run::StepIx, run::Way>> preparing_;
  std::set<Time> sleeping_;
  Nursery nursery_;  // last: its coroutines go before what they point to
};

}  // namespace davy::engine
