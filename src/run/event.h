// Events are what the journal holds: facts and intents, in the past tense. Inputs are what the engine hears and may
// ignore. A replay runs fold() over events and nothing else; decide() never sees an old event, so a newer Davy cannot
// judge history anew. A field or an event may be added, none may change its meaning (docs/journal-format.md).
#pragma once
#include "run/runbook.h"

namespace davy::run {

// refused: nothing was changed. abandoned: a person left it as it stood.
enum class Ending { done, rolled_back, refused, abandoned, needs_people };
enum class Way { apply, undo };

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
  spec::Value found, made;
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
  spec::Value evidence, made;
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
struct VerdictGiven {
  static constexpr std::string_view kName = "verdict";
  std::string rule;  // its text, or the name of the test
  Consequence then = Consequence::note;
  std::string sentence;
  spec::Value evidence;
};
struct RetreatBegan {
  static constexpr std::string_view kName = "retreat began";
  StepIx to = 0;            // everything from here on is undone, newest first
  Mode then = Mode::ended;  // ended: as rolled back. held: a step back, or a first release
  std::string why;
  Data data = Data::untouched;  // untouched: nobody could write, or no step would lose anything
};
struct Held {
  static constexpr std::string_view kName = "held";
  std::string question;
  Mode then = Mode::forward;  // what `resume` returns to
  StepIx unknown = kNone;     // the step that may or may not have been done
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
struct WayBackTaken {  // the keeper moved traffic to the previous release because no engine judged
  static constexpr std::string_view kName = "way back taken";
  Time at{};
  std::string says;
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

using Event =
    std::variant<Started, Claimed, AttemptStarted, AttemptEnded, TimedOut, Skipped, VerdictGiven, RetreatBegan, Held,
                 Released, Settled, Watched, Heard, WayBackTaken, Closing, Ended, Expired, Waived, GaveUp>;

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
  spec::Value evidence;
  spec::Value made = {};
  bool for_people = false;
};
struct Judged {
  std::string rule;
  Consequence then;
  std::string sentence;
  spec::Value evidence;
};
struct Observed {
  StepIx step;
  Duration so_far;
};
struct Tick {};  // something in Wanted::wake is due
struct Asked {   // from the desk: hold, resume, abort, rollback, confirm, approve, settle
  std::int64_t entry = 0;
  Speaker who;
  std::string ask, about, note;
};
struct Returned {  // the keeper's report of a way back it took
  Time at;
  std::string says;
};
using Input = std::variant<Took, Prepared, Finished, Judged, Observed, Tick, Asked, Returned>;

}  // namespace davy::run

namespace davy::spec {

template <>
inline constexpr auto kWords<run::Ending> = words<run::Ending>({{"done", run::Ending::done},
                                                                {"rolled back", run::Ending::rolled_back},
                                                                {"refused", run::Ending::refused},
                                                                {"abandoned", run::Ending::abandoned},
                                                                {"needs people", run::Ending::needs_people}});
template <>
inline constexpr auto kWords<run::Way> = words<run::Way>({{"apply", run::Way::apply}, {"undo", run::Way::undo}});
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
template <>
inline constexpr auto kFields<run::Speaker> =
    std::tuple{required("who", &run::Speaker::who, "their name, as claimed where it is not proven"),
               optional("uid", &run::Speaker::uid, "the system's user who said it"),
               optional("roles", &run::Speaker::roles, "as whom"), optional("via", &run::Speaker::via, "how it came"),
               optional("proven", &run::Speaker::proven, "not only claimed")};
template <>
inline constexpr auto kFields<run::DoneStep> =
    std::tuple{required("step", &run::DoneStep::step, "index of the step"),
               optional("found", &run::DoneStep::found, "what it found before it acted"),
               optional("made", &run::DoneStep::made, "what it made")};
template <>
inline constexpr auto kFields<run::Started> =
    std::tuple{required("runbook", &run::Started::runbook, "everything that will be done"),
               optional("hash", &run::Started::hash, "SHA-256 of the runbook"),
               optional("who", &run::Started::who, "who deployed"),
               optional("why", &run::Started::why, "in their words"),
               optional("takes-back", &run::Started::takes_back, "the run that is taken back"),
               optional("done", &run::Started::done, "what that run did"),
               optional("data", &run::Started::data, "what becomes of what users wrote"),
               optional("exposed-since", &run::Started::exposed_since, "when its candidate met its first user")};
template <>
inline constexpr auto kFields<run::Claimed> =
    std::tuple{required("epoch", &run::Claimed::epoch, "fencing number"),
               optional("host", &run::Claimed::host, "machine of the engine"),
               optional("boot", &run::Claimed::boot, "boot id of that machine"),
               optional("pid", &run::Claimed::pid, "process of the engine"),
               optional("who", &run::Claimed::who, "on whose behalf")};
template <>
inline constexpr auto kFields<run::AttemptStarted> =
    std::tuple{required("id", &run::AttemptStarted::id, "unique in the run"),
               required("step", &run::AttemptStarted::step, "index of the step"),
               required("way", &run::AttemptStarted::way, "apply or undo"),
               required("number", &run::AttemptStarted::number, "which try"),
               optional("found", &run::AttemptStarted::found, "the state before acting"),
               required("due", &run::AttemptStarted::due, "deadline"),
               optional("only-looked", &run::AttemptStarted::only_looked, "nothing was begun: it could not even look")};
template <>
inline constexpr auto kFields<run::AttemptEnded> =
    std::tuple{required("id", &run::AttemptEnded::id, "the attempt"),
               required("outcome", &run::AttemptEnded::outcome, "what came of it"),
               optional("says", &run::AttemptEnded::says, "for people"),
               optional("evidence", &run::AttemptEnded::evidence, "numbers, exit status, where the output lies"),
               optional("made", &run::AttemptEnded::made, "what is handed on"),
               optional("for-people", &run::AttemptEnded::for_people, "going on would do harm")};
template <>
inline constexpr auto kFields<run::Waived> = std::tuple{
    required("who", &run::Waived::who, "who knows"),
    required("about", &run::Waived::about, "a check, a step or a rule"),
    required("why", &run::Waived::why, "their reason"), optional("until", &run::Waived::until, "how long it holds")};
template <>
inline constexpr auto kFields<run::TimedOut> = std::tuple{required("id", &run::TimedOut::id, "the attempt")};
template <>
inline constexpr auto kFields<run::Expired> =
    std::tuple{required("step", &run::Expired::step, "index of the approval or confirmation")};
template <>
inline constexpr auto kFields<run::Skipped> = std::tuple{required("step", &run::Skipped::step, "index of the step"),
                                                         optional("why", &run::Skipped::why, "what failed")};
template <>
inline constexpr auto kFields<run::GaveUp> = std::tuple{required("step", &run::GaveUp::step, "index of the step"),
                                                        optional("why", &run::GaveUp::why, "what failed")};
template <>
inline constexpr auto kFields<run::VerdictGiven> =
    std::tuple{required("rule", &run::VerdictGiven::rule, "the rule or test"),
               required("then", &run::VerdictGiven::then, "its consequence"),
               required("sentence", &run::VerdictGiven::sentence, "why, in one sentence"),
               optional("evidence", &run::VerdictGiven::evidence, "the numbers")};
template <>
inline constexpr auto kFields<run::RetreatBegan> =
    std::tuple{required("to", &run::RetreatBegan::to, "steps from here on are undone"),
               required("then", &run::RetreatBegan::then, "ended: rolled back; held: a step back"),
               required("why", &run::RetreatBegan::why, "in one sentence"),
               optional("data", &run::RetreatBegan::data, "what becomes of what users wrote")};
template <>
inline constexpr auto kFields<run::Held> =
    std::tuple{required("question", &run::Held::question, "what a person must decide"),
               optional("then", &run::Held::then, "what `resume` returns to"),
               optional("unknown", &run::Held::unknown, "the step whose end nobody saw")};
template <>
inline constexpr auto kFields<run::Released> = std::tuple{required("who", &run::Released::who, "who said go on")};
template <>
inline constexpr auto kFields<run::Settled> = std::tuple{required("step", &run::Settled::step, "index of the step"),
                                                         required("done", &run::Settled::done, "was it done"),
                                                         required("who", &run::Settled::who, "who said so")};
template <>
inline constexpr auto kFields<run::Watched> =
    std::tuple{required("step", &run::Watched::step, "index of the bake"),
               required("so-far", &run::Watched::so_far, "time with complete data")};
template <>
inline constexpr auto kFields<run::Heard> = std::tuple{required("entry", &run::Heard::entry, "number at the desk"),
                                                       required("who", &run::Heard::who, "as claimed"),
                                                       required("ask", &run::Heard::ask, "what was asked"),
                                                       optional("about", &run::Heard::about, "item or step"),
                                                       optional("note", &run::Heard::note, "their words"),
                                                       optional("answer", &run::Heard::answer, "what came of it")};
template <>
inline constexpr auto kFields<run::WayBackTaken> = std::tuple{
    required("at", &run::WayBackTaken::at, "when"), optional("says", &run::WayBackTaken::says, "what was done")};
template <>
inline constexpr auto kFields<run::Closing> = std::tuple{required("as", &run::Closing::as, "the ending to come"),
                                                         required("why", &run::Closing::why, "in one sentence")};
template <>
inline constexpr auto kFields<run::Ended> = std::tuple{required("how", &run::Ended::how, "the ending"),
                                                       required("sentence", &run::Ended::sentence, "for people")};

}  // namespace davy::spec
