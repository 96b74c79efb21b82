// Whether lines are missing shows a little later, when they are compared with counters. The judge takes windows at
// once, since what it sees is there; a bake, which rests on what is not there, and the samples take them when they are
// sure.
#pragma once
#include <deque>
#include <vector>

#include "judge/numbers/window.h"

namespace davy::engine {

class Settling {
 public:
  // Takes the newest window, and answers those that are settled now, in order: whole, or with the gap that was found.
  std::vector<judge::Window> see(judge::Window);

  // Those that are not settled yet: what they tell was seen, and more may have been there.
  const std::deque<judge::Window>& waiting() const { return waiting_; }

  // All that is left: nobody will compare them any more.
  std::vector<judge::Window> rest();

 private:
  std::deque<judge::Window> waiting_;
};

}  // namespace davy::engine
