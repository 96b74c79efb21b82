// What every traffic log says of one request, in whatever format it says it.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace davy::signals {

// What became of a request, as far as a release is concerned.
enum class Outcome {
  answered,   // by the server, with `status`
  error,      // 5xx of the server, or its refusal, break or time-out
  aborted,    // the client went away first: the status is not the server's word
  unreached,  // no server had it: denied, redirected, queued in vain
  unserved,   // it was meant for servers of which none was there: an error of theirs
  untold,     // a server had it, and nothing says how it ended
};

// `other`: not about a request (HAProxy's own messages share its socket; empty lines). `broken`: cut off or garbled.
enum class Parsed { line, other, broken };

// Views into the line, which must outlive this. What the log does not tell is empty or zero.
struct Request {
  std::optional<Time> end;  // of the answer
  std::string_view client;  // the forwarded address where there is one, else the peer's, without its port
  std::string_view backend, server;
  std::string_view release;             // only where the format was told which token says it
  std::string_view method, path, host;  // the path with its query
  std::string_view termination;         // HAProxy's two letters, Envoy's flags
  // Servers that had it before, where the log names them, each with what stands behind it: "a:80, b:80 : "; their
  // statuses in the same places. Which of them failed: tried.h.
  std::string_view tried, tried_status;
  int status = 0;
  // From the whole request to the end of the answer; an abort's is its wait. What lies under the log's resolution is
  // half of it, never zero: zero is a log without times.
  Duration latency{};
  std::int64_t bytes = -1;    // of the answer; -1: not told
  bool redispatched = false;  // another server had it first and failed
  Outcome outcome = Outcome::answered;
};

// To begin with: assigning it is a plain copy, where `= {}` makes one on the stack first and waits for it.
inline constexpr Request kNoRequest{};

inline bool is_error(Outcome outcome) { return outcome == Outcome::error || outcome == Outcome::unserved; }

// What a reader will look at. Time, server, status, latency, outcome and release are always read; the rest costs time
// on files of gigabytes. Whether a line is broken never depends on it.
enum class Want : unsigned { counts = 0, client = 1, path = 2, all = 3 };
constexpr Want operator|(Want a, Want b) { return Want(unsigned(a) | unsigned(b)); }
constexpr bool has(Want all, Want one) { return (unsigned(all) & unsigned(one)) != 0; }

}  // namespace davy::signals
