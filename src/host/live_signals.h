// The windows of one run from its real sources: traffic logs by the line, HAProxy's counters and probes as they are
// read.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <set>

#include "engine/nursery.h"
#include "io/log_reader.h"
#include "ports/registry.h"
#include "ports/signals.h"
#include "providers/signal/haproxy.h"
#include "signals/haproxy_stat.h"
#include "signals/missing_lines.h"

namespace davy::host {

namespace asio = boost::asio;

class LiveSignals final : public ports::Signals {
 public:
  // `releases`: server -> release, kept fresh by the router's operator.
  LiveSignals(ports::asio::any_io_executor, ports::Outside&, const ports::Registry&,
              const std::map<std::string, std::string>& releases);

  // Binds the log sockets of the runbook's signals; Code::conflict or unavailable names the one that cannot be had.
  Result<> open(const run::Runbook&);

  // Reads counters and probes, each at its own pace, until it is cancelled.
  void begin(engine::Nursery&);

  ports::Task<judge::Window> next() override;

 private:
  struct Log {
    providers::HaproxySignal options;
    std::unique_ptr<io::LogReader> reader;
    signals::StatDeltas deltas;
    std::optional<signals::HaproxyInfo> info;
    signals::MissingLines missing;
    std::set<std::string> watched;  // the servers that `missing` is about
    std::string away;               // why its counters cannot be read
  };
  struct Polled {
    std::string name, probe;
    spec::Value options;
    Duration every;
  };
  signals::ReleaseMap map_of_releases() const;
  judge::Window by_release(const judge::Window& by_server) const;
  asio::awaitable<void> count(Log&);
  asio::awaitable<void> poll(Polled&);
  ports::Task<> look_at_counters(Log&, Time since);
  ports::Task<> look_for_losses(Log&);
  void compare(Log&, const std::map<std::string, signals::ServerStat>&);
  std::set<std::string> carriers(const std::map<std::string, signals::ServerStat>&) const;
  ports::Task<judge::Window> gather();

  ports::asio::any_io_executor ex_;
  ports::Outside& outside_;
  const ports::Registry& registry_;
  const std::map<std::string, std::string>& releases_;
  std::vector<std::unique_ptr<Log>> logs_;
  std::vector<std::unique_ptr<Polled>> polled_;
  judge::Window aside_;  // what counters and probes brought since the last window
  Time last_{};
};

}  // namespace davy::host
