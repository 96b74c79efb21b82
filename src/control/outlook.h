// What can be said of a run before it begins: lines for people.
#pragma once
#include "control/draft.h"

namespace davy::control {

struct Outlook {
  std::vector<std::string> bakes;         // what each can see, at the traffic that the plan expects
  std::vector<std::string> silent;        // rules that would never speak
  std::vector<std::string> watch;         // what is looked at once it is done, when, and by whom
  std::vector<std::string> way_back;      // who moves users of each service back when no Davy lives
  std::vector<std::string> rollback;      // in the order in which it would happen
  std::vector<std::string> outage;        // what becomes of shares when nobody of the previous release is up
  std::vector<std::string> false_alarms;  // what chance alone does
  std::vector<std::string> refused;       // why `begin` would refuse it today: a frozen day
  std::vector<std::string> reboot;        // what nothing starts again
  std::vector<std::string> copies;        // of data: what was proven so far, and how long bringing it back would take
  std::vector<std::string> users_now;     // what `begin` would say of who has users; asks only where the wish may look
};
Outlook outlook(Runs&, const plan::Plan&, const run::Runbook&, const Wish&);

}  // namespace davy::control
