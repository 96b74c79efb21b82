// Units of systemd: how they are, what has them start and end, and what Davy gives them beside their own files.
// Source: org.freedesktop.systemd1(5), systemd.unit(5), systemd.exec(5).
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/units.h"
#include "ports/task.h"

namespace davy::ports {

enum class Manager { system, user };  // who starts it: the machine's systemd, or that of the user who runs Davy

// As its manager says now. A unit that it does not know is an answer: `load` is "not-found".
struct UnitState {
  std::string name, load, active, sub;  // "app@18100.service", "loaded", "active", "running"
  std::string result;                   // "success", "exit-code", "signal", "timeout", "start-limit-hit" …
  std::string invocation;               // of this life, or of the last one; empty: it never had one
  std::int64_t pid = 0;                 // of its main process; 0: there is none
  std::int64_t ended = 0;               // how that ended, as in waitid(2): 0 it did not, 1 exited, 2 killed, 3 dumped
  std::int64_t status = 0;              // with which exit code, or by which signal
  std::int64_t restarts = 0;            // by systemd itself, since somebody had it start
  Time since{};                         // it became active, by the machine's wall clock; zero: it did not
  std::vector<std::string> drop_ins;    // files that it was read from beside its own, in their order
  std::vector<std::string> environment_files;
  std::string directory, program;  // WorkingDirectory=; the first ExecStart= with its arguments

  std::string file_state;  // "enabled": it is started at a boot

  bool known() const { return load != "not-found"; }
  bool enabled() const { return file_state == "enabled"; }
};

enum class UnitAct { start, stop, restart };

// How the job ended that an act began: "done", "failed", "timeout", "dependency", "canceled", "skipped". Two are Davy's
// own: "running" where it goes on at the end of the time that was given, and "again" where it goes on although the unit
// has failed, because systemd starts it once more.
struct JobEnd {
  std::string unit, result;
  bool done() const { return result == "done"; }
};

// What one unit is given: a file of variables that root alone can read (or the user, of their own manager), and a
// drop-in that has the unit load it. They stay over a reboot.
struct Gift {
  std::string note;  // opaque; kept in the drop-in, where all may read it, and handed back by given()
  std::map<std::string, std::string> variables;
  std::map<std::string, SecretRef> secrets;  // values are put in by src/io alone
  std::string directory = {};                // in which it starts; empty: as the unit itself says
};
struct Given {
  std::string unit, note;
  std::string drop_in, environment;  // where the two files lie
};

// Names are full ones: "shop.service". One connection to the bus for each call. Code::unavailable: nobody answers
// there, or it left; Code::timed_out; Code::refused: this user may not do that; Code::invalid: systemd will not, and
// says why, or its answer makes no sense. Each call may be cancelled, and repeated: what is so already is left as it
// is. A job goes on without whoever waits for it.
struct Units {
  virtual ~Units() = default;
  virtual Task<UnitState> look(Manager, std::string unit) = 0;

  // All are begun before the first is waited for; in the order that was given. Code::invalid: the first that systemd
  // would not begin; those before it have begun.
  virtual Task<std::vector<JobEnd>> act(Manager, UnitAct, std::vector<std::string> units, Duration within) = 0;

  virtual Task<> kill(Manager, std::string unit) = 0;          // KILL to all of its processes; fine when there is none
  virtual Task<> reset_failed(Manager, std::string unit) = 0;  // its failure is forgotten, and how often it was started
  // Whether it is started at a boot, where the `[Install]` of its file says so; of one that has none: fine, and
  // nothing.
  virtual Task<> enable(Manager, std::string unit, bool on) = 0;
  virtual Task<> reload(Manager) = 0;  // has all unit files read anew

  // Both take effect with the next reload(). Code::invalid: a variable that no unit can be given.
  virtual Task<> give(Manager, std::string unit, Gift) = 0;
  virtual Task<> take_back(Manager, std::string unit) = 0;

  // Of the unit of that name; of a template, "app@.service", of all its instances.
  virtual Task<std::vector<Given>> given(Manager, std::string unit) = 0;
};

}  // namespace davy::ports
