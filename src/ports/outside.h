#pragma once
#include "ports/clock.h"
#include "ports/files.h"
#include "ports/listening.h"
#include "ports/logs.h"
#include "ports/net.h"
#include "ports/process.h"
#include "ports/stores.h"

namespace davy::ports {

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
};

// Who calls: names processes so that an attempt never runs twice, and says for whom.
struct Asking {
  std::string key;  // unique to the attempt; a provider that runs several commands adds "-1", "-2"
  std::map<std::string, std::string> variables;  // $version, $previous, $environment … for commands
  std::map<std::string, SecretRef> secrets;      // for commands
  std::string directory;  // where the plan stands: relative paths of commands and programs begin there
  Duration timeout = std::chrono::minutes(1);
};

// `path` as seen from `directory`; either may be empty.
inline std::string beside(const std::string& directory, const std::string& path) {
  if (path.empty() || directory.empty()) return path.empty() ? directory : path;
  return path.front() == '/' ? path : directory + "/" + path;
}

}  // namespace davy::ports
