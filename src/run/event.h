// Events are what the journal holds: facts and intents, in the past tense. Inputs are what the engine hears and may
// ignore. A replay runs fold() over events and nothing else; decide() never sees an old event, so a newer Davy cannot
// judge history anew. A field or an event may be added, none may change its meaning (docs/journal-format.md).
#pragma once
#include "run/runbook.h"

namespace davy::run {

// refused: nothing was changed. abandoned: a person left it as it stood. replaced: rolled back, because another run
// ships something else instead; what it did to the data stays.
enum class Ending { done, rolled_back, refused, abandoned, needs_people, replaced };
// aside: the users that the step gave the candidate go to the previous release for a while; the step is applied again
// when that is over.
enum class Way { apply, undo, aside };

// failed: it said no. unknown: nobody can say whether it was done. inconclusive: a bake saw too little.
enum class Outcome { ok, failed, unknown, cancelled, inconclusive };
using AttemptId = std::int64_t;

enum class Mode { forward, retreat, held, closing, ended };

// Who says something. proven: not only claimed (`via` says how it came: a terminal, an answer in mail).
struct Speaker {
  std::string who;
  std::int64_t uid = -1;  // of the system's user who said it; -1: nobody's
  std::vector<std::string> roles;
  std::string via;
  bool proven = false;
  std::string name() const;  // "ann as team-lead", for people
};

// What becomes of what users wrote, where taking a step back would lose it. restore: it is taken back all the same.
// keep: the step stays as it is. untouched: nobody said; nothing would be lost, or a person is asked.
enum class Data { untouched, restore, keep };

// A step of an ended run, as that run left it, for the one that takes it back.
struct DoneStep {
  StepIx step = kNone;
  spec::Value found = {}, made = {};
};

struct Started {
  static constexpr std::string_view kName = "run started";
  Runbook runbook;
  std::string hash;  // of the runbook; approvals bind to it
  Speaker who;
  std::string why;             // in their words
  std::string takes_back;      // the run whose runbook this is: it was done, and is taken back
  std::vector<DoneStep> done;  // what there is to take back
  Data data = Data::untouched;
  std::optional<Time> exposed_since = {};  // when its candidate had met users first: what they wrote since
};
// Every append carries the epoch. Who claims a run makes the appends of the one before fail.
struct Claimed {
  static constexpr std::string_view kName = "claimed";
  std::int64_t epoch = 0;
  std::string host, boot, who;  // who: the system's user
  std::int64_t pid = 0;
};
// The intent. found: what prepare() saw BEFORE acting (old weights, old link): undo needs it, and after a crash it is
// too late to look.
struct AttemptStarted {
  static constexpr std::string_view kName = "attempt started";
  AttemptId id = 0;
  StepIx step = kNone;
  Way way = Way::apply;
  std::int32_t number = 1;
  spec::Value found;
  Time due{};
  bool only_looked = false;  // prepare() failed: nothing was begun, it counts as a try
};
// made: what later steps and its own undo are handed (a backup's file). for_people: going on would do harm (the
// previous release is not healthy, say), so no other try and no way back follow by themselves.
struct AttemptEnded {
  static constexpr std::string_view kName = "attempt ended";
  AttemptId id = 0;
  Outcome outcome = Outcome::ok;
  std::string says;
  spec::Value evidence = {}, made = {};
  bool for_people = false;
};
struct TimedOut {  // its deadline passed: it is stopped now, and ends as failed
  static constexpr std::string_view kName = "timed out";
  AttemptId id = 0;
};
struct Expired {  // what a person agreed to is too old to go on with: it is asked for again
  static constexpr std::string_view kName = "expired";
  StepIx step = kNone;
};
struct Skipped {  // an optional step failed for good
  static constexpr std::string_view kName = "skipped";
  StepIx step = kNone;
  std::string why;
};
struct GaveUp {  // an undo failed for good: what it was to take back stays, the way back goes on
  static constexpr std::string_view kName = "gave up";
  StepIx step = kNone;
  std::string why;
};
struct Waived {  // a person knows: this check, step or rule does not stand in the way
  static constexpr std::string_view kName = "waived";
  Speaker who;
  std::string about, why;
  std::optional<Time> until;
};
struct Lapsed {  // until then somebody knew of it: what comes from now on is judged again
  static constexpr std::string_view kName = "lapsed";
  std::string about;
};
struct Promoted {  // a person says that this bake was long enough, or all that are to come
  static constexpr std::string_view kName = "promoted";
  Speaker who;
  std::string why;
  bool all = false;
};
struct VerdictGiven {
  static constexpr std::string_view kName = "verdict";
  std::string rule;  // its text, or the name of the test
  Consequence then = Consequence::note;
  std::string sentence;
  spec::Value evidence = {};
};
struct SteppedAside {  // one bad moment is no proof: the candidate has no users until it is tried again
  static constexpr std::string_view kName = "stepped aside";
  std::vector<StepIx> steps;  // that gave it the users it has: applied again after that
  Time until{};
};
struct TriedOut {  // it had users again for as long as the first moment took to be seen, and was watched
  static constexpr std::string_view kName = "tried out";
};
struct GivenBack {  // meanwhile nobody of the previous release is left: the candidate has users again at once
  static constexpr std::string_view kName = "given back";
  std::string why;
  std::int32_t subject = kNone;  // whose; kNone: of all services
};
struct RetreatBegan {
  static constexpr std::string_view kName = "retreat began";
  StepIx to = 0;            // everything from here on is undone, newest first
  Mode then = Mode::ended;  // ended: as rolled back. held: a step back, or a first release
  std::string why;
  Data data = Data::untouched;   // untouched: nobody could write, or no step would lose anything
  std::string replaced_by = {};  // what is shipped instead; empty: nothing is
};
struct Held {
  static constexpr std::string_view kName = "held";
  std::string question;
  Mode then = Mode::forward;  // what `resume` returns to
  StepIx unknown = kNone;     // the step that may or may not have been done
  std::string about = {};     // the rule, test or step for which it is held, where a person may waive or promote it
};
struct Released {
  static constexpr std::string_view kName = "released";
  Speaker who;
};
struct Settled {  // a person said what became of a step whose end nobody saw
  static constexpr std::string_view kName = "settled";
  StepIx step = kNone;
  bool done = false;
  Speaker who;
};
struct Watched {  // time with data that a bake has seen; survives a crash
  static constexpr std::string_view kName = "watched";
  StepIx step = kNone;
  Duration so_far{};
};
struct Heard {  // one entry of the desk, whatever came of it
  static constexpr std::string_view kName = "heard";
  std::int64_t entry = 0;
  Speaker who;
  std::string ask, about, note;
  std::string answer;
};
struct WayBackTaken {  // the keeper moves traffic to the previous release because no engine judged
  static constexpr std::string_view kName = "way back taken";
  Time at{};
  std::string says;
  bool whole = true;  // each of its moves was proven; else it still tries
};
struct Closing {  // no new step; what runs is ended or awaited, then the run ends
  static constexpr std::string_view kName = "closing";
  Ending as = Ending::refused;
  std::string why;
};
struct Ended {
  static constexpr std::string_view kName = "run ended";
  Ending how = Ending::done;
  std::string sentence;
};

using Event = std::variant<Started, Claimed, AttemptStarted, AttemptEnded, TimedOut, Skipped, VerdictGiven,
                           RetreatBegan, Held, Released, Settled, Watched, Heard, WayBackTaken, Closing, Ended, Expired,
                           Waived, GaveUp, Lapsed, Promoted, SteppedAside, TriedOut, GivenBack>;

std::string_view kind_of(const Event&);

// {"kind": {…}}, and back: `body` is what stands behind the kind. `what` names it in the Error (Code::invalid) that an
// unknown kind or a body of another shape is.
spec::Json encode(const Event&);
Result<Event> decode(std::string_view kind, const spec::Json& body, std::string_view what);

// Inputs.
struct Took {
  Claimed claim;
};
struct Prepared {
  StepIx step;
  Way way;
  Result<spec::Value> found;
};
struct Finished {
  AttemptId id;
  Outcome outcome;
  std::string says;
  spec::Value evidence = {};
  spec::Value made = {};
  bool for_people = false;
};
struct Judged {
  std::string rule;
  Consequence then;
  std::string sentence;
  spec::Value evidence = {};
  Time seen{};              // the beginning of the window that decided
  bool step_aside = false;  // users are to be taken away until the candidate is tried again
};
struct Observed {
  StepIx step;
  Duration so_far;
};
struct Tried {      // the candidate that is tried again was watched for as long as that takes
  bool met = true;  // and each service of it had requests
};
struct Tick {};  // something in Wanted::wake is due
struct Asked {   // from the desk: hold, resume, abort, rollback, confirm, approve, settle, waive,
                 // promote, replace
  std::int64_t entry = 0;
  Speaker who;
  std::string ask, about, note;
};
struct Returned {  // the keeper's report of a way back it took
  Time at;
  std::string says;
  bool whole = true;
};
struct NobodyHome {  // no instance of a previous release is up, to which this service's users went
  std::string says;
  std::int32_t subject = kNone;
};
using Input = std::variant<Took, Prepared, Finished, Judged, Observed, Tried, Tick, Asked, Returned, NobodyHome>;

}  // namespace davy::run

