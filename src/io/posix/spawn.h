// fork and exec as the keeper does them: it is single-threaded, so the child may do as it likes before it becomes the
// command, and writes its own `begun`.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace davy::io {

inline constexpr int kDidNotBegin = 125;  // exit code of a child whose before_exec said no

struct Program {
  enum class Own { group, session };
  std::vector<std::string> argv;
  std::vector<std::string> env;  // NAME=value, all of it
  std::string cwd;               // empty: the keeper's
  Own own = Own::group;
  int output = -1;                    // becomes stdout and stderr; stdin is /dev/null
  std::function<bool()> before_exec;  // in the child; false: it ends with kDidNotBegin instead
  int failed_exec = -1;               // when not -1: gets errno as an int when exec fails (else it closes empty)
};

// The child has default signals, no descriptors of ours, and, when the program cannot be run, says so on its output and
// ends with 127, as in a shell (126: its folder cannot be entered).
Result<pid_t> fork_exec(const Program&);

// A child that does `work` instead of becoming a program, with `output` as for one; the result is its exit code. It has
// a group of its own and none of our other descriptors, so that it may outlive nothing and hold nothing of ours.
Result<pid_t> fork_into(int output, const std::function<int()>& work);

// A Davy of its own: our keeper, or an engine that has none. With output -1 it says nothing to anybody; with `session`
// no terminal of ours is its own.
Result<pid_t> spawn_davy(const std::vector<std::string>& argv, int output, bool session);

inline std::vector<std::string> names_of(const std::map<std::string, std::string>& all) {
  std::vector<std::string> out;
  for (auto& [name, value] : all) out.push_back(name);
  return out;
}

// Our own environment but for what tells whose process one is and for the names in `hidden`, then `added` and
// `secrets`. The caller wipes it.
std::vector<std::string> environment(const std::map<std::string, std::string>& added,
                                     const std::map<std::string, std::string>& secrets,
                                     const std::vector<std::string>& hidden = {});

}  // namespace davy::io
