// What Docker's Engine API, or Podman's in its likeness, tells of a container: `GET /containers/NAME/json` and
// `GET /containers/NAME/stats?stream=false&one-shot=true` (docs.docker.com/reference/api/engine).
#pragma once
#include <string>
#include <string_view>

#include "base/error.h"
#include "judge/numbers/window.h"
#include "signals/metrics/counters.h"

namespace davy::signals {

// What `docker inspect` shows. Invalid: no such answer.
struct ContainerState {
  std::string status, health;  // "running", "restarting", "exited" …; "healthy", "unhealthy", "starting", or empty
  std::string id, started_at, label;
  double restarts = 0;  // by the engine's restart policy
  double exit_code = 0;
  bool out_of_memory = false;
  bool runs() const { return status == "running"; }
};
// `label`: which of the container's labels says what release it is; empty: none.
Result<ContainerState> parse_container(std::string_view json, std::string_view label);

// memory (bytes, without the file cache that can be given back), memory_share (of its limit), cpu (cores in use since
// the last look), processes; restarts (since the first look, also by another container under the same name),
// exit_code, oom_killed; states "" (its status) and "health". `stats` is empty while it does not run.
class ContainerAccount {
 public:
  Result<judge::Window> look(const ContainerState&, std::string_view stats, Time from, Time to);

 private:
  void count_restarts(const ContainerState&);
  Counters counters_;
  std::string id_, started_at_;
  double restarts_ = 0;
};

}  // namespace davy::signals
