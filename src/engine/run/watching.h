// Feeds the judge and the bakes from the signals, keeps samples, and tells the guard that a judge lives.
#pragma once
#include "engine/loop/nursery.h"
#include "engine/run/own_restarts.h"
#include "engine/run/seeing.h"
#include "engine/run/settling.h"
#include "engine/run/trial.h"
#include "judge/judge.h"
#include "judge/sampler.h"
#include "ports/clock.h"
#include "ports/guard.h"
#include "ports/journal.h"
#include "ports/operator.h"
#include "ports/signals.h"

namespace davy::engine {

class Watching {
 public:
  struct World {
    ports::Clock& clock;
    ports::Signals& signals;
    ports::Samples& samples;
    ports::Guard& guard;
    std::function<std::map<std::string, double>()> asked;  // as engine::World has it
  };
  // `state` is the loop's own; it outlives this.
  Watching(asio::any_io_executor, World, const run::State& state, std::function<void(run::Input)> tell);
  ~Watching();

  // Reads windows until it is cancelled. The one coroutine that touches the judge.
  asio::awaitable<void> go();

  // Tells the guard that a judge lives, until it is cancelled. Beside go(), never in it: a keeper that does not answer
  // must not keep the judge from its windows.
  asio::awaitable<void> beats();

  // Since when an append has been under way; none: none is.
  void writing(std::optional<Time> since) { writing_since_ = since; }

  // The operator of port "bake".
  ports::Operator& bakes();

  // Why nothing is seen of what users get; empty: it is, or nobody looked for long enough yet.
  std::string blind() const { return seeing_.blind(world_.clock.now()); }

  void drop();  // simulated death, as RunLoop::drop

  std::string sentence() const { return judge_ ? judge_->sentence() : std::string(); }

 private:
  struct Baking;
  struct Bakes;
  asio::awaitable<void> appoint_judge();
  asio::awaitable<void> look(judge::Window&);
  void see(const judge::Window&);
  bool nobody_is_to_blame(const judge::Window&);
  judge::Window without_blame(const judge::Window&) const;
  void tell_shares(judge::Window&) const;
  void bake(const judge::Window&);
  bool over(const Baking&) const;
  asio::awaitable<void> keep(const judge::Window&);
  asio::awaitable<void> write(const judge::Window& sample);
  void sign_of_life();
  asio::awaitable<void> beat();
  bool in_control(Time now) const;
  void tell_formats();
  void tell_blindness(Time now);
  void tell_trial(const judge::Window&);
  std::string watched(const run::Attempt&) const;
  std::string unseen() const;
  asio::awaitable<judge::Setup> setup();
  std::optional<judge::Window> minute_before(const std::vector<judge::Window>& known, Time exposed) const;
  asio::awaitable<std::vector<judge::Window>> recorded(Time since);
  ports::SampleKey key() const;

  asio::any_io_executor ex_;
  World world_;
  std::function<void(run::Input)> tell_;
  const run::State& state_;
  std::optional<judge::Judge> judge_;
  Time judge_from_{};
  judge::Sampler sampler_;
  OwnRestarts own_restarts_;
  Time not_before_{};
  std::int64_t changes_in_place_ = 0;  // when it was looked last
  Settling settling_;
  std::map<std::string, std::string> formats_;  // that were told
  Time last_beat_{};
  std::optional<Time> writing_since_;
  Seeing seeing_;
  Trial trial_;
  Flag alive_;
  std::map<run::StepIx, std::shared_ptr<Baking>> baking_;
  std::unique_ptr<Bakes> bakes_;
};

}  // namespace davy::engine
