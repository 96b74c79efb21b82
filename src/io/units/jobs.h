// Jobs of systemd that one call begins, followed to their ends. The match stands before a job is begun, and its own
// path tells it from those of others.
#pragma once
#include "io/units/bus.h"

namespace davy::io {

class Jobs {
 public:
  Jobs(Bus& bus, ports::UnitAct act, std::vector<std::string> units)
      : bus_(bus), act_(act), units_(std::move(units)), jobs_(units_.size()) {}

  void begin();
  bool begun() const;  // each of them, or refused
  bool over() const;
  Result<std::vector<ports::JobEnd>> ends() const;

 private:
  struct Job {
    std::string path;  // empty: systemd has not said it yet
    std::optional<Error> refused;
    bool none = false;   // there is nothing to do
    bool again = false;  // its unit has failed and is to be started once more
  };
  void heard_of(std::size_t job, sd_bus_message*);
  std::string result_of(const Job&) const;  // empty: it goes on

  Bus& bus_;
  ports::UnitAct act_;
  std::vector<std::string> units_;
  std::vector<Job> jobs_;
  std::map<std::string, std::string> removed_;  // of whoever: by path, how it ended
};

}  // namespace davy::io
