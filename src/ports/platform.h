// A platform runs releases. Level-triggered: "of this release, n instances": said twice it does nothing more, so a
// crash costs nothing.
#pragma once
#include <vector>

#include "ports/guard.h"
#include "ports/outside.h"
#include "ports/roller.h"
#include "run/runbook.h"
#include "spec/value.h"

namespace davy::ports {

struct Endpoint {
  std::string release;  // run::Release::id
  int index = 0;
  std::string address;  // host:port, where the router reaches it; empty when the platform does not know
  bool alive = false;
  std::string says = {};            // "pid 4711", "exit 3 after 2.1s"
  std::optional<Ratio> share = {};  // of the users, where the platform itself gives them out: a roller
};

// Where something that the platform runs begins, as its configuration says, and the lines that say so.
struct Home {
  std::string what;                       // "shop.service"
  std::string directory, directory_line;  // "/srv/shop/current", "WorkingDirectory="
  std::string program, program_line;      // its path and its arguments
  std::string where;                      // the lines stand, for people
  bool given = false;                     // the directory is each release's own: the platform gives it
};

// Of the users of a service, those of one release.
struct Share {
  std::string name;  // as the platform calls it: a release's id, or its version
  Ratio of;
};

// A release says itself how it is run (Release::as, the platform's own options): the previous one is started as it was
// shipped. The Asking of each call is that of this release.
struct Platform {
  virtual ~Platform() = default;

  // What IS of this release. Reads only: said by somebody who was asked, never by what was ordered.
  virtual Task<std::vector<Endpoint>> instances(const run::Release&, const Asking&) = 0;

  // Brings up instances 0…n-1 of the release and waits until each answers its health check. Repeatable. On failure what
  // was started stays for a look; stop() takes it away.
  virtual Task<std::vector<Endpoint>> start(const run::Release&, int n, const Asking&) = 0;

  // Ends instances n… of the release, gracefully (TERM, the platform's grace, KILL). n = 0 ends all and gives back
  // their ports and files. Repeatable.
  virtual Task<> stop(const run::Release&, int keep, const Asking&) = 0;

  // Each instance of the release answers its health check now; an Error names the one that does not.
  virtual Task<> healthy(const run::Release&, const Asking&) = 0;

  // Who has users, of whatever release, also of those that no run of Davy's knows; asked as this release would be run.
  // Nobody: nobody has any, or the platform does not tell. Reads only.
  virtual Task<std::vector<Share>> serves(const run::Release&, const Asking&) { co_return std::vector<Share>{}; }

  // Where what it starts runs. None: it begins where the release says (Release::folder). Reads only.
  virtual Task<std::vector<Home>> homes(const run::Release&, const Asking&) { co_return std::vector<Home>{}; }

  // Of a platform that replaces one release by the other by itself; null: it does as it is told, above.
  virtual Roller* roller() { return nullptr; }

  // As of Router, of a platform that moves users by itself. None: this one does not.
  virtual Task<std::vector<Move>> way_back(const run::Release&, const Asking&) { co_return std::vector<Move>{}; }
};

}  // namespace davy::ports
