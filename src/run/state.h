// State is a fold of events. decide() turns what is heard into events; wanted() says what should be going on now, and
// the engine makes it so: the same way at the first start, after a verdict, and after kill -9. There is no list of
// actions to lose.
#pragma once
#include <memory>
#include <set>
#include <utility>

#include "run/event.h"

namespace davy::run {

inline constexpr const char* kTrial = "trial";  // what a hold is about that a trial without requests led to

struct Attempt {
  AttemptId id = 0;
  StepIx step = kNone;
  Way way = Way::apply;
  std::int32_t number = 1;
  std::int64_t epoch = 0;  // of the Davy that started it
  Time started{}, due{};
  spec::Value found;
  bool timed_out = false;
  // What its operator is handed beside it: filled in by the loop, not folded.
  bool again = false;                            // an earlier try may have done part of it
  std::map<std::string, spec::Value> made = {};  // by the path of a step: what it made
};

struct StepState {
  bool applied = false;  // done, or an optional one that was skipped
  bool tainted = false;  // an attempt began and did not end well: maybe applied
  bool undone = false;   // taken back in the present retreat
  bool kept = false;     // left as it is in the present retreat: taking it back would lose what users wrote
  bool took = false;     // some attempt ended well, or nobody knows how it ended
  std::string given_up;  // why its undo failed for good in the present retreat; empty: it did not
  bool written = false;  // users may have written something since it began
  std::int32_t failures = 0;
  Time not_before{};  // back-off
  Time ended{};       // of its latest attempt
  spec::Value found;  // of its first attempt
  spec::Value made;   // of its newest that ended well
  Duration watched{};
  bool aside = false;       // the users that it gave the candidate are to be with the previous release for a while
  bool away = false;        // and they are
  bool given_back = false;  // nobody else is there for them: they come back at once, also while the run is held
};

// How far a run is: all of a state that events change.
struct Progress {
  std::string hash;
  std::vector<StepState> steps;
  std::vector<Attempt> open;
  Mode mode = Mode::forward;
  StepIx retreat_to = 0;
  Mode after_retreat = Mode::ended;
  Mode after_hold = Mode::forward;
  StepIx unknown = kNone;
  std::string held_about;            // the rule, test or step that the present hold is about; empty: something else
  std::vector<Waived> waived;        // what people said they know
  std::optional<Promoted> promoted;  // no bake is waited for any more
  std::set<std::string> spoke;       // rules and tests that gave a verdict
  std::string replaced_by;           // what is shipped instead, in the present retreat
  std::string went_back_for;         // the reason of the newest retreat; empty: there was none
  Ending closing_as = Ending::refused;
  std::string why;              // of the present hold, retreat, closing or end
  Data data = Data::untouched;  // of the present retreat
  std::string takes_back;       // the ended run that this one takes back
  std::string started_by;       // who, and why
  Speaker began_by;             // the same, without why
  int step_backs = 0;
  StepIx reached = 0;  // one past the newest step that ever began
  std::optional<Time> exposed_since;
  std::map<std::int32_t, Time> first_users;  // the same of each subject's own candidate, by its index
  Time judged_from{};       // evidence older than this was decided upon already: a hold that was resumed, a step back
  std::int32_t judges = 0;  // how many began so: each has a smaller part of alpha
  std::optional<Time> aside_since, aside_until;  // of the latest time that the candidate was to have no users
  Duration trial{};                              // so long it is watched once it has them again
  std::optional<Time> tried_again;               // since then it has, and was not watched for that long yet
  std::optional<Time> way_back_at;               // of the newest that the keeper took
  bool way_back_whole = false;                   // and its users were seen to be home
  std::int64_t epoch = 0;
  AttemptId next_id = 1;
  std::int64_t desk_entry = 0;  // the newest that was heard
  std::optional<Ending> ended;

