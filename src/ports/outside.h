#pragma once
#include <set>

#include "ports/certificates.h"
#include "ports/clock.h"
#include "ports/files.h"
#include "ports/listening.h"
#include "ports/logs.h"
#include "ports/names.h"
#include "ports/net.h"
#include "ports/process.h"
#include "ports/stores.h"
#include "spec/value.h"

namespace davy::judge {
class Readings;
}

namespace davy::ports {

struct Mongo;
struct Past;
struct Running;
struct SecretLook;
struct Units;

// All that a provider may touch.
struct Outside {
  Clock& clock;
  Process& process;
  Instances& instances;
  Http& http;
  Dialer& dialer;
  Files& files;
  Sql* sql = nullptr;  // where nobody gave one, what needs it says so
  Redis* redis = nullptr;
  Logs* logs = nullptr;
  Listener* listener = nullptr;
  Certificates* certificates = nullptr;
  Names* names = nullptr;
  SecretLook* secrets = nullptr;
  Mongo* mongo = nullptr;
  Units* units = nullptr;               // of the system's manager
  Past* past = nullptr;                 // what this state directory has on record
  Running* running = nullptr;           // the services of the plan; only where a run is at hand
  judge::Readings* readings = nullptr;  // what the plan's signals said; only where they are read
};

// How a service of the plan is run, for whoever has its name only.
struct RunsOn {
  std::string platform;
  spec::Value options;  // the platform's own
};

// For whom something is done or asked: it goes with every call of a provider.
struct Asking {
  std::string key;  // of what acts: unique to the attempt, so that no command runs twice; a provider that runs several
                    // adds "-1", "-2". Empty for a question, which is asked anew each time (Process::ask)
  std::map<std::string, std::string> variables;  // $version, $previous, $service … of the release that is meant
  std::map<std::string, SecretRef> secrets;
  std::string directory;  // where the plan stands: relative paths of commands and programs begin there
  Duration timeout = std::chrono::minutes(1);
  std::map<std::string, spec::Value> made;  // by the path of a step: what it made and hands on
  // Of a start: addresses that a router has for others. Whoever listens there would have their users at once.
  std::set<std::string> taken = {};
  std::map<std::string, RunsOn> services = {};  // of the plan, by name; for signals, which are about no one service
  std::set<std::string> wants = {};  // of a look: what is expected of it, where finding that takes more asking
};

// `path` as seen from `directory`; either may be empty.
inline std::string beside(const std::string& directory, const std::string& path) {
  if (path.empty() || directory.empty()) return path.empty() ? directory : path;
  return path.front() == '/' ? path : directory + "/" + path;
}

}  // namespace davy::ports
