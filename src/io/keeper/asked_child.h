// What the keeper asks a child of its own: a program, or a socket that must not hold the keeper up. The answer is kept
// in memory and bounded; nothing is written; the child dies with the keeper, since nobody would look for it.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "io/keeper/keeper_protocol.h"
#include "io/keeper/running_command.h"

namespace davy::io {

// How the child says that nothing came of it, as a shell does of a program: no such folder or program, nobody listens.
inline constexpr int kNotReached = 126, kNoProgram = 127;

// done: once, later; output() tells the answer then. What a program left in the background is ended when `rest` says
// so.
using AskedChild = std::unique_ptr<RunningCommand>;
Result<AskedChild> ask_program(PollLoop&, const Command&, RunningCommand::Rest, std::function<void(Ended)> done);

struct SocketQuestion {
  std::string address, text;
  Duration timeout{};
  const std::map<std::string, std::string>& masked;
};
// Exit code 0 with the answer; kNotReached when nobody listens; 1 when it was said and not answered to the end. The
// reason is the output then.
Result<AskedChild> ask_socket(PollLoop&, const SocketQuestion&, std::function<void(Ended)> done);

}  // namespace davy::io