  StepState& at(StepIx i) { return steps[static_cast<std::size_t>(i)]; }
  const StepState& at(StepIx i) const { return steps[static_cast<std::size_t>(i)]; }
  StepIx count() const { return static_cast<StepIx>(steps.size()); }
  const Attempt* find(AttemptId) const;
  bool busy(StepIx) const;  // has an open attempt
};

// Copied at every decision, so copies share the runbook, which no event changes but the first.
struct State : Progress {
  State() : State(Progress{}, std::make_shared<const Runbook>()) {}
  State(const State& other) : State(static_cast<const Progress&>(other), other.book_) {}
  State(State&& other) noexcept : State(std::move(static_cast<Progress&>(other)), other.book_) {}
  State& operator=(State other) noexcept {  // a reference is bound only once, so it is made anew (C++20, basic.life)
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~State() = default;
  void carry_out(Runbook book) { *this = State(std::move(*this), std::make_shared<const Runbook>(std::move(book))); }

  const Step& step(StepIx i) const { return runbook.steps[static_cast<std::size_t>(i)]; }

 private:
  State(Progress progress, std::shared_ptr<const Runbook> book)
      : Progress(std::move(progress)), book_(std::move(book)), runbook(*book_) {}
  std::shared_ptr<const Runbook> book_;

 public:
  const Runbook& runbook;
};

// start: an attempt of this epoch, not yet begun or running. resume: begun by an earlier Davy: ask what became of it,
// never repeat it blindly. stop: end it, whoever began it.
enum class Handling { start, resume, stop };
struct Work {
  Attempt attempt;
  Handling how = Handling::start;
};
struct Wanted {
  std::vector<std::pair<StepIx, Way>> prepare;
  std::vector<Work> work;
  bool judge = false;        // the candidate may have users
  std::optional<Time> wake;  // tell Tick then
};

void fold(State&, const Event&, Time at);

// The beginning of a run that takes back the one that came to this state and ended done.
Started taking_back(const State& done, std::string run);
std::vector<Event> decide(const State&, const Input&, Time now);
Wanted wanted(const State&, Time now);

// What follows from a state, used by all three and by the view.
std::vector<StepIx> frontier(const State&);  // steps of the first wave that is not all applied
bool exposed(const State&);                  // may the candidate have users?
bool parted(const State&);                   // is the previous release being taken down, or gone?
bool aside(const State&);                    // is the candidate to have no users until it is tried again?
// Nothing goes on but bakes: what the candidate does now that it is tried again decides.
bool on_trial(const State&);
bool changed(const State&);                    // may anything in the world differ from before the run?
std::optional<Time> rolled_out(const State&);  // since when the candidate has all its users, and was watched
Side served_before(const State&);              // who had the users before any step of this run
bool starts_or_stops(const State&, std::optional<Side> of = {});  // are instances (of it) being started or stopped now?
// Services whose users are with the previous release: for a while, and nobody gave them back; for good, on the way
// back.
std::vector<std::int32_t> went_aside(const State&);
std::vector<std::int32_t> came_home(const State&);
bool closed(const State&);  // does a maintenance page stand before the users?
// By service, of the steps before that one: what gave the candidate the users that it has.
std::vector<StepIx> giving_users(const State&, StepIx before);
std::vector<StepIx> losing(const State&, StepIx);  // steps from there on whose undo loses what users wrote
StepIx point_of_no_return(const State&, StepIx);   // the newest from there on that nothing can live with; kNone

// In a retreat: what is undone now. Users first: as soon as a service's previous release is not parted from, all its
// users go there, each service for itself; then the rest, newest first, one at a time.
std::vector<StepIx> to_undo(const State&);
bool barred(const State&);  // the way back leads over a point of no return, and nobody can be brought home without it
// What a rollback would undo once the candidate has all its users, in its order; parts of one entry go side by side.
std::vector<std::vector<StepIx>> way_back_of(const Runbook&);
bool users_on_their_way(const State&);              // in a retreat: some service's users are not back yet, and could be
bool stuck_on_the_way(const State&);                // and try after try has failed
bool home_was_given_up(const State&, const Step&);  // not all of its service's previous release could be brought up

}  // namespace davy::run
