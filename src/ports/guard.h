// The prepared way back. The keeper holds it and takes it by itself when no engine has judged for its patience while a
// candidate has users: a dead Davy never leaves a bad candidate in traffic.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "ports/task.h"

namespace davy::ports {

// One thing that is said to a socket, or run as a program. Data, not code, so that a process of a few hundred lines can
// carry it out.
struct Act {
  std::string address, text;                    // as Dialer::ask of a stream socket; or, without an address:
  std::vector<std::string> argv;                // the program
  std::string cwd;                              // where it runs; empty: the keeper's
  std::map<std::string, std::string> env;       // added to the keeper's environment
  std::map<std::string, SecretRef> secret_env;  // values are put in by src/io alone
  std::string
      expect;  // as in Move: what its answer must match, else no act after it is done in this try; empty: nothing
};

// One thing that moves users back. It depends on no other and is carried out beside them, again and again until its
// proof holds, so each act must be safe to repeat. What acts answer is looked at only where they expect something:
// nobody is taken away from one release before another is seen to be up. Whether it is done the proof alone tells.
struct Move {
  std::string what;  // "traffic of shop to shop 1", for people
  std::string host;  // where it is carried out; "" is here
  std::vector<Act> acts;
  Act proof;  // a question that changes nothing
  // POSIX extended regular expressions on the proof's answer, ^ and $ at each line: all of `expect` must match, one at
  // least is given, and none of `lacks` may.
  std::vector<std::string> expect, lacks;
  Duration within = std::chrono::seconds(5);  // of one act or proof
  // For people: what it means that `expect` is missing ("HAProxy finds nobody of it up"), and that one of `lacks` is
  // there. Empty: they are shown the expression and the answer.
  std::string missing = {}, left = {};
};

struct WayBack {
  std::vector<Move> moves;
  Duration patience = std::chrono::seconds(15);  // without a judge
  bool rehearse = false;  // carry each out once now: the previous release has everybody, so nothing is moved
};

struct Guard {
  virtual ~Guard() = default;

  // Armed means found working: of each move the programs can be run, folders and secrets are there, the proof is
  // answered in time, and with `rehearse` it held after the acts. Else an Error names the move and why, and what was
  // armed before stays so. Replaces the one before, whose countdown goes on: to arm is no sign of life. Without moves
  // nothing is armed. Code::conflict when the one before has moved users and nobody was told yet: ask taken().
  virtual Task<> arm(WayBack) = 0;
  virtual Task<> judged() = 0;  // "a judge lives": at least every 5 s while armed
  virtual Task<> disarm() = 0;  // Code::conflict as for arm()

  struct Open {
    std::string what, why;  // a move whose proof does not hold, and what stands in its way
  };
  struct Taken {
    Time at{};                      // of the first act that was carried out
    std::vector<std::string> done;  // moves whose proof held
    std::vector<Open> open;         // the others; each is tried on
  };
  // What was carried out since the last arm() or disarm(); something as soon as one act was. Repeatable.
  virtual Task<std::optional<Taken>> taken() = 0;
};

// "traffic of shop to shop 1; not yet: traffic of web to web 3 (connecting to /run/b.sock: Connection refused)"
std::string in_words(const Guard::Taken&);

}  // namespace davy::ports
