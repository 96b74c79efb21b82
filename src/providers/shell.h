// Commands of the user: handed to /bin/sh untouched, variables in the environment. Pure.
#pragma once
#include <string>

#include "ports/outside.h"

namespace davy::providers {

inline ports::CommandSpec shell(std::string text, std::string cwd, const ports::Asking& who) {
  return {.argv = {"/bin/sh", "-c", std::move(text)},
          .env = who.variables,
          .secret_env = who.secrets,
          .cwd = ports::beside(who.directory, cwd),
          .timeout = who.timeout};
}

// "exit 3 after 400ms: no such table": the last line that it wrote says most.
std::string how(const ports::CommandEnd&);

std::string last_line(std::string_view output);

}  // namespace davy::providers
