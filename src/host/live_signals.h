// The windows of one run from its real sources: traffic logs by the line; HAProxy's counters, exporters, databases,
// processes and probes as they are read, each at its own pace.
#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <set>

#include "engine/loop/nursery.h"
#include "io/lines/log_reader.h"
#include "ports/registry.h"
#include "ports/signals.h"
#include "providers/signal/haproxy.h"
#include "providers/signal/log.h"
#include "signals/systems/haproxy_stat.h"
#include "signals/traffic/missing_lines.h"

namespace davy::host {

namespace asio = boost::asio;

class LiveSignals final : public ports::Signals {
 public:
  // `releases`: server -> release, kept fresh by the router's operator. `spool`: where commands leave their output.
  LiveSignals(ports::asio::any_io_executor, ports::Outside&, const ports::Registry&,
              const std::map<std::string, std::string>& releases, std::string spool);

  // Binds the log sockets and makes the sources of the runbook's signals; the Error names the one that cannot be had.
  Result<> open(const run::Runbook&);

  // Reads counters, sources and probes, each at its own pace, until it is cancelled.
  void begin(engine::Nursery&);

  ports::Task<judge::Window> next() override;

 private:
  struct Log {
    std::string stats;  // HAProxy's socket; empty: only lines are read
    std::unique_ptr<io::LogReader> reader;
    signals::StatDeltas deltas;
    std::optional<signals::HaproxyInfo> info;
    signals::MissingLines missing;
    std::set<std::string> watched;  // the servers that `missing` is about
    std::string away;               // why its counters cannot be read
  };
  // Either a source, or a probe that is read as one number or word.
  struct Read {
    std::string name, kind;
    spec::Value options;
    Duration every{};
    bool traffic = false;  // requests came from it: while it is away nothing counts
    std::unique_ptr<ports::Source> source;
    std::string away;  // why it cannot be read now
  };
  void take_labels(const run::Setup&);
  Result<> open_haproxy(const std::string& name, const spec::Value& options);
  Result<> open_other_log(const std::string& name, const spec::Value& options);
  Result<> open_log(io::LogReaderOptions, std::string stats);
  Result<> open_read(Read);
  signals::ReleaseMap map_of_releases() const;
  judge::Window by_release(const judge::Window& by_server) const;
  asio::awaitable<void> count(Log&);
  asio::awaitable<void> read(Read&);
  ports::Task<judge::Window> look(Read&, std::int64_t number);
  void clear_spool(const Read&) const;
  void take(const Read&, const judge::Window&);
  ports::Task<> look_at_counters(Log&, Time since);
  ports::Task<> look_for_losses(Log&);
  void compare(Log&, const std::map<std::string, signals::ServerStat>&);
  std::set<std::string> carriers(const std::map<std::string, signals::ServerStat>&) const;
  ports::Task<judge::Window> gather();
  ports::Task<judge::Window> gather(Log&);

  ports::asio::any_io_executor ex_;
  ports::Outside& outside_;
  const ports::Registry& registry_;
  const std::map<std::string, std::string>& releases_;
  std::string spool_;
  std::map<std::string, std::string> versions_;  // what exporters call a release
  bool routed_ = false;                          // no router: what serves is the service as a whole
  ports::Asking asking_;
  std::vector<std::unique_ptr<Log>> logs_;
  std::vector<std::unique_ptr<Read>> reads_;
  judge::Window aside_;  // what counters, sources and probes brought since the last window
  Time last_{};
};

}  // namespace davy::host
