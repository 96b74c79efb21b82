// Commands and instances. Both are started by the run's keeper (src/io/keeper.h), so that they and their exit status
// survive Davy.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "ports/task.h"

namespace davy::ports {

struct CommandSpec {
  std::vector<std::string> argv;  // never a shell line, except the plan's own `run:` text as {"/bin/sh", "-c", text}
  std::map<std::string, std::string> env;       // added to the keeper's environment
  std::map<std::string, SecretRef> secret_env;  // values are put in by src/io alone
  std::string cwd;
  Duration timeout = std::chrono::minutes(10);  // then TERM to the group, grace, KILL
  Duration grace = std::chrono::seconds(10);
  std::size_t keep_output = 256 * 1024;  // bytes kept; the middle of longer output is dropped, and said so
};

struct CommandEnd {
  std::optional<int> exit_code;  // neither this nor signal: nobody saw its end (the keeper died too, or a reboot)
  std::optional<int> signal;
  bool timed_out = false;
  std::string output;       // masked, bounded
  std::string output_path;  // where all that was kept lies; empty for a question
  Duration took{};
  bool known() const { return exit_code || signal; }
};

// What a step does has a key, by attempt: launch() of one that began already behaves like find(), no command runs
// twice. What only looks is asked, as often as wanted, and has none.
struct Process {
  virtual ~Process() = default;

  // A question: runs a command that changes nothing, and keeps nothing of it; the output is in the answer alone. Never
  // found again. Cancelling the call ends its whole group; so does the end of this Davy. What it leaves in the
  // background is ended with it. May run twice for one call, when the keeper dies meanwhile.
  virtual Task<CommandEnd> ask(CommandSpec) = 0;

  // Starts and waits for the end. Cancelling the call does not end the command; end() does.
  // An empty key is an error: it would be everybody's.
  virtual Task<CommandEnd> launch(std::string key, CommandSpec) = 0;

  // Waits for one that began earlier; nothing when it never began (of this boot). After a reboot, or when the keeper
  // died with it, an end that nobody saw is a CommandEnd that is not known().
  virtual Task<std::optional<CommandEnd>> find(std::string key) = 0;

  // Ends what was launched under this key, and all that was under a longer one ("a7" and "a7-start"): TERM to each
  // group, grace, KILL. Returns when they are gone; fine when none is there.
  virtual Task<> end(std::string key, Duration grace) = 0;
};

// A long-lived process that outlives the run: one instance of a release on platform `process`.
struct InstanceSpec {
  std::vector<std::string> argv;
  std::map<std::string, std::string> env;
  std::map<std::string, SecretRef> secret_env;
  std::string cwd;
  std::string note;  // opaque; kept with it and handed back by list()
};
struct InstanceState {
  std::string key, note;
  std::int64_t pid = 0;
  Time started{};
  bool alive = false;            // same pid, same start time, same boot
  std::optional<int> exit_code;  // when the keeper saw its end
  std::optional<int> signal;
  std::string log_path;
};
struct Instances {
  virtual ~Instances() = default;
  // Starts it unless one with this key is alive. Key: "service.environment/release/0": letters, digits, -_.~+ and /.
  virtual Task<InstanceState> start(std::string key, InstanceSpec) = 0;
  virtual Task<std::vector<InstanceState>> list(std::string key_prefix) = 0;  // dead ones too, until forgotten
  virtual Task<> stop(std::string key, Duration grace) = 0;  // TERM, grace, KILL of its whole group; fine when gone
  virtual Task<> forget(std::string key) = 0;                // removes what is kept of a dead one
};

}  // namespace davy::ports
