// What the signals of a plan said of late, for checks that are conditions. Windows in, findings out.
#pragma once
#include <map>

#include "judge/rules.h"

namespace davy::judge {

class Readings {
 public:
  void keep(const spec::Condition&);  // the stretch that it reads, from now on; before the first window
  void see(const Window&);
  Duration longest() const { return stretches_.empty() ? Duration{} : stretches_.rbegin()->first; }
  void begin_anew();  // what was seen is about another time: before a restart, in maintenance
  void blind(std::string why) { blind_ = std::move(why); }  // no window will come

  struct Found {
    Holds holds = Holds::cannot_tell;
    std::string says = {};             // "error_rate is 0.05% over 15m", or why it cannot be told
    std::string shown = {}, raw = {};  // what was found, for people and in base units
    bool early = false;                // nothing was read of it yet: the next look may tell
  };
  // Of this release, else of the service as a whole. With `over`, all of that stretch must have been seen.
  Found find(const spec::Condition&, const std::string& release) const;

  // Whether a rule accuses this release now, as the judge of a run has it: few requests and few errors prove nothing,
  // and then it does not hold. Nobody can tell where what was to be read was not there; and, `early`, where too few
  // came by for anybody to be well or not.
  Found accuses(const spec::Condition&, const run::Subject&) const;

  // Whether anything told of this release in a minute: requests, or a reading of its own.
  bool knows(const spec::Condition&, const std::string& release) const;

 private:
  std::map<Duration, Rolling> stretches_;
  std::string blind_;
};

}  // namespace davy::judge
