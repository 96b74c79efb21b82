#pragma once
#include <string>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

struct MongoRequest {
  std::string url;       // mongodb://[user:password@]host[:port],…/[database][?options], or $NAME
  std::string database;  // empty: the one that the URL names, else `admin`
  std::string command;   // one command as JSON, its name first: {"count": "orders", "query": {"state": "paid"}}
  Duration timeout = std::chrono::seconds(5);
  std::string ca = {};  // with `tls=true`: file of certificates that are trusted instead of the system's
};
// One connection for each call, to the first host that answers. The answer is the server's document as relaxed Extended
// JSON, at most 4 MiB with all that came before it. Code::unavailable: no host reached, or none ready to answer;
// Code::timed_out; Code::refused: not allowed in; Code::invalid: the command, as the server says, a certificate that is
// not accepted, an answer that is too large or not MongoDB's. Commands are sent as they are: callers send only what
// reads.
struct Mongo {
  virtual ~Mongo() = default;
  virtual Task<std::string> ask(MongoRequest) = 0;
};

}  // namespace davy::ports
