// What `davy check` shows: each item of the checklists, as people and as other programs read it. Pure: events go in, a
// text comes out.
#pragma once
#include <map>
#include <set>

#include "view/view.h"

namespace davy::view {

// degraded: well, and yet to be warned of. blind: it could not be asked, so nobody knows; no pass. skipped: it failed,
// and is optional. asked: a person is, in a deployment. elsewhere: the plan has it in other environments alone.
enum class CheckState { waiting, running, ok, degraded, failed, blind, skipped, asked, elsewhere };
std::string_view word_of(CheckState);  // "ok", "cannot tell" …

struct CheckItem {
  std::string group, title;
  CheckState state = CheckState::waiting;
  std::string says;
  std::string expected, found, raw, to_do;  // of what is not as it should be
  std::optional<Time> began = {}, ended = {};
  bool optional = false;
  std::string path() const { return group.empty() ? title : group + "/" + title; }
};

struct CheckReport {
  std::string plan, environment;
  std::vector<CheckItem> items;  // in the plan's order
  Time began{}, now{};
  std::map<run::AttemptId, std::size_t> open = {};  // attempts that began, by item

  std::size_t count(CheckState) const;
  bool done() const;  // none is waited for
  bool well() const;  // nothing failed, nothing is unknown
};

// The item's path, of its step's.
std::string check_path(std::string_view step_path);

// One item for each step that looks, asks or stands elsewhere, in the runbook's order. `optional`: steps that the plan
// calls so, by index.
CheckReport report_of(const run::Runbook&, std::string plan, const std::set<run::StepIx>& optional);

// What an event makes of it. `state` has folded that event.
void fold(CheckReport&, const run::Event&, const run::State&, Time at);

enum class CheckFormat { text, json, junit, tap, nagios, prometheus };

// As people read it, with what was expected, found and may be done under each that is not well.
std::vector<std::string> check_lines(const CheckReport&, const Look&);
std::string check_progress(const CheckReport&);  // "12 of 20 done; now: Disk space, Tests pass"

spec::Json to_json(const CheckReport&);
std::string junit(const CheckReport&);       // Jenkins' and GitLab's XML, one suite a group
std::string tap(const CheckReport&);         // Test Anything Protocol 14
std::string nagios(const CheckReport&);      // a plug-in's output, whose exit code is nagios_code
int nagios_code(const CheckReport&);         // 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN
std::string prometheus(const CheckReport&);  // text exposition 0.0.4, for a textfile collector

}  // namespace davy::view
