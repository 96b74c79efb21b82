// Who serves users now, as platform and router answer, with the age of the look: what `status` prints, and what whoever
// must say --serves is shown.
#pragma once
#include "control/runs.h"

namespace davy::control {

struct ServingPart {
  std::string version, release;
  double share = 0;              // of the weights of servers that are up; or as the platform says
  int up = 0, servers = 0;       // in the router
  int maint = 0;                 // of those, taken out of service for a while
  int alive = 0, instances = 0;  // on the platform
  bool counted = false;          // the platform was asked, too
  bool shared_out = false;       // by the platform itself
};
struct ServesNow {
  std::string service;
  std::optional<Time> at;  // of the look; none: nobody looked
  bool asked = false;      // now, not by a step of the run
  bool routed = false;     // a router told the shares
  bool by_record = false;  // which version it is: the platform has one place for both
  std::vector<ServingPart> parts;
  double strangers = 0;                // the share of servers that are of neither release
  std::vector<std::string> addresses;  // of those
  std::string error;                   // why it could not be asked
  std::string by;                      // the run whose releases these are, where another one was asked about
  bool closed = false;                 // a maintenance page stands before the users
  bool missed = false;                 // nobody serves users whom somebody served, and nothing that goes on is about to
  std::string way_out;                 // what may be typed then; empty: what the run offers
};

// Asks, for two seconds at most. A router that is somebody's commands is not asked while an engine drives the run: then
// what its last step found counts.
std::vector<ServesNow> serves_now(Runs&, const run::Runbook&, const std::vector<view::TimedEvent>&, bool driven);

// Of the services of a run. When it has ended, what came after it may serve: the newest run of each service tells which
// releases there are.
std::vector<ServesNow> serves_now(Runs&, const ports::RunInfo&);

// Who has users though this state does not know it: another state directory shipped it, or somebody by hand.
std::vector<std::string> strangers(const std::vector<ServesNow>&);

bool nobody_serves(const ServesNow&);  // as it was looked up just now; what could not be asked may serve

// Services that were looked at just now and that nobody serves, though somebody did: what people must know first.
std::vector<std::string> outages(const std::vector<ServesNow>&);

// What a router was found to do just now stands in the view instead of what the journal had it do.
void correct_shares(view::RunView&, const std::vector<ServesNow>&);

std::vector<std::string> in_words(const std::vector<ServesNow>&, Time now);
spec::Json to_json(const std::vector<ServesNow>&);

}  // namespace davy::control
