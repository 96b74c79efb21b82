// What others send to Davy of their own accord: the beacons of pages.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace davy::ports {

struct ListenAt {
  std::string address;                           // 127.0.0.1:9180
  std::string path;                              // of what is posted; all else is 404
  std::vector<std::string> origins;              // whose pages may post, "*": anybody's; none: nobody is asked for it
  Duration patience = std::chrono::seconds(10);  // until a request must have come, and its answer gone
};

// What was posted since the last take.
struct Posted {
  std::vector<std::string> bodies;
  std::uint64_t refused = 0;  // too large, from elsewhere, or more than there is room for until somebody takes them
};

// Closed when it is destroyed.
class Mailbox {
 public:
  virtual ~Mailbox() = default;
  virtual Posted take() = 0;
};

// HTTP without TLS: a proxy stands before it. Bodies of up to 64 KiB, 256 connections, 5,000 posts and 4 MiB between
// two takes. Code::invalid: no address; Code::unavailable: it cannot be bound, another process has it.
struct Listener {
  virtual ~Listener() = default;
  virtual Result<std::unique_ptr<Mailbox>> listen(ListenAt) = 0;
};

}  // namespace davy::ports
