// Questions, as the keeper runs them: like commands, but nothing of them is written anywhere, and each belongs to the
// one who asked. When he gives up, or is gone, its whole group is ended.
#pragma once
#include <map>

#include "io/keeper/asked_child.h"
#include "io/keeper/keeper_commands.h"
#include "io/keeper/keeper_socket.h"

namespace davy::io {

class Questions {
 public:
  explicit Questions(PollLoop& loop) : loop_(loop) {}

  void ask(Asker, const Command&, Answer);  // Answered, when it has ended
  void give_up(Asker);                      // fine when it is over
  void gone(std::uint64_t client);          // all that this client asked
  bool idle() const { return running_.empty(); }

 private:
  struct Entry {
    AskedChild child;
    Answer answer;
    Duration grace{};
  };
  void done(Asker, const Ended&);

  PollLoop& loop_;
  std::map<Asker, Entry> running_;
};

}  // namespace davy::io
