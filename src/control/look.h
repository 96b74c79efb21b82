// The verb `look`: how a run stands, and who serves its services now. Changes nothing.
#pragma once
#include "control/living.h"
#include "control/serving/serves_now.h"
#include "control/untold.h"

namespace davy::control {

struct Standing {
  view::RunView view;
  Life life;
  std::vector<std::string> alarms;  // what people must know first, most urgent first
  std::vector<view::TimedEvent> events;
  std::vector<Untold> untold;
  std::vector<ServesNow> serves;  // none where only the record was looked at
  bool outage = false;            // nobody serves users whom somebody served, or a release that was taken back does

  // People are needed now, for nobody drives it, nobody serves, or the keeper cannot move users back.
  bool needs_people() const;
};

// By its journal and this machine.
Result<Standing> standing_of(Runs&, const std::string& run);

// And by what its platforms and routers answer, for two seconds at most.
Result<Standing> look(Runs&, const ports::RunInfo& run);

spec::Json to_json(const Standing&);

}  // namespace davy::control
