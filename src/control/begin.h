// The verb `begin`: a run comes to be, under its locks, and its keeper and engine are started in the background.
#pragma once
#include <functional>

#include "control/draft.h"
#include "host/beginning.h"

namespace davy::control {

// A run that stands behind the open one that it replaces. While this lasts nobody takes it for abandoned.
struct Behind {
  Draft draft;
  std::string replaces;
  host::Beginning begins;
};

struct Begun {
  enum class How {
    goes_on,         // `run` has an engine
    serves_already,  // nothing was begun; `says` which version, and where
    not_ready,       // nothing was begun: what the run needs from outside is not as it must be, and `why`
    stands_behind,   // `behind`: say "replace" to the open run (steer), and when it has come to rest, take_its_place()
    not_replaced,    // the run that it was to replace goes on; this one has ended
  };
  How how = How::goes_on;
  std::string run = {}, says = {};
  Error why = {};
  std::optional<Behind> behind = {};
};

// A wish that contradicts itself: Code::invalid.
Result<> makes_sense(const Wish&);

// Code::refused when another run is in the way, or users would be left with nobody. `note`: what a person should know
// of a run that is about to begin, as it is found.
Result<Begun> begin(Runs&, const PlanFile&, const Wish&, const std::function<void(const std::string&)>& note);

// The new run stands behind the open one, which loses its users first, and its candidate; what it did to the data
// stays. With its end, and in the same transaction, the new one has its locks: killed at any moment, one run has them.
Result<Begun> take_its_place(Runs&, Behind);

}  // namespace davy::control
