// Which event of a journal is news to people, and what is to be said of it.
#pragma once
#include <optional>

#include "notices/book.h"
#include "run/state.h"

namespace davy::notices {

// What texts may name beside the plan's own variables: `${reason}`. Every one has a value in every news, empty where
// there is nothing to say.
inline constexpr std::string_view kNames[] = {"version", "previous", "environment", "service", "run",
                                              "why",     "time",     "duration",    "back",    "phase",
                                              "reason",  "restored", "who"};

// What is asked of one person, for whoever hands them the means to answer.
struct Question {
  std::string person;  // or role, as the plan names it
  run::AttemptId attempt = 0;
  Time until{};
};

struct News {
  Event what = Event::note;
  std::string own = {};  // a name of the plan's own, that a step sends; empty: the event is what is told
  std::string name() const { return own.empty() ? word(what) : own; }
  std::map<std::string, std::string> values;  // of kNames, and the plan's variables
  std::optional<Question> question = {};
  std::optional<Time> since = {};  // of a phase or a run that is over: when it began
};

// Follows one run. Not told for themselves are verdicts that hold or take back: what follows from them is. A run that
// was refused, or left as it stands, is a `warn`: its beginning was told. Whatever a person must look at now (an undo
// that failed, the keeper's way back, an end that needs people) is a `page`, whatever the rules say.
class Listener {
 public:
  explicit Listener(std::string run) : run_(std::move(run)) {}

  // Events in the order of the journal, from its first one on; nothing for most. seq: of its record.
  std::optional<News> hear(const run::Event&, Time at, std::int64_t seq = 0);

  // How far it is; nothing where it waits, or has ended.
  std::optional<News> progress(Time at) const;

  // A phase that takes more than twice the time that the plan expects of it, by the record with which it began; nothing
  // where none does. Time in which a run is held does not count.
  struct Late {
    std::int64_t seq = 0;
    News news;
  };
  std::optional<Late> late(Time at) const;

  // That it is open though nobody drives it, which no event tells. what_was_done: by its keeper, in words.
  News nobody(Time at, std::string_view what_was_done) const;

  const run::State& state() const { return state_; }
  Time began() const { return since_; }

 private:
  News about(Event, Time at) const;
  std::string when_it_is_over(Time at) const;
  News because(Event, Time at, std::string reason) const;
  News own_news(std::string name, Time at) const;
  std::optional<News> news(const run::Event&, Time at) const;
  std::optional<News> asked(const run::AttemptStarted&, Time at) const;
  bool ends_phase(run::StepIx) const;

  void follow_phase(const run::Event&, Time at, std::int64_t seq);

  std::string run_, who_, why_;
  Time since_{};
  run::StepIx phase_ = run::kNone;  // that goes on
  Time phase_began_{};
  std::int64_t phase_seq_ = 0;
  run::State state_;
};

}  // namespace davy::notices
