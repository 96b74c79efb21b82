// The processes that belong to something Davy started, to end all of them.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "io/posix/machine.h"

namespace davy::io {

// What it carries there: a process of an instance, or of a command of a run.
inline constexpr std::string_view kInstanceVariable = "DAVY_INSTANCE";
inline constexpr std::string_view kCommandVariable = "DAVY_COMMAND";

// A process belongs to it that is of the leader's group or session, and, with a cookie, every process that carries it
// in its environment: a daemon leaves group and session behind, but not its environment.
struct Family {
  ProcessId leader;
  std::string cookie = {};  // "NAME=value"
};

// Those that live (a zombie does not), never one that is older than the leader: then its pid was reused.
std::vector<ProcessId> living(const Family&);

// TERM, KILL … to exactly this process: not to another that has its pid by now.
void send_signal(const ProcessId&, int signal);

}  // namespace davy::io
