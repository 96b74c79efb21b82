// The steps of a duty, carried out once.
#pragma once
#include "engine/loop/nursery.h"
#include "engine/run/operators.h"
#include "watch/state.h"

namespace davy::engine {

// A runbook whose steps are those of all duties, one after the other: what operators are made for.
run::Runbook book_of_looks(const run::Runbook& watched);

struct LookEnd {
  watch::Seen seen = watch::Seen::well;
  std::string says;
  std::vector<watch::Item> items;        // what was not well
  std::vector<std::string> beside = {};  // what stands in nobody's way: optional, or degraded
  std::vector<std::string> told;         // the plan's own notices among its steps
  Duration took{};
};

// Waves one after the other; one in which a step failed ends it. Each step has its tries and its time limit.
// Cancellable: then what was begun is ended. A look that acts may be carried out again: what was begun under the same
// id is asked what became of it.
class Looking {
 public:
  Looking(asio::any_io_executor ex, ports::Clock& clock, Operators& operators, const run::Runbook& of_looks,
          const run::Runbook& watched)
      : ex_(std::move(ex)), clock_(clock), operators_(operators), book_(of_looks), watched_(watched) {}

  ports::Task<LookEnd> carry_out(watch::DueLook);

  // Ids of the attempts of look N lie between N and N + 1 times this.
  static constexpr run::AttemptId kIdsOfALook = 1'000'000;

  static constexpr Duration kLookAgain = std::chrono::seconds(5);

 private:
  struct Wave;
  ports::Task<LookEnd> look_once(watch::DueLook);
  run::StepIx first_of(watch::DutyIx) const;
  asio::awaitable<void> carry_out_step(run::StepIx, run::AttemptId, bool resume, std::size_t nth, Wave&);
  asio::awaitable<ports::Done> try_on(run::StepIx, run::AttemptId, bool resume, std::size_t nth, Wave&);
  asio::awaitable<ports::Done> try_once(run::Attempt, bool resume, std::size_t nth, Wave&);

  asio::any_io_executor ex_;
  ports::Clock& clock_;
  Operators& operators_;
  const run::Runbook& book_;
  const run::Runbook& watched_;
};

}  // namespace davy::engine
