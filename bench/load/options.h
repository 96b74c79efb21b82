// What `load` was asked to do.
#pragma once
#include <netinet/in.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace load {

struct Options {
  sockaddr_in target{};
  std::string host;  // as the Host header has it
  double rate = 2000;
  double seconds = 20;  // 0: until a signal
  std::size_t connections = 100;
  std::vector<std::string> paths{"/"};
  std::uint32_t clients = 1000;
  bool zipf = false;
  bool sticky = false;
  bool keep_alive = true;
  double post_share = 0;
  double timeout = 5;
  std::string trace;
  bool live = false;
  std::uint64_t seed = 1;
};

// Reads the command line. A returned status means: all is said (help, or a mistake), exit with it.
struct Asked {
  Options options;
  std::optional<int> exit_status;
};
Asked ask(int argc, char** argv);

// http://127.x.y.z:PORT or http://localhost:PORT. Anything else is refused: this program loads its own machine, no
// other.
davy::Result<> aim(const std::string& url, Options& options);

}  // namespace load
