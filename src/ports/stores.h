// Databases, as far as probes and signals ask them. Addresses and passwords may be secrets: where a text is `$NAME`
// alone, the value is put in by src/io at the very edge, and no error shows it.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "ports/task.h"

namespace davy::ports {

struct SqlRequest {
  std::string url;                      // postgres://…, a libpq connection string, or $NAME
  std::string text;                     // one statement
  std::vector<std::string> parameters;  // $1, $2 … as texts
  Duration timeout = std::chrono::seconds(5);
};
struct SqlRows {
  std::vector<std::string> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;  // as PostgreSQL prints them; at most 10,000
  Duration took{};                                            // of the statement, without the connection
};
// One connection for each call, read-only. Code::unavailable: not reached or shutting down; Code::timed_out: the
// statement is cancelled at the server; Code::refused: not allowed in; Code::invalid: the statement, as the server
// says.
struct Sql {
  virtual ~Sql() = default;
  virtual Task<SqlRows> query(SqlRequest) = 0;
};

struct RedisRequest {
  std::string url;       // redis[s]://[user:password@]host[:port][/db], unix:///path, host:port, or $NAME
  std::string password;  // $NAME, where it does not stand in the URL
  std::vector<std::string> command;
  Duration timeout = std::chrono::seconds(5);
  std::string ca = {};  // of rediss://: file of certificates that are trusted instead of the system's
};
// One connection for each call. The answer is the text of a simple or bulk string, or the digits of a number; it is at
// most 4 MiB with all that came before it. Code::unavailable: not reached, loading; Code::refused: AUTH failed or
// needed; Code::invalid: another error reply, a certificate that is not accepted, an answer that is too large or not
// Redis's.
struct Redis {
  virtual ~Redis() = default;
  virtual Task<std::string> ask(RedisRequest) = 0;
};

}  // namespace davy::ports
