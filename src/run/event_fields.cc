// The fields of the events, as the journal has them.
#include "run/event.h"

namespace davy::spec {

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
inline constexpr auto kFields<run::Lapsed> =
    std::tuple{required("about", &run::Lapsed::about, "what was waived until now")};
template <>
inline constexpr auto kFields<run::Promoted> = std::tuple{
    required("who", &run::Promoted::who, "who said so"), optional("why", &run::Promoted::why, "their reason"),
    optional("all", &run::Promoted::all, "no bake is waited for any more")};
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
inline constexpr auto kFields<run::SteppedAside> =
    std::tuple{required("steps", &run::SteppedAside::steps, "what gave the candidate its users"),
               required("until", &run::SteppedAside::until, "when it is tried again")};
template <>
inline constexpr auto kFields<run::TriedOut> = std::tuple<>{};
template <>
inline constexpr auto kFields<run::GivenBack> =
    std::tuple{required("why", &run::GivenBack::why, "who cannot serve them"),
               optional("subject", &run::GivenBack::subject, "the service; all without")};
template <>
inline constexpr auto kFields<run::RetreatBegan> =
    std::tuple{required("to", &run::RetreatBegan::to, "steps from here on are undone"),
               required("then", &run::RetreatBegan::then, "ended: rolled back; held: a step back"),
               required("why", &run::RetreatBegan::why, "in one sentence"),
               optional("data", &run::RetreatBegan::data, "what becomes of what users wrote"),
               optional("replaced-by", &run::RetreatBegan::replaced_by, "what is shipped instead")};
template <>
inline constexpr auto kFields<run::Held> =
    std::tuple{required("question", &run::Held::question, "what a person must decide"),
               optional("then", &run::Held::then, "what `resume` returns to"),
               optional("unknown", &run::Held::unknown, "the step whose end nobody saw"),
               optional("about", &run::Held::about, "the rule, test or step for which it is held")};
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
    required("at", &run::WayBackTaken::at, "when"), optional("says", &run::WayBackTaken::says, "what was done"),
    optional("whole", &run::WayBackTaken::whole, "all of it was proven; else it is still tried")};
template <>
inline constexpr auto kFields<run::Closing> = std::tuple{required("as", &run::Closing::as, "the ending to come"),
                                                         required("why", &run::Closing::why, "in one sentence")};
template <>
inline constexpr auto kFields<run::Ended> = std::tuple{required("how", &run::Ended::how, "the ending"),
                                                       required("sentence", &run::Ended::sentence, "for people")};

// clang-format off
template <> const core::Table& table_of<run::Speaker>() { return MadeTable<run::Speaker>::get(); }
template <> const core::Table& table_of<run::DoneStep>() { return MadeTable<run::DoneStep>::get(); }
template <> const core::Table& table_of<run::Started>() { return MadeTable<run::Started>::get(); }
template <> const core::Table& table_of<run::Claimed>() { return MadeTable<run::Claimed>::get(); }
template <> const core::Table& table_of<run::AttemptStarted>() { return MadeTable<run::AttemptStarted>::get(); }
template <> const core::Table& table_of<run::AttemptEnded>() { return MadeTable<run::AttemptEnded>::get(); }
template <> const core::Table& table_of<run::Waived>() { return MadeTable<run::Waived>::get(); }
template <> const core::Table& table_of<run::Lapsed>() { return MadeTable<run::Lapsed>::get(); }
template <> const core::Table& table_of<run::Promoted>() { return MadeTable<run::Promoted>::get(); }
template <> const core::Table& table_of<run::TimedOut>() { return MadeTable<run::TimedOut>::get(); }
template <> const core::Table& table_of<run::Expired>() { return MadeTable<run::Expired>::get(); }
template <> const core::Table& table_of<run::Skipped>() { return MadeTable<run::Skipped>::get(); }
template <> const core::Table& table_of<run::GaveUp>() { return MadeTable<run::GaveUp>::get(); }
template <> const core::Table& table_of<run::VerdictGiven>() { return MadeTable<run::VerdictGiven>::get(); }
template <> const core::Table& table_of<run::SteppedAside>() { return MadeTable<run::SteppedAside>::get(); }
template <> const core::Table& table_of<run::TriedOut>() { return MadeTable<run::TriedOut>::get(); }
template <> const core::Table& table_of<run::GivenBack>() { return MadeTable<run::GivenBack>::get(); }
template <> const core::Table& table_of<run::RetreatBegan>() { return MadeTable<run::RetreatBegan>::get(); }
template <> const core::Table& table_of<run::Held>() { return MadeTable<run::Held>::get(); }
template <> const core::Table& table_of<run::Released>() { return MadeTable<run::Released>::get(); }
template <> const core::Table& table_of<run::Settled>() { return MadeTable<run::Settled>::get(); }
template <> const core::Table& table_of<run::Watched>() { return MadeTable<run::Watched>::get(); }
template <> const core::Table& table_of<run::Heard>() { return MadeTable<run::Heard>::get(); }
template <> const core::Table& table_of<run::WayBackTaken>() { return MadeTable<run::WayBackTaken>::get(); }
template <> const core::Table& table_of<run::Closing>() { return MadeTable<run::Closing>::get(); }
template <> const core::Table& table_of<run::Ended>() { return MadeTable<run::Ended>::get(); }
// clang-format on

}  // namespace davy::spec
