// One release's units, as one asks and tells systemd. Made for a call, and lives as long.
#pragma once
#include "ports/platform.h"
#include "providers/platform/systemd_text.h"

namespace davy::providers {

// One that was given to this release; or, in place, that nobody knows to be another's.
struct OneUnit {
  std::string unit;
  SystemdNote note;
  ports::UnitState state;
  bool given = false;  // and it is loaded: what lives of it was started for this release
};

class ReleaseUnits {
 public:
  ReleaseUnits(ports::Outside& out, const ports::Place& at, run::Release release, SystemdOptions o, ports::Asking who);

  // As they are now, by index; those of a template, dead ones too. Code::invalid: in place, there is no such unit.
  ports::Task<std::vector<OneUnit>> found();

  // Has instances 0…n-1 ready to be started: down, given what they need, and this loaded. Those that live for this
  // release already stay as they are, and are not in the answer.
  ports::Task<std::vector<std::string>> make_ready(int n);

  // Where it starts, as its unit says.
  ports::Task<std::vector<ports::Home>> homes();

  // Before what runs in its place goes: a unit that cannot be given a release could not be started for any, neither for
  // the next one nor for this. Code::refused: it cannot, and is as it was.
  ports::Task<> can_be_given(OneUnit);

  // Of a template: they come up with the machine, where its `[Install]` says so.
  ports::Task<> keep(const std::vector<OneUnit>&);

  // Ends them, and takes back what they were given.
  ports::Task<> end(std::vector<std::string> units);

  // The end of what its processes printed since then; empty where that says nothing, or cannot be read.
  ports::asio::awaitable<std::string> last_words_of(std::string unit, Time since);

  std::string health_of(const OneUnit&) const;  // what to ask; empty: nothing

 private:
  bool in_place() const { return !is_template(o_.unit); }
  bool shipped_by_this_run() const;
  ports::Task<std::optional<OneUnit>> in_its_place();
  ports::Task<std::string> ready(std::int32_t index, const std::vector<OneUnit>& mine);
  ports::Task<SystemdNote> note_for(std::int32_t index);
  ports::Task<> is_loaded(std::string unit);
  ports::Gift gift_of(const SystemdNote&) const;
  ports::Task<> stop(std::vector<std::string> units);

  ports::Outside& out_;
  const ports::Place& at_;
  run::Release release_;
  SystemdOptions o_;
  ports::Asking who_;
};

}  // namespace davy::providers
