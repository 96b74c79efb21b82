// Commands, instances and the guard of one run, as the rest of Davy uses them: over <spool>/ctl, by the run's keeper.
//
// When there is no keeper (the first call, or it was killed) one is started; that call blocks for some milliseconds. A
// command whose keeper was killed is found by the next one: awaited, though its exit code stays unknown. Every waiting
// call can be cancelled without harm to the command. All calls from one executor that runs one handler at a time.
#pragma once
#include <functional>
#include <string>

#include "io/keeper/instance_store.h"
#include "io/keeper/keeper_connection.h"
#include "io/secrets/secrets.h"
#include "ports/guard.h"
#include "ports/process.h"

namespace davy::io {

struct KeeperClientOptions {
  std::string spool;
  std::string instances;
  std::string boot;  // empty: the kernel's
  // Starts a keeper with the same spool and instances: io::start_keeper("/proc/self/exe", …). From inside an engine
  // with engine_pid set to its own pid.
  std::function<Result<>()> start_keeper;
};

class KeeperClient final : public ports::Process, public ports::Instances, public ports::Guard {
 public:
  KeeperClient(ports::asio::any_io_executor executor, KeeperClientOptions options, const Secrets& secrets);

  ports::Task<ports::CommandEnd> ask(ports::CommandSpec) override;
  ports::Task<ports::CommandEnd> launch(std::string key, ports::CommandSpec) override;
  ports::Task<std::optional<ports::CommandEnd>> find(std::string key) override;
  ports::Task<> end(std::string key, Duration grace) override;

  ports::Task<ports::InstanceState> start(std::string key, ports::InstanceSpec) override;
  ports::Task<std::vector<ports::InstanceState>> list(std::string key_prefix) override;  // without a keeper
  ports::Task<> stop(std::string key, Duration grace) override;
  ports::Task<> forget(std::string key) override;  // without a keeper

  ports::Task<> arm(ports::WayBack) override;
  ports::Task<> judged() override;
  ports::Task<> disarm() override;
  ports::Task<std::optional<Taken>> taken() override;

 private:
  ports::CommandEnd whole(const std::string& key, const Ended&) const;
  ports::Task<> tell(Request, Duration within);

  Spool spool_;
  InstanceStore store_;
  const Secrets& secrets_;
  KeeperConnection keeper_;
  ports::WayBack armed_;  // for a keeper that has lost its secrets
};

}  // namespace davy::io
