// A router sends users to releases.
#pragma once
#include "ports/guard.h"
#include "ports/platform.h"

namespace davy::ports {

// One server as the router knows it.
struct Served {
  std::string server;   // its name there
  std::string label;    // what logs and counters call it, "backend/server"; empty: as `server`
  std::string address;  // host:port
  std::string release;  // by the endpoints that were handed in; empty: not ours
  int weight = 0;
  std::string state;  // ready, drain, maint
  bool up = false;    // by the router's own health check
  int sessions = 0;
};

// The Asking of each call is that of the step which makes it; of a question without a step, the candidate's.
struct Router {
  virtual ~Router() = default;

  // What IS, with the endpoints' releases filled in by address. Reads only.
  virtual Task<std::vector<Served>> read(const std::vector<Endpoint>&, const Asking&) = 0;

  // Each endpoint has a server, at weight 0, and the router's own check finds it up. Repeatable.
  virtual Task<> attach(const std::vector<Endpoint>&, const Asking&) = 0;

  // Gives `release` this share of the users and the rest to the others that have users now or by `rest` (release id),
  // raising before lowering, and reads back that it is so. Code::refused when a release that is to get users has no
  // server that is up: nothing was changed then. Repeatable.
  virtual Task<> shift(const std::string& release, Ratio share, const std::string& rest, const std::vector<Endpoint>&,
                       const Asking&) = 0;

  // Puts the weights and states back that `found` (an earlier read) tells; servers that it does not tell of get none.
  // Raises first. The way back: those that lose all users are set to maint at once and their sessions ended after
  // `grace`, because sticky clients ignore weights. Code::refused when nothing that `found` gave users is up.
  virtual Task<> restore(const std::vector<Served>& found, const std::vector<Endpoint>&, Duration grace,
                         const Asking&) = 0;

  // No new users for these; answers when their sessions are over or `within` has passed (Code::timed_out, drained all
  // the same). Then detach() takes the servers away and ends what is left.
  virtual Task<> drain(const std::vector<Endpoint>&, Duration within, const Asking&) = 0;
  virtual Task<> detach(const std::vector<Endpoint>&, const Asking&) = 0;

  // Sessions that are open now on these.
  virtual Task<int> sessions(const std::vector<Endpoint>&, const Asking&) = 0;

  // Every answer is a 503 with Retry-After, and the user's page, until it is off again. Code::refused when the router
  // is not laid out for it.
  virtual Task<> maintenance(bool on, const std::string& page, const Asking&) = 0;

  // Within which time it may lose what it was told (HAProxy, at a restart): so often somebody looks, and puts it back
  // by restore(). Duration::max(): it never forgets, and is left alone between two steps.
  virtual Duration forgets() const { return Duration::max(); }

  // The way back as data, for the keeper: all users to this release. Each move's proof says that it has them and no
  // other release does. Code::refused when the router does not know the release.
  virtual Task<std::vector<Move>> way_back(const run::Release&, const std::vector<Endpoint>&, const Asking&) = 0;
};

}  // namespace davy::ports
