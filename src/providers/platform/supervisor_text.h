// What is said to supervisord and what it answers, as text: XML-RPC (http://xmlrpc.com/spec.md) and the methods of
// http://supervisord.org/api.html. Pure; answers are hostile.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/units.h"
#include "spec/json.h"

namespace davy::providers {

// Of one answer: some hundred programs.
inline constexpr Bytes kMostOfAnAnswer{1024 * 1024};

std::string rpc_url(std::string_view server);  // "/run/x.sock", "unix:///run/x.sock", "http://host:port"
std::string rpc_request(std::string_view method, const std::vector<spec::Json>& parameters);

// supervisor/xmlrpc.py
enum class FaultCode { shutting_down = 6, bad_name = 10, spawn_error = 50, already_started = 60, not_running = 70 };
struct RpcFault {
  std::int64_t code = 0;
  std::string text;
  bool is(FaultCode c) const { return code == static_cast<std::int64_t>(c); }
};
struct RpcAnswer {
  spec::Json value;
  std::optional<RpcFault> fault = {};
};
// Code::invalid: it is no answer of XML-RPC, or one that is nested deeper than any of supervisord's.
Result<RpcAnswer> rpc_answer(std::string_view body);

// http://supervisord.org/subprocess.html#process-states
enum class ProgramState {
  stopped = 0,
  starting = 10,
  running = 20,
  backoff = 30,  // it ended before `startsecs`, and is started again in a moment
  stopping = 40,
  exited = 100,
  fatal = 200,  // it ended too quickly `startretries` times: supervisor has given up
  unknown = 1000
};
std::string_view word(ProgramState);

struct Program {
  std::string group, name;
  ProgramState state = ProgramState::unknown;
  std::string spawn_error = {};
  std::int64_t pid = 0;        // 0: no process
  std::int64_t exit_code = 0;  // where it is EXITED; -1: by a signal
  Duration since{};            // it was started; of EXITED: it ended. By supervisord's clock, in whole seconds
  bool dated = true;           // false: that clock was set back since
  std::string stdout_log = {}, stderr_log = {};

  bool runs() const { return state == ProgramState::running; }
  bool lives() const { return pid > 0; }
  // An EXITED one may be about to be started again.
  bool is_down() const;
};
std::string full_name(const Program&);  // as supervisorctl has it: "web:api", or "backend" where both are one
std::string says(const Program&);       // "RUNNING, pid 4711, for 2m", "FATAL: Exited too quickly"

Result<std::vector<Program>> programs_of(const spec::Json&);  // of getAllProcessInfo

// Of `backend`, `web:api`, `web:*` or `all`. Code::invalid: there is no such program, and who is meant perhaps.
Result<std::vector<Program>> chosen(const std::vector<Program>&, std::string_view which);

// Of the group, then within it: lower ones start first and stop last.
using Priority = std::pair<std::int64_t, std::int64_t>;
using Priorities = std::map<std::string, Priority>;   // by full_name
Result<Priorities> priorities_of(const spec::Json&);  // of getAllConfigInfo

// Of each program its folder and its command, by full_name; of one without a folder that is empty.
struct ProgramHome {
  std::string directory, command;
};
Result<std::map<std::string, ProgramHome>> homes_of(const spec::Json&);  // of getAllConfigInfo

// Names, those of one priority together, in the order in which they are started.
std::vector<std::vector<std::string>> in_order(const std::vector<Program>&, const Priorities&);

}  // namespace davy::providers
