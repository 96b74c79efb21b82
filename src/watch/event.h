// What the journal of a watch holds, and what its loop hears. As with a run, a replay runs fold() over events and
// nothing else. A field or an event may be added, none may change its meaning (docs/journal-format.md).
#pragma once
#include "run/event.h"
#include "watch/due.h"

namespace davy::watch {

using DutyIx = std::int32_t;  // index in Runbook::watch

// What a look found: all as it should be; something is not; or nobody can say, which is no pass.
enum class Seen { well, failed, cannot_tell };

struct Item {  // a step that did not find all well
  std::string path, says;
  Seen seen = Seen::failed;
};

struct Began {
  static constexpr std::string_view kName = "watch began";
  std::string run;       // whose release this is
  Time since{};          // the end of its rollout
  run::Runbook book;     // without its rollout: whom it is about, the rules, the duties
  bool routine = false;  // that release is gone again: what belongs to the service goes on, nothing else
};
// The intent of a look that acts (a backup, a command): written before it begins, so that none is done twice.
struct LookBegan {
  static constexpr std::string_view kName = "look began";
  std::int64_t id = 0;
  DutyIx duty = 0;
  Stretch due;
};
struct Looked {
  static constexpr std::string_view kName = "looked";
  DutyIx duty = 0;
  Time due{};              // of the last of them
  std::int64_t times = 1;  // looks that found the same, one after the other
  Seen seen = Seen::well;
  std::string says;
  std::vector<Item> items;  // of the last look
  Duration took{};          // the same
  std::int64_t id = 0;      // of a look that acts
};
struct Missed {  // what was due and was not looked at
  static constexpr std::string_view kName = "missed";
  DutyIx duty = 0;
  Time first{}, before{};  // due from the first on, and before that look
  std::int64_t times = 0;
  std::string why;
};
struct Told {  // the plan's own notice, by a step of a duty
  static constexpr std::string_view kName = "told";
  std::string name;
};
struct AlarmBegan {
  static constexpr std::string_view kName = "alarm began";
  std::string rule;
  run::Consequence then = run::Consequence::page;
  std::string says;
};
struct AlarmGoesOn {  // told again, since it still holds
  static constexpr std::string_view kName = "alarm goes on";
  std::string rule;
};
struct AlarmOver {
  static constexpr std::string_view kName = "alarm over";
  std::string rule, says;
};
struct BackWanted {  // the release is to be taken back, by a run of its own
  static constexpr std::string_view kName = "way back wanted";
  std::string why;
};
struct BackRefused {
  static constexpr std::string_view kName = "way back refused";
  std::string says;
};
struct BackNotWanted {  // what it was wanted for is over, and nobody had begun it
  static constexpr std::string_view kName = "way back not wanted";
  std::string why;
};
struct Over {
  static constexpr std::string_view kName = "watch over";
  std::string sentence;
};

using Event = std::variant<Began, run::Claimed, LookBegan, Looked, Missed, Told, AlarmBegan, AlarmOver, BackWanted,
                           BackRefused, Over, AlarmGoesOn, BackNotWanted>;

std::string_view kind_of(const Event&);
// {"kind": {…}}, and back, as run::encode.
spec::Json encode(const Event&);
// Code::invalid for an unknown kind, or a body of another shape; `what` names it.
Result<Event> decode(std::string_view kind, const spec::Json& body, std::string_view what);

// Inputs.
struct Took {
  run::Claimed claim;
};
struct Begins {  // a look that acts is to begin
  DutyIx duty = 0;
  Stretch due;
};
struct Finished {
  DutyIx duty = 0;
  Stretch due;
  std::int64_t id = 0;  // as LookBegan has it; 0: it only looked
  Seen seen = Seen::well;
  std::string says;
  std::vector<Item> items;
  std::vector<std::string> told;
  Duration took{};
};
struct Alarm {  // a rule has begun to hold, or holds no longer
  std::string rule;
  run::Consequence then = run::Consequence::page;
  bool holds = true;
  std::string says;
};
struct CannotGoBack {
  std::string says;
};
struct Tick {};
using Input = std::variant<Took, Begins, Finished, Alarm, CannotGoBack, Tick>;

}  // namespace davy::watch

namespace davy::spec {

template <>
inline constexpr auto kWords<watch::Seen> = words<watch::Seen>(
    {{"well", watch::Seen::well}, {"failed", watch::Seen::failed}, {"cannot tell", watch::Seen::cannot_tell}});
// Their tables: event_fields.cc
template <OneOf<watch::Stretch, watch::Item, watch::Began, watch::LookBegan, watch::Looked, watch::Missed, watch::Told,
                watch::AlarmBegan, watch::AlarmGoesOn, watch::AlarmOver, watch::BackWanted, watch::BackRefused,
                watch::BackNotWanted, watch::Over>
              T>
inline constexpr bool kApart<T> = true;

}  // namespace davy::spec
