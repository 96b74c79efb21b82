#pragma once
#include <optional>
#include <set>
#include <string>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

// A release that was done, and was not taken back since.
struct Deployment {
  std::string run, version;
  Time ended{};  // since when it serves without a break: the end of its rollout, or of the last one that was taken back
};

// Something that was to be told to people.
struct Told {
  Time at{};  // when it happened
  int to = 0, reached = 0;
};

// What this state directory has on record. Reads only.
struct Past {
  virtual ~Past() = default;
  // The newest of a service in an environment; nothing: the record tells of none. Code::internal: the record is damaged
  // there, so nobody can say.
  virtual Task<std::optional<Deployment>> deployed(std::string service, std::string environment) = 0;
  // The newest notice of this name about a run of this service there: of a name of the plan's own in a run of this
  // version, of an event of Davy's in any; nothing: there was none.
  virtual Task<std::optional<Told>> notified(std::string name, std::string service, std::string environment,
                                             std::string version) = 0;
  // Why nobody deploys there for now, and until when, as somebody said from a terminal; empty: nobody did.
  // Code::internal: it cannot be told.
  virtual Task<std::string> frozen(std::string environment, Time now) = 0;
  // The runs that may still go back: those that are open, whatever they wait for, and of each service the two that were
  // done last. Code::internal: it cannot be told.
  virtual Task<std::set<std::string>> may_go_back() { co_return fail(Code::internal, "nobody here knows the record"); }
  // The folders of all releases that one of these may start or go back to. Code::internal: it cannot be told.
  virtual Task<std::set<std::string>> folders() { co_return fail(Code::internal, "nobody here knows the record"); }
  virtual std::string where() const = 0;  // the record lies, for people
};

}  // namespace davy::ports
