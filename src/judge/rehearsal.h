// What the judge would have said to a deployment that was recorded: the plan's gates, carried through in the
// recording's own time. Pure; `davy rehearse` prints it.
//
// The recording is taken as it is: a rehearsal cannot give the candidate more users than it had. Gates follow each
// other as the plan has them, each bakes on what was recorded from its beginning on, with the shares that were really
// there.
#pragma once
#include "judge/judge.h"

namespace davy::judge {

// A bake of the runbook, and what had been given before it ("canary/25%").
struct Gate {
  std::string path;
  Duration bake{};
  std::vector<spec::Condition> pass;
};
std::vector<Gate> gates_of(const run::Runbook&);

struct Decision {
  enum class What { met_users, promoted, held, rolled_back, told, passed };
  Time at{};
  What what = What::told;
  std::string gate;      // where it was; empty behind the last one
  std::string sentence;  // why
};

class Rehearsal {
 public:
  Rehearsal(Setup, std::vector<Gate>);
  ~Rehearsal();
  Rehearsal(Rehearsal&&) noexcept;

  // One recorded window, in order of time; answers what Davy would have decided with it. Before the candidate's first
  // request windows are the baseline. After `held` rules are still judged, as in a run; nothing is promoted.
  std::vector<Decision> see(const Window&);

  bool over() const;  // rolled back: nothing recorded later would have happened
  // The windows ended before the gates did: how far it came.
  std::string still() const;

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace davy::judge
