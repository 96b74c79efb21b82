// A watch as people see it: what was looked at, how it was found, and what comes next.
#pragma once
#include "view/ink.h"
#include "watch/state.h"

namespace davy::view {

struct DutyView {
  std::string name, when;
  std::optional<Time> next;  // nothing: never again
  std::optional<Time> looked_at;
  watch::Seen seen = watch::Seen::well;
  std::string says;
  std::vector<watch::Item> items;  // what was not well at the last look
  Time since{};                    // since when it has been found so
  std::int64_t looks = 0, missed = 0;
};
struct WatchView {
  std::string id, run, version, environment;
  std::vector<std::string> services;
  Time since{};
  bool routine = false;        // it came back when the next one was taken back
  std::optional<Time> window;  // until when it may be taken back by itself; nothing: it may not
  std::vector<DutyView> duties;
  std::map<std::string, watch::Firing> alarms;
  std::string wanted;        // why it is to be taken back; empty: it is not
  std::string kept_by;       // who keeps it; empty: nobody does
  std::string served_by;     // a `davy serve` of this state directory, whether it keeps this one or not
  std::string suspended_by;  // a run that is open; empty: none is
  std::string stuck;         // why that run does not go on by itself; empty: it does
};

WatchView view_of(std::string id, const watch::State&, Time now, const watch::Zone&);

// How it stands in one line, the worst first; and line by line.
std::string in_a_line(const WatchView&);
std::vector<std::string> rows_of(const WatchView&, const Look&, Time now);
spec::Json to_json(const WatchView&);

// Below a run that is done: who looks on, and what comes next or is wrong.
std::string below_a_run(const WatchView&, Time now);

// Something is not as it should be, or nobody looks.
bool needs_people(const WatchView&);

}  // namespace davy::view
