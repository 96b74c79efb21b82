// What conditions compare with that does not serve beside the candidate: the time just before its first user, and
// stretches of another day that a plan names under `baselines:`.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "judge/numbers/rolling.h"
#include "run/runbook.h"

namespace davy::judge {

// Many windows as one: traffic and counts added up, a gauge at its mean. Words are no baseline and are left out.
class Condensed {
 public:
  void see(const Window&);
  std::optional<Window> window() const;  // nothing: it has seen none

 private:
  std::optional<Window> all_;
  std::map<std::pair<std::string, std::string>, Gauge> gauges_;  // series, release
};

// Windows in order of time as stretches of `over` each, from the first one's beginning; zero: all are one.
std::vector<Window> condensed(std::span<const Window>, Duration over);

// Services may get their first users one after the other: of this one `before` is to tell what that minute does.
void take_minute_of(const run::Subject&, const Window& minute, Window& before);

// The service as a whole, whichever releases it had then: requests and counts added up, gauges averaged.
Window as_service(const Window&);

struct Recorded {
  Duration ago{};  // zero: it is compared with at any time
  std::vector<Window> stretches;
  const Window* at(Time now) const;  // null: nothing was recorded so long before
};

struct Baselines {
  std::optional<Window> before;  // the candidate's first user
  std::map<std::string, Recorded> recorded;

  // What a condition compares with when nothing serves beside; null: there is nothing, and lacking() says what.
  const Window* find(const spec::Condition&, Time now) const;
  std::string lacking(const spec::Condition&) const;
};

// A condition that says nothing, `of baseline` or `of previous`: the previous release, while it serves beside.
bool may_be_beside(const spec::Condition&);

Result<Recorded> recorded_of(const run::Baseline&);
Baselines baselines_of(const run::Runbook&);  // those that are recorded; what cannot be read is empty

// "storefront 2 beside it, later the minute before its first user": of a condition in a runbook, for people.
std::string baseline_said(const spec::Condition&, const run::Runbook&);

}  // namespace davy::judge
