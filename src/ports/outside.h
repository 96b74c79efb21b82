#pragma once
#include "ports/clock.h"
#include "ports/files.h"
#include "ports/net.h"
#include "ports/process.h"

namespace davy::ports {

// All that a provider may touch.
struct Outside {
  Clock& clock;
  Process& process;
  Instances& instances;
  Http& http;
  Line& line;
  Files& files;
};

// Who calls: names processes so that an attempt never runs twice, and says for whom.
struct Asking {
  std::string key;  // unique to the attempt; a provider that runs several commands adds "-1", "-2"
  std::map<std::string, std::string> variables;  // $version, $previous, $environment … for commands
  std::map<std::string, SecretRef> secrets;      // for commands
  Duration timeout = std::chrono::minutes(1);
};

}  // namespace davy::ports
