#pragma once
#include <boost/asio/io_context.hpp>

#include "engine/run/operators.h"
#include "host/live_signals.h"
#include "host/state_dir.h"
#include "io/data/mongo.h"
#include "io/data/postgres.h"
#include "io/data/redis.h"
#include "io/keeper/keeper_client.h"
#include "io/lines/logs.h"
#include "io/look/certificates.h"
#include "io/look/names.h"
#include "io/net/dialer.h"
#include "io/net/http.h"
#include "io/net/http_listener.h"
#include "io/posix/clock.h"
#include "io/posix/files.h"
#include "io/posix/machine.h"
#include "io/secrets/secret_look.h"
#include "io/secrets/sources.h"
#include "io/units/units.h"
#include "judge/readings.h"

namespace davy::host {

// What a process that acts on the world needs, made real, in the order in which it must be taken apart.
struct Outfit {
  // engine: how to start this process again, for a keeper that it has to start itself; empty: nobody does.
  Outfit(const StateDir&, std::string spool, std::vector<std::string> engine = {});
  Result<> make(const run::Runbook&, const std::string& run);  // platforms, routers, operators, signals

  // The same for checks alone: of the signals those that their conditions read. What cannot be had of those is what the
  // conditions say. open_run: one of the same services there, which keeps what has only one reader; empty: none is
  // open.
  Result<> make_for_checks(const run::Runbook&, const std::string& run, const std::string& open_run);

  // The same for a watch: of the signals those that its looks and rules read. What cannot be had of those is what they
  // say; what has only one reader is let go of when the watch is stopped.
  Result<> make_for_watch(const run::Runbook&, const std::string& stream);

  StateDir dir;
  std::string spool;
  std::vector<std::string> sender;  // how to start who tells people, for a keeper that is started from now on
  std::string plan_folder;          // the same of where the plan stands
  io::Machine machine;
  asio::io_context context{1};
  io::Clock clock;
  io::Files files;
  io::Http http;
  io::Dialer dialer;
  io::Secrets secrets;
  io::Postgres sql{secrets};
  io::Redis redis{secrets};
  io::Mongo mongo{secrets};
  io::SecretLook secret_look{secrets};
  io::Logs logs{context.get_executor(), clock, secrets};
  io::HttpListener listener{context.get_executor()};
  io::Certificates certificates;
  io::Names names;
  io::Units units{secrets};
  io::KeeperClient keeper;
  judge::Readings readings;
  ports::Outside outside;
  ports::Registry registry;
  std::unique_ptr<engine::Operators> operators;
  std::unique_ptr<LiveSignals> signals;
  bool checks_read_signals = false;
  bool blind = false;  // a watch that reads none of its signals, since one could not be had
};

}  // namespace davy::host
