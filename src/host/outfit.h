#pragma once
#include <boost/asio/io_context.hpp>

#include "engine/operators.h"
#include "host/live_signals.h"
#include "host/state_dir.h"
#include "io/clock.h"
#include "io/files.h"
#include "io/http.h"
#include "io/http_listener.h"
#include "io/keeper_client.h"
#include "io/line.h"
#include "io/lines.h"
#include "io/machine.h"
#include "io/postgres.h"
#include "io/redis.h"
#include "io/secrets.h"

namespace davy::host {

// What a process that acts on the world needs, made real, in the order in which it must be taken apart.
struct Outfit {
  Outfit(const StateDir&, std::string spool);
  Result<> take_secrets(const run::Runbook&);
  Result<> make(const run::Runbook&, const std::string& run);  // platforms, routers, operators, signals

  StateDir dir;
  std::string spool;
  io::Machine machine;
  asio::io_context context{1};
  io::Clock clock;
  io::Files files;
  io::Http http;
  io::Line line;
  io::Secrets secrets;
  io::Postgres sql{secrets};
  io::Redis redis{secrets};
  io::LogLines lines{clock, secrets};
  io::HttpListener listener{context.get_executor()};
  io::KeeperClient keeper;
  ports::Outside outside;
  ports::Registry registry;
  std::unique_ptr<engine::Operators> operators;
  std::unique_ptr<LiveSignals> signals;
};

}  // namespace davy::host
