// The guard in the keeper: armed with a way back, it takes it when nobody has judged for the length of its patience.
//   idle ⇄ armed (counting down) → taking (a child carries it out) → idle, or armed for a second when it failed
// What is armed lies in <spool>/armed too, so that the next keeper goes on when this one is killed. A request that
// comes while the way back is being taken waits until that is over: nobody arms or disarms half of it.
#pragma once
#include <string>
#include <vector>

#include "io/keeper/keeper_commands.h"
#include "io/keeper/poll_loop.h"
#include "ports/guard.h"

namespace davy::io {

class KeptGuard {
 public:
  using Say = std::function<void(const std::string&)>;
  KeptGuard(PollLoop& loop, Spool spool, Duration patience, Say say);

  void begin();  // goes on with what the keeper before this one had armed
  void arm(const ports::WayBack&, Answer);
  void judged(Answer);
  void disarm(Answer);
  void settle(Answer);
  bool idle() const { return state_ == State::idle; }

 private:
  enum class State { idle, armed, taking };
  void when_settled(PollLoop::Action);
  void count_down(Duration);
  void take();
  void taken(int wait_status);

  PollLoop& loop_;
  Spool spool_;
  Duration patience_;
  Say say_;
  State state_ = State::idle;
  ports::WayBack way_;
  PollLoop::Timer countdown_{};
  std::vector<PollLoop::Action> waiting_;
};

}  // namespace davy::io
