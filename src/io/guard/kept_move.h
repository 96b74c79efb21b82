// One move in the keeper: its acts one after the other, then its proof, each in a child, so that nothing here waits.
//   resting → trying (acts, proof) → done, or pausing → trying …
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "io/keeper/asked_child.h"
#include "io/posix/plan_folder.h"
#include "ports/guard.h"

namespace davy::io {

using SecretValues = std::map<std::string, std::string>;  // name → value

class KeptMove {
 public:
  // changed: after each end of a child, and each turn of what is said below. `secrets` outlives this.
  KeptMove(PollLoop& loop, ports::Move move, const SecretValues& secrets, PlanFolder folder,
           std::function<void()> changed);
  ~KeptMove();
  KeptMove(const KeptMove&) = delete;
  KeptMove& operator=(const KeptMove&) = delete;

  // Whether it could be taken: programs, folders, secrets, and that the proof is answered; with `rehearse` the acts are
  // carried out, and the proof must hold.
  void find_working(bool rehearse, std::function<void(Result<>)>);

  void take();                      // again and again until the proof holds; fine when that goes on
  void rest();                      // begins nothing more; what runs comes to its end
  void is_done() { done_ = true; }  // a keeper before this one has seen the proof

  const std::string& what() const { return move_.what; }
  const std::string& why() const { return why_; }            // not done yet: what the last try met, for people
  const std::string& answered() const { return answered_; }  // where `why` is in words: what the proof really answered
  bool done() const { return done_; }
  bool busy() const { return child_ != nullptr; }
  bool touched() const { return touched_; }  // an act was carried out, whatever came of it
  bool has_secrets() const;                  // all that it needs

 private:
  struct Came {
    Ended end;
    std::string output;
  };
  Result<> can_be_run() const;
  Result<> can_be_run(ports::Act) const;
  void begin(std::size_t act);
  void prove();
  std::string what_failed(const ports::Act&, const Came&) const;  // empty: nothing did
  void ask(const ports::Act&, RunningCommand::Rest, std::function<void(Came)>);
  Result<> proven(const std::string& answer);
  void ended(Result<> held);
  void pause();
  std::string how(const ports::Act&, const Came&) const;

  PollLoop& loop_;
  ports::Move move_;
  const SecretValues& secrets_;
  PlanFolder folder_;
  std::function<void()> changed_;
  AskedChild child_;
  PollLoop::Timer pause_{};
  bool wanted_ = false, done_ = false, touched_ = false, rehearsing_ = false;
  int tries_ = 0;
  std::string unworkable_;  // an act that failed in the rehearsal, whatever the proof says: it had nothing to do
  std::string failed_act_, why_ = "not tried yet", answered_;
  std::function<void(Result<>)> found_;  // set while it is only looked at
};

}  // namespace davy::io