namespace davy::spec {

template <>
inline constexpr auto kWords<run::Ending> = words<run::Ending>({{"done", run::Ending::done},
                                                                {"rolled back", run::Ending::rolled_back},
                                                                {"refused", run::Ending::refused},
                                                                {"abandoned", run::Ending::abandoned},
                                                                {"needs people", run::Ending::needs_people},
                                                                {"replaced", run::Ending::replaced}});
template <>
inline constexpr auto kWords<run::Way> =
    words<run::Way>({{"apply", run::Way::apply}, {"undo", run::Way::undo}, {"aside", run::Way::aside}});
template <>
inline constexpr auto kWords<run::Outcome> = words<run::Outcome>({{"ok", run::Outcome::ok},
                                                                  {"failed", run::Outcome::failed},
                                                                  {"unknown", run::Outcome::unknown},
                                                                  {"cancelled", run::Outcome::cancelled},
                                                                  {"inconclusive", run::Outcome::inconclusive}});
template <>
inline constexpr auto kWords<run::Data> =
    words<run::Data>({{"untouched", run::Data::untouched}, {"restore", run::Data::restore}, {"keep", run::Data::keep}});
template <>
inline constexpr auto kWords<run::Mode> = words<run::Mode>({{"forward", run::Mode::forward},
                                                            {"retreat", run::Mode::retreat},
                                                            {"held", run::Mode::held},
                                                            {"closing", run::Mode::closing},
                                                            {"ended", run::Mode::ended}});
// Their tables: event_fields.cc
template <OneOf<run::Speaker, run::DoneStep, run::Started, run::Claimed, run::AttemptStarted, run::AttemptEnded,
                run::Waived, run::Lapsed, run::Promoted, run::TimedOut, run::Expired, run::Skipped, run::GaveUp,
                run::VerdictGiven, run::SteppedAside, run::TriedOut, run::GivenBack, run::RetreatBegan, run::Held,
                run::Released, run::Settled, run::Watched, run::Heard, run::WayBackTaken, run::Closing, run::Ended>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
