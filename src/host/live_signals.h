// The windows of one run from its real sources, each at its own pace: traffic logs by their windows; counters,
// exporters, databases, processes and probes as they are read.
#pragma once
#include <boost/asio/any_io_executor.hpp>

#include "engine/loop/nursery.h"
#include "ports/registry.h"
#include "ports/signals.h"
#include "signals/traffic/unserved.h"

namespace davy::host {

namespace asio = boost::asio;

class LiveSignals final : public ports::Signals {
 public:
  // `releases`: server -> release, kept fresh by the router's operator.
  LiveSignals(ports::Outside&, const ports::Registry&, const std::map<std::string, std::string>& releases);

  // Binds the log sockets and makes the sources of the runbook's signals; the Error names the one that cannot be had.
  Result<> open(const run::Runbook&);

  // Reads sources and probes, each at its own pace, until it is cancelled.
  void begin(engine::Nursery&);

  ports::Task<judge::Window> next() override;
  void read_by_rules(const judge::Window&) override;
  void paused() override;

  std::map<std::string, std::string> formats() const override;

 private:
  struct Log {
    std::string name;
    std::unique_ptr<ports::Source> owner;
    ports::TrafficLog* log = nullptr;
    signals::Unserved unserved = {};
    Time reached{};  // the end of its last window
  };
  // Either a source, or a probe, all whose numbers and words are read.
  struct Read {
    std::string name, kind;
    spec::Value options;
    Duration every{};
    bool traffic = false;                  // requests came from it: while it is away nothing counts
    bool by_server = false;                // its labels are servers
    std::unique_ptr<ports::Source> owner;  // of `source`, but where that is part of a log
    ports::Source* source = nullptr;
    std::string away;  // why it cannot be read now
  };
  void take_labels(const run::Setup&);
  Result<> open_one(Read);
  void open_log(Read);
  signals::ReleaseMap map_of_releases() const;
  judge::Window by_release(const judge::Window& by_server) const;
  judge::Window named(judge::Window, const std::string& signal) const;
  asio::awaitable<void> read(Read&);
  ports::Task<judge::Window> look(Read&);
  void take(const Read&, const judge::Window&);
  ports::Task<judge::Window> gather();
  ports::Task<judge::Window> next_of(Log&);

  ports::Outside& outside_;
  const ports::Registry& registry_;
  const std::map<std::string, std::string>& releases_;
  std::map<std::string, std::string> versions_;  // what exporters call a release
  std::vector<run::Release> shared_;             // one version may be that of several services
  bool routed_ = false;                          // no router: what serves is the service as a whole
  ports::Asking asking_;
  std::string traffic_;  // the signal whose traffic has bare names: `error_rate`
  std::vector<Log> logs_;
  std::vector<std::unique_ptr<Read>> reads_;
  judge::Window aside_;  // what was read beside the logs since the last window
  Time last_{};
  Time paused_until_{};  // the end of the last window that nobody was judged by
};

}  // namespace davy::host
