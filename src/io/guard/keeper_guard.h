// The guard in the keeper: armed with moves that were found working, it takes them when nobody has judged for as long
// as the way back is patient.
//   idle ⇄ armed (counting down) → taking (each move by itself) → idle when all are done
// What is armed lies in <spool>/armed too, so that the next keeper goes on when this one is killed; how far a way back
// has come lies in <spool>/way-back, for people and for the next keeper. Nobody arms or disarms in the middle of an
// act, nor before an engine was told that users were moved.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "io/guard/kept_move.h"
#include "io/guard/way_back.h"
#include "io/keeper/keeper_commands.h"
#include "io/posix/poll_loop.h"
#include "io/posix/reserve.h"
#include "ports/guard.h"

namespace davy::io {

class KeptGuard {
 public:
  using Say = std::function<void(const std::string&)>;
  // patience: instead of that of each way back, for tests; zero: none.
  // mute: what to do when the way back had to be taken and no engine says a word even then.
  // mute: the engine says nothing even now. begins: the way back is about to be taken.
  KeptGuard(
      PollLoop& loop, Spool spool, Duration patience, PlanFolder folder, Say say, PollLoop::Action mute,
      PollLoop::Action begins = [] {});
  ~KeptGuard();

  void begin();  // goes on with what the keeper before this one had armed, or was taking
  void arm(const ports::WayBack&, const SecretValues&, Answer);
  void judged(Answer);
  void disarm(Answer);
  void taken(const Answer&);
  bool idle() const { return !held_ && !arming_; }

 private:
  struct Held {
    ports::WayBack way;
    SecretValues secrets;
    std::vector<std::unique_ptr<KeptMove>> moves;
    ~Held();
  };
  struct Arming {
    std::shared_ptr<Held> held;
    std::vector<Answer> answers;
    std::size_t open = 0;  // moves that are still being looked at
    Result<> found = {};
  };
  std::shared_ptr<Held> hold(ports::WayBack, SecretValues);
  void look_at(KeptMove&);
  void armed();
  void install(const std::shared_ptr<Held>&);
  Duration patience() const;
  void count_down(Duration since);  // since: on the clock of the boot
  void listen_for_engine();
  void take();
  bool taking_on() const { return held_ && taking_; }
  bool untold() const { return taking_ && taking_->at && !taking_->told; }
  void look_again();  // soon: a child of a move has ended, and that move must not be destroyed under itself
  void look();
  void note_progress();
  void when_quiet(PollLoop::Action);
  void settle();
  void forget_taking();
  void forget();
  void write(const std::string& name, const std::string& text);

  static constexpr std::size_t kReserve = 16;  // what two moves need at once: pipes, forks, a socket in each child

  PollLoop& loop_;
  Spool spool_;
  Reserve reserve_{kReserve};  // given up while users are moved: too few descriptors must not keep them
  Duration patience_;
  PlanFolder folder_;
  Say say_;
  std::shared_ptr<Held> held_;
  std::unique_ptr<Arming> arming_;
  std::optional<Taking> taking_;  // with held_: moves are being carried out; without: all are done
  PollLoop::Action mute_, begins_;
  bool heard_ = false;    // an engine asked for something since the way back began to be taken
  Duration judged_at_{};  // the newest sign of life, on the clock of the boot
  PollLoop::Timer countdown_{}, looking_{}, listening_{};
  std::vector<PollLoop::Action> waiting_;
};

}  // namespace davy::io
